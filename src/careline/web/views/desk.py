"""The desk: contacts as they happen and what nobody has resolved, whole and as the fragment that pokes refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.views.decorators.http import require_safe

from careline.web.access import console
from careline.web.reading.desk import read_desk
from careline.web.rights import Right

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@login_required
@require_safe
def desk(request: HttpRequest, slug: str) -> HttpResponse:
    return _show(request, slug, "careline/desk.html")


@login_required
@require_safe
def desk_now(request: HttpRequest, slug: str) -> HttpResponse:
    return _show(request, slug, "careline/desk_now.html")


def _show(request: HttpRequest, slug: str, template: str) -> HttpResponse:
    with console(request, slug, Right.DESK) as (viewer, tx):
        seen = read_desk(tx)
    return viewer.show(request, template, desk=seen)
