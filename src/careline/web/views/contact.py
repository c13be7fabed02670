"""One contact from hello to outcome, and its recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from careline.storage.models import Recording
from careline.web import outside
from careline.web.access import console
from careline.web.reading.calls import controls_of
from careline.web.reading.contact import read_contact
from careline.web.rights import RIGHTS, Right
from careline.web.sound import Sound, wanted_range

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


@login_required
@require_safe
def contact(request: HttpRequest, slug: str, contact_id: UUID) -> HttpResponse:
    with console(request, slug, Right.CONTACT) as (viewer, tx):
        may_hear = Right.HEAR in RIGHTS[viewer.role]
        seen = read_contact(tx, contact_id, slug, viewer.person.id, may_hear=may_hear, draft=not viewer.practice.live)
        call = controls_of(tx, contact_id, viewer.person.id) if Right.CALLS in RIGHTS[viewer.role] else None
    return viewer.show(request, "careline/contact.html", contact=seen, call=call)


@login_required
@require_safe
def recording(request: HttpRequest, slug: str, contact_id: UUID, recording_id: UUID) -> HttpResponseBase:
    """The recording as WAV, opened second by second as it is sent. Browsers ask for parts of it: a range is answered."""
    with console(request, slug, Right.HEAR) as (_, tx):
        kept = Recording.objects.filter(id=recording_id, contact_id=contact_id, practice_id=tx.practice).first()
        if kept is None or kept.state == "deleted" or not kept.chunks or kept.key is None:
            raise Http404
        tx.journal("recording.played", "recording", kept.id, contact=contact_id)
        sound = Sound(str(kept.id), kept.key, kept.chunks, kept.channels)
    store = outside.vault()
    if store is None:
        raise Http404
    span = wanted_range(request.headers.get("Range", ""), sound.size)
    if span is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{sound.size}"})
    first, last = span
    response = StreamingHttpResponse(
        sound.stream(store, first, last), content_type="audio/wav", status=206 if "Range" in request.headers else 200
    )
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Length"] = str(last - first + 1)
    if response.status_code == 206:
        response.headers["Content-Range"] = f"bytes {first}-{last}/{sound.size}"
    return response
