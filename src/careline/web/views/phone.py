"""Telephones in the browser: the patients' page "Call the practice", and the softphone of whoever works at the desk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from careline import tokens
from careline.web import voice
from careline.web.access import admitted
from careline.web.frame import bare_frame
from careline.web.middleware import MICROPHONE_ALLOWED, policy
from careline.web.rights import Right
from careline.web.views.chat import practice_or_404

if TYPE_CHECKING:
    from django.http import HttpRequest

KEYS = (
    ("1", ""), ("2", "ABC"), ("3", "DEF"), ("4", "GHI"), ("5", "JKL"), ("6", "MNO"), ("7", "PQRS"), ("8", "TUV"),
    ("9", "WXYZ"), ("*", ""), ("0", ""), ("#", ""),
)  # fmt: skip


@require_safe
def phone(request: HttpRequest, slug: str) -> HttpResponse:
    """No sign-in; the browser keeps only what lets a page that is loaded again rejoin its call, until its window is closed."""
    practice = practice_or_404(slug)
    frame, address = bare_frame(request, datetime.now(UTC)), voice.socket(request, "phone")
    context = {"frame": frame, "practice": practice, "socket": address, "keys": KEYS}
    response = render(request, "careline/phone.html", context)
    return _may_speak(response, [address])


@require_safe
def token(request: HttpRequest, slug: str) -> HttpResponse:
    """Good for one call begun within `tokens.PHONE_SECONDS`."""
    note = voice.token(tokens.PHONE, practice_or_404(slug).slug, tokens.PHONE_SECONDS)
    return JsonResponse({"token": note, "ice_servers": voice.ice_servers()})


@login_required
@require_safe
def softphone(request: HttpRequest, slug: str) -> HttpResponse:
    viewer = admitted(request, slug, Right.CALLS)
    addresses = voice.sockets(request, "softphone")
    name = tokens.softphone(viewer.person.id)
    response = viewer.show(request, "careline/softphone.html", sockets=" ".join(addresses), name=name, keys=KEYS)
    return _may_speak(response, addresses)


@login_required
@require_safe
def softphone_token(request: HttpRequest, slug: str) -> HttpResponse:
    """Lets this person's page register as their telephone, within `tokens.SOFTPHONE_SECONDS`; asked for anew as long as they
    are signed in."""
    viewer = admitted(request, slug, Right.CALLS)
    note = voice.token(tokens.SOFTPHONE, tokens.softphone(viewer.person.id), tokens.SOFTPHONE_SECONDS)
    return JsonResponse({"token": note, "ice_servers": voice.ice_servers()})


def _may_speak(response: HttpResponse, sockets: list[str]) -> HttpResponse:
    places = " ".join(sorted({voice.origin(one) for one in sockets}))
    response.headers["Content-Security-Policy"] = policy(connect_src=f"'self' {places}")
    response.headers["Permissions-Policy"] = MICROPHONE_ALLOWED
    return response
