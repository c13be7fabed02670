"""Headers that hold for every answer, and the two clocks of a session: idle time and the whole."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

BEGAN, SEEN, FACTOR = "careline_began", "careline_seen", "careline_second_factor"
BACKGROUND = "X-Careline-Background"
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
    "connect-src": "'self'",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
MICROPHONE_ALLOWED = _PERMISSIONS.replace("microphone=()", "microphone=(self)")


def policy(**changes: str) -> str:
    """The content security policy, with directives changed for one page: `policy(connect_src="'self' ws://…")`."""
    changed = {**_POLICY, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return "; ".join(f"{name} {value}" for name, value in changed.items())


def headers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """No page is kept by a browser or a proxy, none loads anything foreign, none runs in a frame unless a view says so."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy())
        response.headers["Cache-Control"] = "no-store"
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        return response

    return answer


def session_clocks(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """After `CARELINE_IDLE_SECONDS` without use, or `SESSION_COOKIE_AGE` altogether, the session is over.

    What a page fetches by itself (it says so in a header) is not use. Outside the demo a second factor is asked of everybody.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return get_response(request)
        now, session = int(time.time()), request.session
        began, seen = session.setdefault(BEGAN, now), session.setdefault(SEEN, now)
        if now - seen >= settings.CARELINE_IDLE_SECONDS or now - began >= settings.SESSION_COOKIE_AGE:
            logout(request)
            return _over(request)
        if not _by_itself(request) and now - seen >= 10:
            session[SEEN] = now
        if not settings.CARELINE.demo and not request.path.startswith("/account/") and not _has_second_factor(request):
            return redirect("mfa_activate_totp")
        return get_response(request)

    return answer


def begin(request: HttpRequest) -> None:
    """Start both clocks anew, at sign-in."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def still_open(key: str | None) -> bool:
    """Whether a session, known by its key, is signed in and neither idle nor over. For streams, which outlive a request."""
    session = SessionStore(key).load() if key else {}
    now = int(time.time())
    idle, whole = settings.CARELINE_IDLE_SECONDS, settings.SESSION_COOKIE_AGE
    return SESSION_KEY in session and now - session.get(SEEN, now) < idle and now - session.get(BEGAN, now) < whole


def _over(request: HttpRequest) -> HttpResponse:
    if _by_itself(request):
        return HttpResponse(status=403)
    return redirect(reverse("account_login"))


def _by_itself(request: HttpRequest) -> bool:
    return BACKGROUND in request.headers or request.headers.get("Accept") == "text/event-stream"


def _has_second_factor(request: HttpRequest) -> bool:
    from allauth.mfa.utils import is_mfa_enabled

    if not request.session.get(FACTOR):
        request.session[FACTOR] = is_mfa_enabled(request.user)
    return bool(request.session[FACTOR])
