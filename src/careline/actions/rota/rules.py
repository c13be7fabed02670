"""Rotations and standing duties: written, changed, ended; and who stands in when all of them are empty."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from careline.actions.load_practice import hash_pin
from careline.actions.perform import retried
from careline.actions.rota.calendar import calendar_to_change, is_list, must_be_reachable
from careline.actions.rota.changing import changing
from careline.actions.rota.overrides import Changed
from careline.core.errors import DataFileError, Refused
from careline.core.oncall.rules import Listed
from careline.core.oncall.tables import hours_of, new_mistake, rule_of
from careline.storage.ids import new_id
from careline.storage.models import RotaRule, RotaShift
from careline.storage.rows import one

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from careline.actions.rota.changing import Changing, Who
    from careline.core.oncall.rules import Calendar, FixedShift


@retried
def save_rule(who: Who, table: Mapping[str, Any], instead_of: UUID | None = None) -> Changed:
    """`table` is in the words of `oncall.toml`, people by their ids as texts. Raises `DataFileError` (its `file` is the key that
    is wrong) or `Refused`."""
    with changing(who) as change:
        before = change.calendar
        old = _current(change, instead_of) if instead_of else None
        name = str(table.get("id", ""))
        rule = rule_of(table, _own_shifts(before, old))
        for person in rule.people:
            must_be_reachable(before, person)
        others = tuple(one for one in before.rules if old is None or one.id != old.name)
        _check(before, replace(before, rules=(*others, rule)), len(others))
        if old is not None:
            old.retired_at = who.now
            old.save()
            if old.name != name:
                RotaShift.objects.filter(practice_id=who.practice, rule=old.name, withdrawn_at=None).update(rule=name)
        row = new_id()
        RotaRule.objects.create(
            id=row,
            practice_id=who.practice,
            name=name,
            table=dict(table),
            made_at=who.now,
            made_by_id=who.person,
        )
        change.tx.journal("rota.rule.saved", "rota_rule", row, instead_of=instead_of)
    return Changed(row, change.gaps)


@retried
def retire_rule(who: Who, row: UUID) -> Changed:
    """The rule no longer holds from now on."""
    with changing(who) as change:
        found = _current(change, row)
        if len(change.calendar.rules) < 2 and not is_list(found.table):
            raise Refused("this is the only rule of the rota — write the one that follows it first")
        found.retired_at = who.now
        found.save()
        RotaShift.objects.filter(practice_id=who.practice, rule=found.name, withdrawn_at=None).update(
            withdrawn_at=who.now
        )
        change.tx.journal("rota.rule.retired", "rota_rule", row)
    return Changed(row, change.gaps)


@dataclass(frozen=True, slots=True)
class StandIns:
    """Who stands in when nobody is on call, when the office answers itself, how far ahead gaps are looked for, and the office's
    PIN for asking by telephone (empty: as it was)."""

    backup: UUID
    supervisor: UUID
    desk: Sequence[str] = ()
    alarm_minutes: int = 60
    days_ahead: int = 14
    enquiry_pin: str = ""


@retried
def set_stand_ins(who: Who, wanted: StandIns) -> None:
    if not 5 <= wanted.alarm_minutes <= 24 * 60 or not 1 <= wanted.days_ahead <= 92:
        raise Refused("an alarm sounds 5 minutes to a day before; gaps are looked for 1 to 92 days ahead")
    if wanted.enquiry_pin and not (wanted.enquiry_pin.isdigit() and 6 <= len(wanted.enquiry_pin) <= 12):
        raise DataFileError("enquiry_pin", 1, "the office's PIN is 6 to 12 digits", "write digits only")
    with changing(replace(who, despite_gaps=True)) as change:
        for person in (wanted.backup, wanted.supervisor):
            must_be_reachable(change.calendar, str(person))
        hours_of(wanted.desk)
        rota = change.rota
        rota.backup_id, rota.supervisor_id, rota.desk = wanted.backup, wanted.supervisor, list(wanted.desk)
        rota.alarm_minutes, rota.days_ahead = wanted.alarm_minutes, wanted.days_ahead
        if wanted.enquiry_pin:
            rota.enquiry_salt, rota.enquiry_hash = hash_pin(wanted.enquiry_pin)
            rota.enquiry_wrong, rota.enquiry_locked_until = 0, None
        rota.save()
        calendar = calendar_to_change(change.tx, who.now, who.now)
        _check(change.calendar, calendar, -1)
        change.tx.journal("rota.stand_ins", "rota", rota.id, backup=wanted.backup, supervisor=wanted.supervisor)


def _check(before: Calendar, after: Calendar, index: int) -> None:
    mistake = new_mistake(before, after)
    if mistake is not None:
        mine = mistake.where.startswith(f"rules[{index}]")
        key = mistake.where.partition("].")[2].partition("[")[0] if mine else ""
        raise DataFileError(key or "id", 1, mistake.problem, mistake.mend)


def _current(change: Changing, row: UUID) -> RotaRule:
    rows = RotaRule.objects.select_for_update()
    return one(rows, practice_id=change.tx.practice, id=row, retired_at=None)


def _own_shifts(calendar: Calendar, old: RotaRule | None) -> tuple[FixedShift, ...]:
    """Of the rule that is changed, when it is a list of shifts."""
    for rule in calendar.rules:
        if old is not None and rule.id == old.name and isinstance(rule.pattern, Listed):
            return rule.pattern.shifts
    return ()
