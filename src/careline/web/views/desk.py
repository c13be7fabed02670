"""The desk: contacts as they happen and what nobody has resolved, whole and as the fragment that pokes refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from careline.actions.keep_deadlines import clear_alarm, finish_callback
from careline.storage.models import Alarm, CallbackTask
from careline.web.access import console
from careline.web.reading.desk import read_desk
from careline.web.rights import Right
from careline.web.seen.desk import CALLBACK_RESULTS, CLOSE_REASONS

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from careline.web.access import Viewer


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
        seen = read_desk(tx, viewer.person.id)
    return viewer.show(request, template, desk=seen, callback_results=CALLBACK_RESULTS, close_reasons=CLOSE_REASONS)


@login_required
@require_POST
def alarm_clear(request: HttpRequest, slug: str, alarm_id: UUID) -> HttpResponse:
    viewer = _about(request, slug, Alarm, alarm_id)
    clear_alarm(viewer.practice.id, alarm_id, viewer.person.id, viewer.now)
    return redirect("desk", slug)


@login_required
@require_POST
def callback_tried(request: HttpRequest, slug: str, task_id: UUID) -> HttpResponse:
    viewer = _about(request, slug, CallbackTask, task_id)
    result = request.POST.get("result", "")
    if result in dict(CALLBACK_RESULTS):
        finish_callback(viewer.practice.id, task_id, viewer.person.id, result, viewer.now)
    return redirect("desk", slug)


def _about(request: HttpRequest, slug: str, table: type[Alarm | CallbackTask], row: UUID) -> Viewer:
    """The viewer, once it is certain that the row is this practice's."""
    with console(request, slug, Right.DESK) as (viewer, tx):
        tx.journal("desk.checked", table._meta.db_table, row)
        if not table.objects.filter(id=row, practice_id=tx.practice).exists():
            raise Http404
    return viewer
