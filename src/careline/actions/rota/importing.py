"""Shifts from an .ics file of another rota program: looked at first, then taken as a rule that is a list of shifts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from careline.actions.perform import retried
from careline.actions.rota.calendar import calendar_to_change, is_list, must_be_reachable
from careline.actions.rota.changing import changing, looking
from careline.actions.rota.overrides import Changed
from careline.core.errors import DataFileError, Refused
from careline.core.oncall.ical.people import shifts_from
from careline.core.oncall.ical.read import parse_ics
from careline.core.oncall.rules import FixedShift, Listed, Rule
from careline.core.oncall.tables import new_mistake
from careline.storage.ids import new_id
from careline.storage.models import RotaRule, RotaShift

if TYPE_CHECKING:
    from datetime import datetime

    from careline.actions.rota.changing import Who
    from careline.core.oncall.rules import Calendar

AHEAD = timedelta(days=400)
MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Upload:
    """`rule` is the rule to fill: an imported one is replaced from now on, a new name makes a new one. `hand_off` is when
    whole-day shifts begin."""

    name: str
    text: str
    rule: str
    hand_off: time = time(0)
    layer: int = 1


def preview_import(who: Who, upload: Upload) -> tuple[FixedShift, ...]:
    """What the file says from now on, with nothing changed. Raises `DataFileError` with the line and the mend."""
    with looking(who) as tx:
        calendar = calendar_to_change(tx, who.now, who.now + AHEAD)
        found = _shifts(calendar, upload, who.now)
        _check(calendar, upload, found)
        return found


@retried
def import_shifts(who: Who, upload: Upload) -> Changed:
    with changing(who) as change:
        calendar = calendar_to_change(change.tx, who.now, who.now + AHEAD)
        found = _shifts(calendar, upload, who.now)
        _check(calendar, upload, found)
        row = _rule(who, upload)
        old = RotaShift.objects.filter(practice_id=who.practice, rule=upload.rule, withdrawn_at=None)
        old.filter(starts_at__gte=who.now).update(withdrawn_at=who.now)
        old.filter(ends_at__gt=who.now).update(ends_at=who.now)
        RotaShift.objects.bulk_create(
            RotaShift(
                practice_id=who.practice,
                rule=upload.rule,
                person_id=UUID(shift.person),
                starts_at=shift.start,
                ends_at=shift.end,
                made_at=who.now,
                made_by_id=who.person,
            )
            for shift in found
        )
        change.tx.journal("rota.imported", "rota_rule", row, shifts=len(found))
    return Changed(row, change.gaps)


def _shifts(calendar: Calendar, upload: Upload, now: datetime) -> tuple[FixedShift, ...]:
    """A shift under way is taken from now on; the part before is history."""
    zone = ZoneInfo(calendar.timezone)
    imported = parse_ics(upload.text, upload.name, zone, now, now + AHEAD, upload.hand_off)
    if not imported:
        raise DataFileError(upload.name, 1, "no shift in this file is still to come", "export the months ahead")
    found = shifts_from(imported, calendar.people, upload.name)
    for person in dict.fromkeys(shift.person for shift in found):
        must_be_reachable(calendar, person)
    return tuple(replace(shift, start=max(shift.start, now)) for shift in found)


def _check(calendar: Calendar, upload: Upload, found: tuple[FixedShift, ...]) -> None:
    same = next((rule for rule in calendar.rules if rule.id == upload.rule), None)
    if same is not None and not isinstance(same.pattern, Listed):
        raise Refused(f"the rule {upload.rule!r} is not a list of shifts — choose another name")
    rule = replace(same, pattern=Listed(found)) if same else Rule(upload.rule, Listed(found), layer=upload.layer)
    others = tuple(one for one in calendar.rules if one.id != upload.rule)
    mistake = new_mistake(replace(calendar, rules=others), replace(calendar, rules=(*others, rule)))
    if mistake is not None:
        raise DataFileError(upload.name, 1, mistake.problem, mistake.mend)


def _rule(who: Who, upload: Upload) -> UUID:
    """The rule's row, made when it is not there yet."""
    found = RotaRule.objects.filter(practice_id=who.practice, name=upload.rule, retired_at=None).first()
    if found is not None and not is_list(found.table):
        raise Refused(f"the rule {upload.rule!r} is not a list of shifts — choose another name")
    if found is None:
        table = {"id": upload.rule, **({"layer": upload.layer} if upload.layer != 1 else {})}
        found = RotaRule.objects.create(
            id=new_id(),
            practice_id=who.practice,
            name=upload.rule,
            table=table,
            made_at=who.now,
            made_by_id=who.person,
        )
    return found.id
