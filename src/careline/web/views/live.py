"""Pokes for browsers, as server-sent events: "something changed", never what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.contrib.auth import aget_user
from django.db import connections
from django.http import Http404, HttpResponse, StreamingHttpResponse

from careline.storage.lookups import practices_of_person
from careline.storage.models import Person, Practice
from careline.web.live import stream
from careline.web.middleware import still_open

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


async def live(request: HttpRequest, slug: str) -> HttpResponseBase:
    person = await aget_user(request)
    if not isinstance(person, Person):
        return HttpResponse(status=403)
    practice = await Practice.objects.filter(slug=slug).afirst()
    if practice is None or not await _belongs(person.id, practice.id):
        raise Http404

    async def admitted() -> bool:
        return await sync_to_async(still_open)(request.session.session_key) and await _belongs(person.id, practice.id)

    response = StreamingHttpResponse(stream(practice.id, admitted), content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response


@sync_to_async
def _belongs(person: UUID, practice: UUID) -> bool:
    """Closes the connection afterwards: a stream lives for hours and must not hold one."""
    try:
        active = Person.objects.filter(id=person, is_active=True).exists()
        return active and practice in practices_of_person(person)
    finally:
        connections.close_all()
