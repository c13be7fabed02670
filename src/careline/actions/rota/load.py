"""What a practice's files say of its rota, put into force. What people have entered at the console stays as it is.

Rules of the file replace those of the file before it; a rule that somebody has changed at the console since is theirs, and kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careline.actions.rota import watch
from careline.core.oncall.rules import Hours, Listed
from careline.core.oncall.tables import plain, renamed, written_hours
from careline.storage.models import Rota, RotaAbsence, RotaHoliday, RotaOverride, RotaRule, RotaShift

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from careline.core.oncall.file import RotaFile
    from careline.core.oncall.rules import Calendar
    from careline.core.practice import Practice
    from careline.storage.models import Person
    from careline.storage.transactions import Tx

_FILE = "file"


def load_rota(tx: Tx, practice: Practice, file: RotaFile, people: Mapping[str, Person]) -> None:
    """`people` are by the id they have in the files, guests among them."""
    calendar = file.calendar
    Rota.objects.update_or_create(
        practice_id=tx.practice,
        defaults={
            "backup": people[calendar.backup],
            "supervisor": people[calendar.supervisor],
            "desk": written_hours(calendar.desk),
            "alarm_minutes": file.values.get("alarm_minutes", 60),
            "days_ahead": file.values.get("days_ahead", 14),
            "changed_at": tx.now,
        },
    )
    _rules(tx, _tables(practice, file.values), {staff: str(person.id) for staff, person in people.items()})
    _shifts(tx, calendar, people)
    _overrides(tx, calendar, people)
    _absences(tx, calendar, people)
    _holidays(tx, file.holidays)
    watch.look_again(tx)


def _tables(practice: Practice, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules as tables: the file's own, else the weekly shifts of the practice's file."""
    if values.get("rules"):
        return [plain(table) for table in values["rules"]]
    return [
        {"id": f"shift-{number}", "people": [shift.staff], "hours": hours, "together": True}
        for number, shift in enumerate(practice.shifts, 1)
        for hours in (written_hours((Hours(shift.days, shift.hours),)),)
    ]


def _rules(tx: Tx, tables: Iterable[dict[str, Any]], names: Mapping[str, str]) -> None:
    here = RotaRule.objects.filter(practice_id=tx.practice, retired_at=None)
    theirs = set(here.exclude(source=_FILE).values_list("name", flat=True))
    here.filter(source=_FILE).update(retired_at=tx.now)
    for table in tables:
        if table["id"] not in theirs:
            RotaRule.objects.create(
                practice_id=tx.practice,
                name=table["id"],
                table=renamed(table, names),
                source=_FILE,
                made_at=tx.now,
            )


def _shifts(tx: Tx, calendar: Calendar, people: Mapping[str, Person]) -> None:
    RotaShift.objects.filter(practice_id=tx.practice, source=_FILE, withdrawn_at=None).update(withdrawn_at=tx.now)
    RotaShift.objects.bulk_create(
        RotaShift(
            practice_id=tx.practice,
            rule=rule.id,
            person=people[shift.person],
            starts_at=shift.start,
            ends_at=shift.end,
            source=_FILE,
            made_at=tx.now,
        )
        for rule in calendar.rules
        if isinstance(rule.pattern, Listed)
        for shift in rule.pattern.shifts
    )


def _overrides(tx: Tx, calendar: Calendar, people: Mapping[str, Person]) -> None:
    RotaOverride.objects.filter(practice_id=tx.practice, source=_FILE, withdrawn_at=None).update(withdrawn_at=tx.now)
    RotaOverride.objects.bulk_create(
        RotaOverride(
            practice_id=tx.practice,
            change=one.change.value,
            person=people.get(one.person),
            leaves=people.get(one.leaves),
            rule=one.rule,
            layer=one.layer,
            starts_at=one.start,
            ends_at=one.end,
            reason=one.reason[:200],
            source=_FILE,
            made_at=tx.now,
        )
        for one in calendar.overrides
    )


def _absences(tx: Tx, calendar: Calendar, people: Mapping[str, Person]) -> None:
    RotaAbsence.objects.filter(practice_id=tx.practice, source=_FILE, withdrawn_at=None).update(withdrawn_at=tx.now)
    RotaAbsence.objects.bulk_create(
        RotaAbsence(
            practice_id=tx.practice,
            person=people[one.person],
            starts_at=one.start,
            ends_at=one.end,
            reason=one.reason[:200],
            source=_FILE,
            made_at=tx.now,
        )
        for one in calendar.absences
    )


def _holidays(tx: Tx, tables: Iterable[Mapping[str, Any]]) -> None:
    RotaHoliday.objects.filter(practice_id=tx.practice, source=_FILE, withdrawn_at=None).update(withdrawn_at=tx.now)
    RotaHoliday.objects.bulk_create(
        RotaHoliday(practice_id=tx.practice, table=plain(table), source=_FILE, made_at=tx.now) for table in tables
    )
