"""What operators do to contacts that are up, and where they take calls."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from careline.actions.desk import set_available
from careline.actions.orders import KINDS, OPERATOR_WAITS, Asked, answer_of, order
from careline.core.errors import Refused
from careline.core.people import Private
from careline.storage.models import Contact
from careline.web.access import admitted, console
from careline.web.rights import Right
from careline.web.seen.calls import ANSWERS, DONE

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from careline.web.access import Viewer

LONGEST_LINE = 2000


@login_required
@require_POST
def presence(request: HttpRequest, slug: str) -> HttpResponse:
    viewer = admitted(request, slug, Right.CALLS)
    wanted = request.POST.get("available") == "1"
    try:
        set_available(viewer.practice.id, viewer.person.id, wanted, request.POST.get("number", ""), viewer.now)
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect("desk", slug)


@login_required
@require_POST
def call_order(request: HttpRequest, slug: str, contact_id: UUID) -> HttpResponse:
    """Ask the machine that holds the contact, wait for its answer at most 5 s, and say plainly what came of it."""
    with console(request, slug, Right.CALLS) as (viewer, tx):
        tx.journal("call.checked", "contact", contact_id)
        if not Contact.objects.filter(id=contact_id, practice_id=tx.practice).exists():
            raise Http404
    kind = request.POST.get("kind", "")
    try:
        result = _ask(request, viewer, contact_id, kind)
    except Refused as refused:
        messages.warning(request, f"Nothing was done: {refused}.")
    else:
        messages.info(request, DONE.get(kind, ANSWERS[result]) if result == "done" else ANSWERS.get(result, result))
    return redirect("contact", slug, contact_id) if request.POST.get("stay") else redirect("desk", slug)


def _ask(request: HttpRequest, viewer: Viewer, contact_id: UUID, kind: str) -> str:
    if kind not in KINDS:
        raise Refused("there is no such order")
    text = request.POST.get("text", "").strip()[:LONGEST_LINE]
    if kind == "say" and not text:
        raise Refused("nothing was written")
    version = request.POST.get("version", "")
    asked = Asked(
        contact_id, kind, secrets.token_hex(8), int(version) if version.isdigit() else 0,
        Private(text) if kind == "say" else None,
    )  # fmt: skip
    practice = viewer.practice.id
    row = order(practice, viewer.person.id, asked, viewer.now)
    return answer_of(practice, viewer.person.id, row, viewer.now, OPERATOR_WAITS.total_seconds())
