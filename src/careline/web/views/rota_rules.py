"""Rotations, stand-ins, holidays, and shifts brought over from another program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from careline.actions.rota.calendar import rota_of
from careline.actions.rota.holidays import add_holiday, add_public_holidays, withdraw_holiday
from careline.actions.rota.importing import MOST_BYTES, Upload, import_shifts, preview_import
from careline.actions.rota.rules import StandIns, retire_rule, save_rule, set_stand_ins
from careline.core.errors import DataFileError, Refused
from careline.core.oncall.tables import renamed
from careline.storage.models import RotaHoliday, RotaRule
from careline.web import outside
from careline.web.access import console
from careline.web.forms.rota import holiday_form, import_form, stand_ins_form, written_dates
from careline.web.forms.rules import initial_of, rule_form
from careline.web.reading.rota import (
    people_choices,
    read_holidays,
    read_rules,
    rule_table,
    shifts_shown,
    short_names,
)
from careline.web.rights import Right
from careline.web.views.rota import acting, keeps_rota, tell_gaps

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from careline.web.access import Viewer
    from careline.web.forms.rota import RotaForm


@login_required
@require_safe
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, tx):
        found = read_rules(tx)
    context = {"rules": found, "may_change": keeps_rota(viewer), "tab": "rules"}
    return viewer.show(request, "careline/rota/rules.html", **context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, slug: str, rule_id: UUID | None = None) -> HttpResponse:
    with console(request, slug, Right.ROTA, purpose="operations") as (viewer, tx):
        people, short = people_choices(tx), short_names(tx)
        table = rule_table(tx, rule_id) if rule_id else {}
    if table is None:
        raise Http404
    form = rule_form(request.POST or None, people, initial_of(table, short) if rule_id else None)
    if request.method == "POST" and form.is_valid():
        ids = {staff_id: person for person, staff_id in short.items()}
        try:
            who = acting(viewer, despite_gaps=form.despite_gaps)
            done = save_rule(who, renamed(form.table(), ids), rule_id)
        except (Refused, DataFileError) as refused:
            form.refuse(refused)
        else:
            tell_gaps(request, "Saved.", done.gaps)
            return redirect("rota_rules", slug)
    context = {"form": form, "rule_id": rule_id, "tab": "rules", "short_names": _short_list(people, short)}
    return viewer.show(request, "careline/rota/rule.html", **context)


def _short_list(people: list[tuple[str, str]], short: dict[str, str]) -> list[tuple[str, str]]:
    return [(short[person], name) for person, name in people]


@login_required
@require_POST
def retire(request: HttpRequest, slug: str, rule_id: UUID) -> HttpResponse:
    with console(request, slug, Right.ROTA, purpose="operations") as (viewer, tx):
        if not RotaRule.objects.filter(practice_id=tx.practice, id=rule_id).exists():
            raise Http404
    try:
        done = retire_rule(acting(viewer, despite_gaps=bool(request.POST.get("despite_gaps"))), rule_id)
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("rota_rule", slug, rule_id)
    tell_gaps(request, "Ended.", done.gaps)
    return redirect("rota_rules", slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stand_ins(request: HttpRequest, slug: str) -> HttpResponse:
    with console(request, slug, Right.ROTA, purpose="operations") as (viewer, tx):
        people, rota = people_choices(tx), rota_of(tx)
    initial = {"backup": str(rota.backup_id), "supervisor": str(rota.supervisor_id), "desk": "\n".join(rota.desk)}
    numbers = {"alarm_minutes": rota.alarm_minutes, "days_ahead": rota.days_ahead}
    form = stand_ins_form(request.POST or None, people, {**initial, **numbers})
    if request.method == "POST" and form.is_valid():
        try:
            _set_stand_ins(viewer, form)
        except (Refused, DataFileError) as refused:
            form.refuse(refused)
        else:
            messages.success(request, "Saved.")
            return redirect("rota_rules", slug)
    context = {"form": form, "title": "Stand-ins and alarms", "submit": "Save", "back": "rota_rules", "tab": "rules"}
    return viewer.show(request, "careline/rota/form.html", **context)


def _set_stand_ins(viewer: Viewer, form: RotaForm) -> None:
    given, backup, supervisor = form.cleaned_data, form.person("backup"), form.person("supervisor")
    if backup is None or supervisor is None:
        raise Refused("a back-up and a supervisor are always defined — choose both")
    desk = [line.strip() for line in given["desk"].splitlines() if line.strip()]
    set_stand_ins(
        acting(viewer),
        StandIns(backup, supervisor, desk, given["alarm_minutes"], given["days_ahead"], given["enquiry_pin"]),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request: HttpRequest, slug: str) -> HttpResponse:
    right = Right.ROTA if request.method == "POST" else Right.ON_CALL
    with console(request, slug, right, purpose="operations") as (viewer, tx):
        found = read_holidays(tx)
    form = holiday_form(request.POST if "name" in request.POST else None)
    public = outside.public_holidays()
    if request.method == "POST":
        try:
            if (chosen := request.POST.get("public", "")) in public:
                add_public_holidays(acting(viewer), public[chosen])
                return redirect("rota_holidays", slug)
            if form.is_valid():
                add_holiday(acting(viewer), _holiday(form.cleaned_data))
                return redirect("rota_holidays", slug)
        except (Refused, DataFileError) as refused:
            form.refuse(refused)
    context = {"holidays": found, "form": form, "public": sorted(public), "may_change": keeps_rota(viewer)}
    return viewer.show(request, "careline/rota/holidays.html", **context, tab="holidays")


def _holiday(given: dict[str, Any]) -> dict[str, Any]:
    return {**{key: given[key] for key in ("name", "moved", "both")}, "date": written_dates(given["date"])}


@login_required
@require_POST
def holiday_gone(request: HttpRequest, slug: str, holiday_id: UUID) -> HttpResponse:
    with console(request, slug, Right.ROTA, purpose="operations") as (viewer, tx):
        if not RotaHoliday.objects.filter(practice_id=tx.practice, id=holiday_id).exists():
            raise Http404
    withdraw_holiday(acting(viewer), holiday_id)
    return redirect("rota_holidays", slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_ics(request: HttpRequest, slug: str) -> HttpResponse:
    """First a look, with nothing changed; then the same file again, taken."""
    with console(request, slug, Right.ROTA, purpose="operations") as (viewer, _):
        pass
    form = import_form(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "tab": "rules"}
    if request.method == "POST" and form.is_valid():
        try:
            upload = _upload(form)
            if request.POST.get("take"):
                done = import_shifts(acting(viewer, despite_gaps=True), upload)
                tell_gaps(request, "The shifts are in the rota.", done.gaps)
                return redirect("oncall", slug)
            found = preview_import(acting(viewer), upload)
        except (Refused, DataFileError) as refused:
            form.add_error(None, str(refused))
        else:
            with console(request, slug, Right.ROTA, purpose="operations") as (_, tx):
                context |= {"shifts": shifts_shown(tx, found), "upload": upload, "text": upload.text}
    return viewer.show(request, "careline/rota/import.html", **context)


def _upload(form: RotaForm) -> Upload:
    given = form.cleaned_data
    name, text = "rota.ics", given["text"]
    if given["file"] is not None:
        if given["file"].size > MOST_BYTES:
            raise Refused("this file is larger than 2 MB — export fewer months")
        name = str(given["file"].name)[:60]
        try:
            text = given["file"].read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Refused(f"{name} is not a text file — export the rota as .ics (iCalendar)") from error
    if not text.strip():
        raise Refused("there is no file — choose one, or paste its text")
    return Upload(name, text, given["rule"], given["hand_off"], int(given["layer"]))
