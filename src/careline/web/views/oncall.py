"""Who is on call now, and the week or month for the wall."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.urls import reverse
from django.views.decorators.http import require_safe

from careline.web.access import console
from careline.web.reading.oncall import Wish, read_oncall
from careline.web.rights import RIGHTS, Right

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@login_required
@require_safe
def oncall(request: HttpRequest, slug: str) -> HttpResponse:
    asked = request.GET
    view = "month" if asked.get("view") == "month" else "week"
    wish = Wish(view, _day(asked.get("date", "") or asked.get("week", "")), asked.get("need", ""))
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, tx):
        may_change = Right.ROTA in RIGHTS[viewer.role]
        seen = read_oncall(tx, wish, viewer.person.id, may_change=may_change)
    edit = reverse("rota_change" if may_change else "rota_swap_new", args=[slug])
    return viewer.show(request, "careline/oncall.html", oncall=seen, tab="calendar", edit=edit)


def _day(text: str) -> date | None:
    """The day asked for; anything that is no date within reach means today."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None
