"""The journal and the people, for managers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from careline.actions.unlock_member import unlock_member
from careline.core.errors import Refused
from careline.storage.journal import verify
from careline.web.access import admitted, console
from careline.web.reading.audit import read_audit, read_people
from careline.web.rights import Right
from careline.web.seen.audit import Verified

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@login_required
@require_safe
def audit(request: HttpRequest, slug: str) -> HttpResponse:
    return _show(request, slug, None)


@login_required
@require_POST
def audit_verify(request: HttpRequest, slug: str) -> HttpResponse:
    viewer = admitted(request, slug, Right.JOURNAL)
    verdict = verify(viewer.practice.id, viewer.now, viewer.actor)
    return _show(request, slug, Verified(verdict.first_bad is None, verdict.sealed, verdict.first_bad, verdict.why))


@login_required
@require_safe
def people(request: HttpRequest, slug: str) -> HttpResponse:
    with console(request, slug, Right.PEOPLE, purpose="operations") as (viewer, tx):
        seen = read_people(tx)
    return viewer.show(request, "careline/people.html", people=seen)


@login_required
@require_POST
def person_unlock(request: HttpRequest, slug: str, member_id: UUID) -> HttpResponse:
    """After wrong PINs or codes: they are rung and texted again."""
    viewer = admitted(request, slug, Right.PEOPLE)
    try:
        unlock_member(viewer.practice.id, member_id, viewer.person.id, viewer.now)
    except Refused as refused:
        raise Http404 from refused
    return redirect("people", slug)


def _show(request: HttpRequest, slug: str, verified: Verified | None) -> HttpResponse:
    with console(request, slug, Right.JOURNAL, purpose="operations") as (viewer, tx):
        seen = read_audit(tx, _before(request.GET.get("before", "")))
    return viewer.show(request, "careline/audit.html", audit=seen, verified=verified)


def _before(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
