"""Messages for staff: the list, one message, accept and close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from careline.actions.close_message import accept_message, close_message
from careline.actions.record_outcome import record_outcome
from careline.core.errors import Refused
from careline.core.people import Private
from careline.storage.models import Message
from careline.web.access import console
from careline.web.reading.inbox import read_inbox, read_message
from careline.web.rights import Right
from careline.web.seen.inbox import OUTCOMES

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from careline.web.access import Viewer

LONGEST_NOTE = 2000  # characters


@login_required
@require_safe
def inbox(request: HttpRequest, slug: str) -> HttpResponse:
    tab = "closed" if request.GET.get("tab") == "closed" else "open"
    with console(request, slug, Right.INBOX) as (viewer, tx):
        seen = read_inbox(tx, tab)
    return viewer.show(request, "careline/inbox.html", inbox=seen)


@login_required
@require_safe
def message(request: HttpRequest, slug: str, message_id: UUID) -> HttpResponse:
    with console(request, slug, Right.INBOX) as (viewer, tx):
        seen = read_message(tx, message_id)
    return viewer.show(request, "careline/message.html", message=seen, outcomes=OUTCOMES, longest=LONGEST_NOTE)


@login_required
@require_POST
def accept(request: HttpRequest, slug: str, message_id: UUID) -> HttpResponse:
    viewer = _of_this_practice(request, slug, message_id)
    try:
        if not accept_message(viewer.practice.id, message_id, viewer.person.id, viewer.now):
            messages.info(request, "A colleague took this message a moment ago.")
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect("message", slug, message_id)


@login_required
@require_POST
def close(request: HttpRequest, slug: str, message_id: UUID) -> HttpResponse:
    """Record what was done and close; a patient who could not be reached leaves the message open."""
    viewer = _of_this_practice(request, slug, message_id)
    outcome, note = request.POST.get("outcome", ""), request.POST.get("note", "").strip()[:LONGEST_NOTE]
    private = Private(note) if note else None
    here = viewer.practice.id, message_id, viewer.person.id
    try:
        if outcome:
            record_outcome(*here, outcome, viewer.now, private)
        if outcome != "could_not_reach":
            close_message(*here, viewer.now, None if outcome else private)
            messages.success(request, "Closed.")
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect("message", slug, message_id)


def _of_this_practice(request: HttpRequest, slug: str, message_id: UUID) -> Viewer:
    with console(request, slug, Right.INBOX) as (viewer, tx):
        tx.journal("message.checked", "message", message_id)
        if not Message.objects.filter(id=message_id, practice_id=tx.practice).exists():
            raise Http404
    return viewer
