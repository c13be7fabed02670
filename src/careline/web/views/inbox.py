"""Messages for staff: the list, one message, accept and close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.views.decorators.http import require_safe

from careline.web.access import console
from careline.web.reading.inbox import read_inbox, read_message
from careline.web.rights import Right

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse


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
    return viewer.show(request, "careline/message.html", message=seen)


def accept(request: HttpRequest, slug: str, message_id: UUID) -> HttpResponse: ...
def close(request: HttpRequest, slug: str, message_id: UUID) -> HttpResponse: ...
