"""Where a signed-in person begins, and where a link in a mail leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from careline.storage.lookups import practices_of_person
from careline.storage.models import Page, Practice
from careline.web.access import console, signed_in
from careline.web.rights import HOME, Right

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse


@login_required
@require_safe
def root(request: HttpRequest) -> HttpResponse:
    return redirect("home", _first(request).slug)


@login_required
@require_safe
def my_pages(request: HttpRequest) -> HttpResponse:
    """A short address to know by heart: one's own pages."""
    return redirect("pages", _first(request).slug)


def _first(request: HttpRequest) -> Practice:
    found = Practice.objects.filter(id__in=practices_of_person(signed_in(request).id)).order_by("name").first()
    if found is None:
        raise PermissionDenied
    return found


@login_required
@require_safe
def home(request: HttpRequest, slug: str) -> HttpResponse:
    with console(request, slug, Right.ON_CALL) as (viewer, _):
        pass
    return redirect(HOME[viewer.role], slug)


@login_required
@require_safe
def page_link(request: HttpRequest, page_id: UUID) -> HttpResponse:
    """The address that stands in mails: it names a page and no practice. Opening it changes nothing."""
    for practice in Practice.objects.filter(id__in=practices_of_person(signed_in(request).id)):
        with console(request, practice.slug, Right.PAGES):
            if Page.objects.filter(id=page_id, practice_id=practice.id).exists():
                return redirect("page", practice.slug, page_id)
    raise Http404
