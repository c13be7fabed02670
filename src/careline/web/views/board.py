"""What the desk does about an unresolved page: one address, one press each."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from careline.actions.work_board import close_page, note_page, page_again, page_person
from careline.core.errors import Refused
from careline.core.people import Private
from careline.web.access import console
from careline.web.reading.pages import exists_here
from careline.web.rights import Right

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from careline.web.access import Viewer

_DONE = {
    "again": "Paged again, from the first step.",
    "person": "They are being reached now.",
    "note": "The note stands with the message.",
    "close": "Closed. The record stays.",
}


@login_required
@require_POST
def work_page(request: HttpRequest, slug: str, page_id: UUID) -> HttpResponse:
    with console(request, slug, Right.DESK) as (viewer, tx):
        exists_here(tx, page_id)
    what = request.POST.get("do", "")
    try:
        _do(request, viewer, page_id, what)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.info(request, _DONE[what])
    return redirect("desk", slug)


def _do(request: HttpRequest, viewer: Viewer, page_id: UUID, what: str) -> None:
    of, by, now = viewer.practice.id, viewer.person.id, viewer.now
    note = Private(request.POST.get("note", ""))
    match what:
        case "again":
            page_again(of, page_id, by, now)
        case "person":
            page_person(of, page_id, _person(request.POST.get("person", "")), by, now)
        case "note":
            note_page(of, page_id, by, note, now)
        case "close":
            close_page(of, page_id, by, request.POST.get("reason", ""), note, now)
        case _:
            raise Refused("choose what to do about it")


def _person(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Refused("choose whom to page") from error
