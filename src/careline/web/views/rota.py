"""Changes to who is on call: for a time, at once, because somebody is away."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from careline.actions.rota.absences import end_absence, record_absence
from careline.actions.rota.changing import Who
from careline.actions.rota.overrides import Wanted, override, take_over, withdraw_override
from careline.core.errors import Refused
from careline.core.oncall.rules import Change
from careline.storage.models import RotaAbsence, RotaOverride
from careline.web.access import console
from careline.web.forms.rota import RotaForm, away_form, change_form
from careline.web.reading.rota import people_choices, rule_choices
from careline.web.rights import RIGHTS, Right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from careline.web.access import Viewer

_PREFILLED = ("start", "end", "person", "leaves", "change", "rule")


def keeps_rota(viewer: Viewer) -> bool:
    return Right.ROTA in RIGHTS[viewer.role]


def acting(viewer: Viewer, *, despite_gaps: bool = False) -> Who:
    return Who(viewer.practice.id, viewer.actor, viewer.now, despite_gaps)


def tell_gaps(request: HttpRequest, done: str, gaps: Sequence[str]) -> None:
    messages.success(request, done)
    for gap in gaps[:3]:
        messages.warning(request, f"Now missing: {gap}.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, slug: str) -> HttpResponse:
    with console(request, slug, Right.ROTA, purpose="operations") as (viewer, tx):
        people, rules = people_choices(tx), rule_choices(tx)
    initial = {key: request.GET[key] for key in _PREFILLED if key in request.GET}
    form = change_form(request.POST or None, viewer.zone, people, rules, initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        kind = Change(given["change"])
        wanted = Wanted(
            kind,
            given["start"],
            given["end"],
            form.person("person") if kind is not Change.REMOVE else None,
            form.person("leaves") if kind is not Change.ADD else None,
            given["rule"],
            int(given["layer"] or 1) if kind is Change.ADD and not given["rule"] else 1,
            given["reason"],
        )
        try:
            done = override(acting(viewer, despite_gaps=form.despite_gaps), wanted)
        except Refused as refused:
            form.refuse(refused)
        else:
            tell_gaps(request, "Changed.", done.gaps)
            return redirect("oncall", slug)
    return _form(request, viewer, form, "Change who is on call", "Save the change")


@login_required
@require_POST
def takeover(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own hands only: whoever takes a duty on leaves it in nobody's but their own."""
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, _):
        pass
    try:
        colleague = UUID(request.POST.get("colleague", ""))
        done = take_over(acting(viewer), viewer.person.id, colleague)
    except ValueError:
        messages.warning(request, "Choose whom to take over from.")
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        tell_gaps(request, "You are on call from this minute.", done.gaps)
    return redirect("oncall", slug)


@login_required
@require_POST
def withdraw(request: HttpRequest, slug: str, override_id: UUID) -> HttpResponse:
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, tx):
        found = RotaOverride.objects.filter(practice_id=tx.practice, id=override_id).first()
    if found is None:
        raise Http404
    if not keeps_rota(viewer) and found.made_by_id != viewer.person.id:
        raise PermissionDenied
    try:
        done = withdraw_override(acting(viewer, despite_gaps=True), override_id)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        tell_gaps(request, "Taken back.", done.gaps)
    return redirect("oncall", slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def away(request: HttpRequest, slug: str) -> HttpResponse:
    """Oneself; anybody, for whoever keeps the rota."""
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, tx):
        people = people_choices(tx)
    if not keeps_rota(viewer):
        people = [one for one in people if one[0] == str(viewer.person.id)]
    initial = {"person": people[0][0]} if len(people) == 1 else {}
    form = away_form(request.POST or None, viewer.zone, people, initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            done = record_absence(acting(viewer), UUID(given["person"]), given["start"], given["end"], given["reason"])
        except Refused as refused:
            form.refuse(refused)
        else:
            tell_gaps(request, "Noted.", done.gaps)
            return redirect("oncall", slug)
    return _form(request, viewer, form, "Somebody is away", "Note the absence")


@login_required
@require_POST
def back(request: HttpRequest, slug: str, absence_id: UUID) -> HttpResponse:
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, tx):
        found = RotaAbsence.objects.filter(practice_id=tx.practice, id=absence_id).first()
    if found is None:
        raise Http404
    if not keeps_rota(viewer) and found.person_id != viewer.person.id:
        raise PermissionDenied
    try:
        end_absence(acting(viewer, despite_gaps=True), absence_id)
        messages.success(request, "Back again.")
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect("oncall", slug)


def _form(request: HttpRequest, viewer: Viewer, form: RotaForm, title: str, submit: str) -> HttpResponse:
    context = {"form": form, "title": title, "submit": submit, "back": "oncall", "tab": "calendar"}
    return viewer.show(request, "careline/rota/form.html", **context)
