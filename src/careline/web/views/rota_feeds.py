"""Secret addresses of the rota: made, revoked, and read by calendar programs and other systems."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from careline.actions.rota.ask import ask, ask_by_key
from careline.actions.rota.keys import API, FEED, make_key, read_feed, revoke_key
from careline.core.clinical import Level
from careline.core.errors import Refused
from careline.core.oncall.rules import Need
from careline.storage.models import RotaKey
from careline.web.access import console
from careline.web.reading.rota import read_keys
from careline.web.rights import Right
from careline.web.views.rota import acting, keeps_rota

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from careline.actions.rota.ask import OnCallAt


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request: HttpRequest, slug: str) -> HttpResponse:
    """A new secret is shown in the answer to the form that made it, and never again."""
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, _):
        pass
    secret = kind = ""
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        if kind != "mine" and not keeps_rota(viewer):
            raise PermissionDenied
        person = viewer.person.id if kind == "mine" else None
        made = make_key(acting(viewer), API if kind == "api" else FEED, person, request.POST.get("label", "").strip())
        secret = made.token if kind == "api" else _address(made.token)
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, tx):
        keys = read_keys(tx, viewer.person.id, anybodys=keeps_rota(viewer))
    context = {"keys": keys, "secret": secret, "secret_kind": kind, "may_change": keeps_rota(viewer), "tab": "feeds"}
    context["api"] = settings.CARELINE.public_url + reverse("api_on_call", args=[slug])
    return viewer.show(request, "careline/rota/feeds.html", **context)


def _address(token: str) -> str:
    return f"{settings.CARELINE.public_url}{reverse('rota_feed', args=[token])}"


@login_required
@require_POST
def revoke(request: HttpRequest, slug: str, key_id: UUID) -> HttpResponse:
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, tx):
        if not RotaKey.objects.filter(practice_id=tx.practice, id=key_id).exists():
            raise Http404
    try:
        revoke_key(acting(viewer), key_id, anybodys=keeps_rota(viewer))
        messages.success(request, "Revoked: the address opens nothing any more.")
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect("rota_feeds", slug)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    text = read_feed(token, datetime.now(UTC))
    if text is None:
        raise Http404
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="on-call.ics"'
    return response


@require_safe
def api_on_call(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is on call, as JSON: with a key of the API (`Authorization: Bearer …`), or signed in. `?at=` is an ISO time with its
    zone (now, without it); `?specialty=`, `?location=`, `?role=`, `?urgency=` say what for."""
    now = datetime.now(UTC)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        at, need = _at(request.GET.get("at", ""), now), _need(request)
        if scheme.lower() == "bearer":
            found = ask_by_key(token.strip(), slug, now, at, need)
        elif request.user.is_authenticated:
            with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, _):
                pass
            found = ask(viewer.practice.id, viewer.actor, now, at, need)
        else:
            found = None
    except Refused as refused:
        return JsonResponse({"error": str(refused)}, status=400)
    if found is None:
        response = JsonResponse(
            {"error": "say who asks — send Authorization: Bearer and a key of this practice"}, status=401
        )
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    return JsonResponse(as_json(found))


def _at(text: str, now: datetime) -> datetime:
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise Refused("at is not a time — write 2026-12-24T22:00-05:00") from error
    if at.tzinfo is None:
        raise Refused("at is a time without a zone — write 2026-12-24T22:00-05:00, or …Z for UTC")
    return at.astimezone(UTC)


def _need(request: HttpRequest) -> Need:
    asked = {key: request.GET.get(key, "")[:60] for key in ("specialty", "location", "role")}
    urgency = request.GET.get("urgency", Level.URGENT.value)
    if urgency not in list(Level):
        raise Refused(f"no urgency is called {urgency[:20]!r} — one of: {', '.join(Level)}")
    return Need(Level(urgency), **asked)


def as_json(found: OnCallAt) -> dict[str, object]:
    people = [
        {
            "id": one.staff_id,
            "name": one.name,
            "role": one.role,
            "practice": one.practice or None,
            "place": one.place,
            "until": one.until.isoformat() if one.until else None,
            "why": one.why,
        }
        for one in found.people
    ]
    return {
        "at": found.at.isoformat(),
        "timezone": found.zone,
        "gap": found.gap,
        "office_open": found.desk,
        "people": people,
    }
