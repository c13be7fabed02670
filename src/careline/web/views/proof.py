"""A contact's proof to take away: printed, or as data. Taking it is a disclosure, and stands in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from careline.storage.journal import head
from careline.web.access import console
from careline.web.paper import as_pdf
from careline.web.reading.paper import read_paper
from careline.web.rights import Right

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest


@login_required
@require_safe
def proof_pdf(request: HttpRequest, slug: str, contact_id: UUID) -> HttpResponse:
    with console(request, slug, Right.CONTACT, purpose="disclosure") as (viewer, tx):
        paper = read_paper(tx, viewer, contact_id, "pdf")
    return _file(HttpResponse(as_pdf(paper), content_type="application/pdf"), f"proof-{paper.reference}.pdf")


@login_required
@require_safe
def proof_json(request: HttpRequest, slug: str, contact_id: UUID) -> HttpResponse:
    with console(request, slug, Right.CONTACT, purpose="disclosure") as (viewer, tx):
        paper = read_paper(tx, viewer, contact_id, "json")
    return _file(JsonResponse(paper.as_json(), json_dumps_params={"indent": 1}), f"proof-{paper.reference}.json")


@login_required
@require_safe
def journal_head(request: HttpRequest, slug: str) -> HttpResponse:
    """The end of the chain, to be kept elsewhere: `careline audit verify --head` finds a journal that was cut short since."""
    with console(request, slug, Right.JOURNAL, purpose="operations") as (_, tx):
        tx.journal("journal.head.taken", "journal_seal")
        found = head(tx, slug)
    return _file(JsonResponse(found), f"journal-head-{slug}.json")


def _file(response: HttpResponse, name: str) -> HttpResponse:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
