"""A clinician's own pages: list, one page, accept, outcome. Opening a link never accepts anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from careline.actions.accept_page import accept_page
from careline.actions.patching import call_patient
from careline.actions.record_outcome import record_outcome
from careline.core.errors import Refused
from careline.web.access import console
from careline.web.reading.pages import exists_here, message_of, read_my_pages, read_page
from careline.web.rights import RIGHTS, Right
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
        seen = read_page(tx, page_id, viewer.person.id, may_accept=Right.ACCEPT in RIGHTS[viewer.role])
    return viewer.show(request, "careline/page_open.html", page=seen, outcomes=OUTCOMES)


@login_required
@require_POST
def accept(request: HttpRequest, slug: str, page_id: UUID) -> HttpResponse:
    with console(request, slug, Right.PAGES) as (viewer, tx):
        exists_here(tx, page_id)
    try:
        result = accept_page(viewer.practice.id, page_id, viewer.person.id, "web", viewer.now)
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("page", slug, page_id)
    if not result.mine:
        messages.info(request, f"{result.name} was first and has this page.")
    return redirect("page", slug, page_id)


@login_required
@require_POST
def outcome(request: HttpRequest, slug: str, page_id: UUID) -> HttpResponse:
    with console(request, slug, Right.PAGES) as (viewer, tx):
        message_id = message_of(tx, page_id, viewer.person.id)
    try:
        record_outcome(viewer.practice.id, message_id, viewer.person.id, request.POST.get("outcome", ""), viewer.now)
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect("page", slug, page_id)


@login_required
@require_POST
def call(request: HttpRequest, slug: str, page_id: UUID) -> HttpResponse:
    """Ring the one who holds the page, then their patient, with the practice's number shown to both."""
    with console(request, slug, Right.PAGES) as (viewer, tx):
        message_of(tx, page_id, viewer.person.id)
    try:
        call_patient(viewer.practice.id, page_id, viewer.person.id, viewer.now)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.info(request, "Your telephone rings in a moment: press 1, and your patient is rung.")
    return redirect("page", slug, page_id)
