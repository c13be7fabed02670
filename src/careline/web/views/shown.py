"""The on-call phone page: pages shown by this telephone's browser, also while it is closed. It can be installed like an app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from careline.actions.browsers import add_browser, remove_browser
from careline.core.errors import Refused
from careline.storage.models import PushSubscription
from careline.web import outside
from careline.web.access import admitted, console
from careline.web.rights import Right

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

_BROWSERS = (
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_MACHINES = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Mac OS", "Mac"), ("Windows", "Windows"))


@login_required
@require_safe
def shown(request: HttpRequest, slug: str) -> HttpResponse:
    with console(request, slug, Right.PAGES, purpose="set up paging") as (viewer, tx):
        mine = PushSubscription.objects.filter(practice_id=tx.practice, person_id=viewer.person.id)
        browsers = list(mine.order_by("-made_at").values("id", "label", "made_at"))
        tx.journal("push.read", "push_subscription", count=len(browsers))
    push = outside.push()
    return viewer.show(request, "careline/shown.html", browsers=browsers, key=push.public_key if push else "")


@login_required
@require_POST
def browsers(request: HttpRequest, slug: str) -> HttpResponse:
    """Takes the browser's subscription as JSON."""
    viewer, push = admitted(request, slug, Right.PAGES), outside.push()
    try:
        given: Any = json.loads(request.body)
    except ValueError:
        return HttpResponseBadRequest()
    endpoint = given.get("endpoint") if isinstance(given, dict) else None
    if push is None or not isinstance(endpoint, str) or not push.accepts(endpoint):
        return JsonResponse({"refused": "this browser's push service is not one we send to"}, status=422)
    try:
        row = add_browser(viewer.practice.id, viewer.person.id, given, _label(request), viewer.now)
    except Refused as refused:
        return JsonResponse({"refused": str(refused)}, status=422)
    return JsonResponse({"id": str(row)}, status=201)


@login_required
@require_POST
def browser_gone(request: HttpRequest, slug: str, browser_id: UUID) -> HttpResponse:
    with console(request, slug, Right.PAGES, purpose="set up paging") as (viewer, tx):
        tx.journal("push.read", "push_subscription", browser_id)
        if not PushSubscription.objects.filter(practice_id=tx.practice, id=browser_id).exists():
            raise Http404
    remove_browser(viewer.practice.id, viewer.person.id, browser_id, viewer.now)
    return redirect("shown", slug)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """At the root, because a worker may show pages only for addresses below its own."""
    found = finders.find("careline/push-worker.js")
    if not isinstance(found, str):
        raise Http404
    return HttpResponse(Path(found).read_bytes(), content_type="text/javascript")


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    icons = [
        {"src": static(f"careline/app-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    return JsonResponse(
        {
            "id": "/my/",
            "name": "Careline pages",
            "short_name": "Careline",
            "start_url": reverse("my"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#f6f7f4",
            "theme_color": "#0b6157",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


def _label(request: HttpRequest) -> str:
    """ "Safari on iPhone": so that a person knows which of their browsers this is."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "A browser")
    machine = next((name for mark, name in _MACHINES if mark in agent), "")
    return f"{browser} on {machine}" if machine else browser
