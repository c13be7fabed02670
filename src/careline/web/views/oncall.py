"""Who is on call now, and the week for the wall."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.views.decorators.http import require_safe

from careline.web.access import console
from careline.web.reading.oncall import read_oncall
from careline.web.rights import Right

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@login_required
@require_safe
def oncall(request: HttpRequest, slug: str) -> HttpResponse:
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, tx):
        seen = read_oncall(tx, viewer.practice.zone, _week(request.GET.get("week", "")))
    return viewer.show(request, "careline/oncall.html", oncall=seen)


def _week(text: str) -> date | None:
    """A day of the week asked for; anything that is no date within reach means this week."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None
