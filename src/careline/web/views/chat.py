"""The patients' chat page: no sign-in, nothing kept in the browser, a signed note that lets it talk to the voice process."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from careline import tokens
from careline.settings import derive, read_key_file
from careline.storage.models import Practice
from careline.web.frame import bare_frame
from careline.web.middleware import policy

if TYPE_CHECKING:
    from django.http import HttpRequest

LONGEST = 2000  # characters of one written turn; the voice process says its own limit when the browser connects


@require_safe
def chat(request: HttpRequest, slug: str) -> HttpResponse:
    practice = _practice(slug)
    frame = bare_frame(request, datetime.now(UTC))
    socket = chat_socket(request)
    context = {
        "frame": frame,
        "practice": practice,
        "socket": socket,
        "longest": LONGEST,
        "embedded": "embed" in request.GET,
    }
    response = render(request, "careline/chat.html", context)
    response.headers["Content-Security-Policy"] = policy(
        connect_src=f"'self' {_origin(socket)}", frame_ancestors=settings.CARELINE_CHAT_EMBEDDED_BY
    )
    return response


@require_safe
def token(request: HttpRequest, slug: str) -> HttpResponse:
    """A note for one connection, good for `tokens.CHAT_SECONDS`. Other sites cannot read it: no cross-origin header is sent."""
    practice = _practice(slug)
    expires = datetime.now(UTC) + timedelta(seconds=tokens.CHAT_SECONDS)
    key = derive(read_key_file(settings.CARELINE.key_file), tokens.CHAT)
    return JsonResponse({"token": tokens.mint(key, practice.slug, expires, secrets.token_urlsafe(9))})


def chat_socket(request: HttpRequest) -> str:
    """Where the browser finds the voice process: the same host, its own port, encrypted where this page is."""
    host = urlsplit(f"//{request.get_host()}").hostname or "localhost"
    named = f"[{host}]" if ":" in host else host
    return f"{'wss' if request.is_secure() else 'ws'}://{named}:{settings.CARELINE.voice_port}/chat"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _practice(slug: str) -> Practice:
    found = Practice.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    return found
