"""A clinician's own pages: list, one page, accept, outcome. Opening a link never accepts anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.views.decorators.http import require_safe

from careline.web.access import console
from careline.web.reading.pages import read_my_pages, read_page
from careline.web.rights import Right
from careline.web.seen.pages import OUTCOMES

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse


@login_required
@require_safe
def pages(request: HttpRequest, slug: str) -> HttpResponse:
    with console(request, slug, Right.PAGES) as (viewer, tx):
        seen = read_my_pages(tx, viewer.person.id, viewer.practice.zone)
    return viewer.show(request, "careline/pages.html", pages=seen)


@login_required
@require_safe
def page(request: HttpRequest, slug: str, page_id: UUID) -> HttpResponse:
    with console(request, slug, Right.PAGES) as (viewer, tx):
        seen = read_page(tx, page_id, viewer.person.id)
    return viewer.show(request, "careline/page_open.html", page=seen, outcomes=OUTCOMES)


def accept(request: HttpRequest, slug: str, page_id: UUID) -> HttpResponse: ...
def outcome(request: HttpRequest, slug: str, page_id: UUID) -> HttpResponse: ...
