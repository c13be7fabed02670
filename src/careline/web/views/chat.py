"""The patients' chat page: no sign-in, nothing kept in the browser, a signed note that lets it talk to the voice process."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from careline import tokens
from careline.storage.models import Practice
from careline.web import voice
from careline.web.frame import bare_frame
from careline.web.middleware import policy

if TYPE_CHECKING:
    from django.http import HttpRequest

LONGEST = 2000  # characters of one written turn; the voice process says its own limit when the browser connects


@require_safe
def chat(request: HttpRequest, slug: str) -> HttpResponse:
    practice = practice_or_404(slug)
    frame = bare_frame(request, datetime.now(UTC))
    socket = voice.socket(request, "chat")
    context = {
        "frame": frame,
        "practice": practice,
        "socket": socket,
        "longest": LONGEST,
        "embedded": "embed" in request.GET,
    }
    response = render(request, "careline/chat.html", context)
    response.headers["Content-Security-Policy"] = policy(
        connect_src=f"'self' {voice.origin(socket)}", frame_ancestors=settings.CARELINE_CHAT_EMBEDDED_BY
    )
    return response


@require_safe
def token(request: HttpRequest, slug: str) -> HttpResponse:
    """Good for one connection within `tokens.CHAT_SECONDS`."""
    return JsonResponse({"token": voice.token(tokens.CHAT, practice_or_404(slug).slug, tokens.CHAT_SECONDS)})


def practice_or_404(slug: str) -> Practice:
    found = Practice.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    return found
