"""The rota's rows as a calendar of `core.oncall`, for a window of time: ten years of records cost no more than one.

People are called by the text of their person id. Whoever cannot be reached at all counts as away, so that a shift of theirs is
an empty one: found ahead, filled by whoever stands in, and never a step of a page that rings nobody.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model

from careline.actions.words import reference
from careline.core.errors import Refused
from careline.core.oncall.rules import Absence, Calendar, Change, FixedShift, Override, Person
from careline.core.oncall.tables import holiday_of, hours_of, rule_of
from careline.core.ways import PHONE, SMS
from careline.storage.models import (
    Membership,
    Practice,
    Rota,
    RotaAbsence,
    RotaHoliday,
    RotaOverride,
    RotaRule,
    RotaShift,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from careline.core.oncall.rules import Rule
    from careline.storage.transactions import Tx

M = TypeVar("M", bound=Model)
LONGEST = timedelta(
    days=366
)  # of a shift, an override, an absence: what touches a window began at most so long before it
NO_WAY = "cannot be reached"


def rota_of(tx: Tx, *, lock: bool = False) -> Rota:
    """The practice's rota; locked, it keeps everybody else from changing any part of it until this transaction ends."""
    rows = Rota.objects.select_for_update() if lock else Rota.objects
    found = rows.filter(practice_id=tx.practice).first()
    if found is None:
        raise Refused("this practice has no rota — load its file")
    return found


def calendar_between(tx: Tx, start: datetime, end: datetime) -> Calendar:
    """As it counts: right for every instant from `start` to `end`."""
    calendar = _read(tx, rota_of(tx), start, end)
    used = people_used(calendar)
    gone = tuple(
        Absence(f"unreachable-{one.id}", one.id, start - LONGEST, end + LONGEST, NO_WAY)
        for one in calendar.people
        if not one.channels and one.id in used
    )
    return replace(calendar, absences=(*calendar.absences, *gone))


def calendar_to_change(tx: Tx, start: datetime, end: datetime) -> Calendar:
    """As it is written, for checking a change against it. Those who stand in it and cannot be reached are let pass, so that
    whoever mends another part is not stopped by them; the gaps they leave are found by `calendar_between`."""
    calendar = _read(tx, rota_of(tx), start, end)
    used = people_used(calendar)
    people = tuple(
        replace(one, channels=("none",)) if one.id in used and not one.channels else one for one in calendar.people
    )
    return replace(calendar, people=people)


def must_be_reachable(calendar: Calendar, person: str) -> None:
    """Raises `Refused` for somebody unknown, or whom nothing reaches."""
    one = calendar.person(person)
    if not one.channels or one.channels == ("none",):
        raise Refused(
            f"{one.name} cannot be reached in any way — give a telephone number or an address that works first"
        )


def people_used(calendar: Calendar) -> set[str]:
    """Whoever stands in a rule or an override, and who stands in."""
    used = {calendar.backup, calendar.supervisor}
    for rule in calendar.rules:
        used.update(rule.people)
    used.update(one.person for one in calendar.overrides)
    return used


def within(rows: QuerySet[M], start: datetime, end: datetime) -> QuerySet[M]:
    """The rows in force that touch the window; the lower bound on their beginning lets an index find them."""
    return rows.filter(
        withdrawn_at=None, starts_at__gte=start - LONGEST, starts_at__lt=end, ends_at__gt=start
    ).order_by("id")


def _read(tx: Tx, rota: Rota, start: datetime, end: datetime) -> Calendar:
    here = {"practice_id": tx.practice}
    shifts: dict[str, list[FixedShift]] = {}
    for shift in within(RotaShift.objects.filter(**here), start, end):
        shifts.setdefault(shift.rule, []).append(FixedShift(str(shift.person_id), shift.starts_at, shift.ends_at))
    members = {
        member.person_id: member
        for member in Membership.objects.filter(**here).select_related("person").order_by("person__name")
    }
    changes = within(RotaOverride.objects.filter(**here), start, end)
    return Calendar(
        practice=str(tx.practice),
        timezone=Practice.objects.values_list("zone", flat=True).get(id=tx.practice),
        people=tuple(_person(member) for member in members.values()),
        rules=_rules(RotaRule.objects.filter(**here, retired_at=None).order_by("id"), shifts),
        backup=str(rota.backup_id),
        supervisor=str(rota.supervisor_id),
        overrides=tuple(_override(row, members) for row in changes),
        absences=tuple(absence_of(row) for row in within(RotaAbsence.objects.filter(**here), start, end)),
        holidays=tuple(
            holiday_of(row.table) for row in RotaHoliday.objects.filter(**here, withdrawn_at=None).order_by("id")
        ),
        desk=hours_of(rota.desk),
    )


def _rules(rows: Iterable[RotaRule], shifts: dict[str, list[FixedShift]]) -> tuple[Rule, ...]:
    """A list that has no shift within the window has nothing to say there."""
    return tuple(
        rule_of(row.table, shifts.get(row.name, ())) for row in rows if row.name in shifts or not is_list(row.table)
    )


def is_list(table: dict[str, object]) -> bool:
    """Whether a rule's shifts are written one by one."""
    return "people" not in table and "turns" not in table


def _person(member: Membership) -> Person:
    ways = channels_of(member)
    return Person(
        str(member.person_id), member.person.name, tuple(ways), member.person.email.lower(), member.of_practice
    )


def channels_of(member: Membership) -> dict[str, str]:
    """Addresses by channel, only those that work now. A locked PIN closes the telephone, for calls and texts. Browsers are not
    counted: somebody whom nothing else reaches is not to be relied on."""
    if not member.active or not member.person.is_active:
        return {}
    ways = {
        str(way["kind"]): str(way["address"])
        for way in member.channels
        if way.get("address") and not way.get("blocked")
    }
    if member.pin_locked_at is not None:
        ways.pop(PHONE, None)
    if member.codes_locked_at is not None or member.pin_locked_at is not None:
        ways.pop(SMS, None)
    return ways


def _override(row: RotaOverride, members: dict[UUID, Membership]) -> Override:
    maker = members.get(row.made_by_id) if row.made_by_id else None
    return Override(
        id=reference(row.id),
        change=Change(row.change),
        start=row.starts_at,
        end=row.ends_at,
        person=str(row.person_id or ""),
        leaves=str(row.leaves_id or ""),
        rule=row.rule,
        layer=row.layer,
        by=maker.person.name if maker else "the practice's file",
        reason=row.reason,
    )


def absence_of(row: RotaAbsence) -> Absence:
    return Absence(reference(row.id), str(row.person_id), row.starts_at, row.ends_at, row.reason)
