"""Whether the process lives, whether the installation does its work, and the numbers of it. Nothing of a patient."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from careline.core.errors import CarelineError
from careline.web.reading.health import Installation, read_health

if TYPE_CHECKING:
    from django.http import HttpRequest

_HERE = ("127.0.0.1", "::1")
_PASSED_ON = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"live": True})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """503 with the names of what is missing or late, never an error's text."""
    try:
        found = read_health(datetime.now(UTC))
    except (DatabaseError, CarelineError):
        found = {"ready": False, "missing": ["database"]}
    return JsonResponse(found, status=200 if found["ready"] else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus: with the token, or, where none is set, from this machine itself and through no proxy."""
    if not _may_measure(request):
        return HttpResponse(status=403)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Installation())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    token = settings.CARELINE.metrics_token
    if token:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), token.encode())
    near = request.META.get("REMOTE_ADDR", "") in _HERE
    return near and not any(name in request.headers for name in _PASSED_ON)
