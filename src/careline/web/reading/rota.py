"""Reads what the forms of the rota offer, and the lists beside the calendar: rotations, swaps, holidays, addresses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from careline.actions.rota.calendar import channels_of, is_list
from careline.core.oncall.holidays import holiday
from careline.core.oncall.tables import holiday_of
from careline.core.oncall.telling import stretch
from careline.storage.models import Membership, Practice, RotaHoliday, RotaKey, RotaRule, RotaShift, RotaSwap
from careline.web.seen.rota import HolidayRow, KeyRow, RuleRow, ShiftRow, SwapRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from careline.core.oncall.rules import FixedShift
    from careline.storage.transactions import Tx

_DAY = timedelta(days=1)
_STATES = {
    "proposed": "waits for the colleague",
    "agreed": "waits for approval",
    "approved": "in force",
    "declined": "not made",
}
_MOVES = {"stays": "", "nearest": "moves to Friday or Monday", "next": "moves to the next working day"}


def zone_of(tx: Tx) -> ZoneInfo:
    return ZoneInfo(Practice.objects.values_list("zone", flat=True).get(id=tx.practice))


def members(tx: Tx) -> list[Membership]:
    here = Membership.objects.filter(practice_id=tx.practice, active=True, person__is_active=True)
    return list(here.select_related("person").order_by("person__name"))


def people_choices(tx: Tx) -> list[tuple[str, str]]:
    """Everybody here, by person id; who cannot be reached is said to be so."""
    return [
        (
            str(member.person_id),
            member.person.name
            + (f", of {member.of_practice}" if member.of_practice else "")
            + ("" if channels_of(member) else " (cannot be reached)"),
        )
        for member in members(tx)
    ]


def rule_choices(tx: Tx) -> list[tuple[str, str]]:
    rows = RotaRule.objects.filter(practice_id=tx.practice, retired_at=None).order_by("id")
    return [(row.name, row.name) for row in rows]


def short_names(tx: Tx) -> dict[str, str]:
    """Ids of the practice's file, by person id."""
    here = Membership.objects.filter(practice_id=tx.practice).values_list("person_id", "staff_id")
    return {str(person): staff_id for person, staff_id in here}


def rule_table(tx: Tx, row: UUID) -> Mapping[str, Any] | None:
    found = RotaRule.objects.filter(practice_id=tx.practice, id=row, retired_at=None).first()
    return None if found is None else found.table


def read_rules(tx: Tx) -> tuple[RuleRow, ...]:
    names = {str(member.person_id): member.person.name for member in _all_members(tx)}
    rows = RotaRule.objects.filter(practice_id=tx.practice, retired_at=None).order_by("id")
    coming = RotaShift.objects.filter(practice_id=tx.practice, withdrawn_at=None, ends_at__gt=tx.now)
    coming = coming.filter(starts_at__gte=tx.now - 366 * _DAY)
    counts: dict[str, int] = {}
    for name in coming.values_list("rule", flat=True):
        counts[name] = counts.get(name, 0) + 1
    return tuple(_rule(row, names, counts.get(row.name, 0)) for row in rows)


def _rule(row: RotaRule, names: Mapping[str, str], shifts: int) -> RuleRow:
    table = row.table
    if is_list(table):
        who, how = f"{shifts} {'shift' if shifts == 1 else 'shifts'} to come", "shifts written one by one"
    elif "turns" in table:
        who = "; ".join(_named(str(turn), names) for turn in table["turns"])
        how = f"turns from {table.get('first', '')}, hand-off {table.get('hand_off', '')}"
    else:
        who = ", ".join(names.get(str(person), "somebody") for person in table["people"])
        every = (
            f"turns of one {table['every']}" if " " not in table.get("every", " ") else f"turns of {table.get('every')}"
        )
        how = f"{every}, hand-off {table['hand_off']}" if "every" in table else "always"
    hours = "; ".join(table.get("hours", ()))
    scope = [str(table[key]) for key in ("specialty", "location", "role") if key in table]
    scope += [str(level) for level in table.get("urgency", ())]
    days = {"only": "holidays only", "never": "not on holidays"}.get(str(table.get("holidays", "")), "")
    dates = [f"{key} {table[key]}" for key in ("starts", "until") if key in table]
    return RuleRow(
        row.id,
        row.name,
        who,
        ", ".join(part for part in (how, hours, days, *dates) if part),
        ", ".join(scope) or "everything",
        int(table.get("layer", 1)),
        row.source == "file",
    )


def _named(turn: str, names: Mapping[str, str]) -> str:
    who, _, length = turn.partition(" ")
    return f"{' and '.join(names.get(one, 'somebody') for one in who.split('+'))} {length}"


def read_swaps(tx: Tx, person: UUID, *, may_approve: bool) -> tuple[SwapRow, ...]:
    """Open ones first, and those that ended within a month."""
    zone, names = zone_of(tx), {member.person_id: member.person.name for member in _all_members(tx)}
    rows = RotaSwap.objects.filter(practice_id=tx.practice, made_at__gte=tx.now - 92 * _DAY).order_by("-made_at")
    found = [_swap(row, zone, names, person, may_approve) for row in rows[:100]]
    return tuple(sorted(found, key=lambda one: not one.open))


def _swap(row: RotaSwap, zone: ZoneInfo, names: Mapping[UUID, str], person: UUID, may_approve: bool) -> SwapRow:
    both = (row.first_person_id, row.colleague_id)
    back = ""
    if row.second_starts_at is not None and row.second_ends_at is not None:
        back = stretch(zone, row.second_starts_at, row.second_ends_at)
    is_open = row.state in ("proposed", "agreed")
    return SwapRow(
        id=row.id,
        gives=names.get(row.first_person_id, "somebody"),
        takes=names.get(row.colleague_id, "somebody"),
        what=stretch(zone, row.first_starts_at, row.first_ends_at),
        back=back,
        state=_STATES.get(row.state, row.state),
        open=is_open,
        may_agree=row.state == "proposed" and person == row.colleague_id,
        may_approve=row.state == "agreed" and may_approve and person not in both,
        may_decline=is_open and (may_approve or person in both),
    )


def read_holidays(tx: Tx) -> tuple[HolidayRow, ...]:
    """Each with the day it is kept next."""
    rows = list(RotaHoliday.objects.filter(practice_id=tx.practice, withdrawn_at=None).order_by("id"))
    today = tx.now.astimezone(zone_of(tx)).date()
    found = [
        HolidayRow(
            row.id,
            str(row.table["name"]),
            ", ".join(row.table["date"]) if isinstance(row.table["date"], list) else str(row.table["date"]),
            _MOVES.get(str(row.table.get("moved", "stays")), ""),
            _next(row, today),
            row.source == "file",
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: (one.next is None, one.next or today)))


def _next(row: RotaHoliday, today: date) -> date | None:
    one = (holiday_of(row.table),)
    return next((day for day in (today + ahead * _DAY for ahead in range(1500)) if holiday(one, day)), None)


def read_keys(tx: Tx, person: UUID, *, anybodys: bool) -> tuple[KeyRow, ...]:
    names = {member.person_id: member.person.name for member in _all_members(tx)}
    rows = RotaKey.objects.filter(practice_id=tx.practice, revoked_at=None).order_by("-made_at")
    return tuple(
        KeyRow(
            row.id,
            "Key of the API" if row.kind == "api" else "Calendar feed",
            names.get(row.person_id, "somebody") if row.person_id else "the whole practice",
            row.label,
            row.made_at,
            row.used_at,
        )
        for row in rows[:200]
        if anybodys or row.person_id == person
    )


def shifts_shown(tx: Tx, shifts: Sequence[FixedShift]) -> tuple[ShiftRow, ...]:
    zone, names = zone_of(tx), {str(member.person_id): member.person.name for member in _all_members(tx)}
    return tuple(ShiftRow(stretch(zone, one.start, one.end), names[one.person]) for one in shifts)


def _all_members(tx: Tx) -> list[Membership]:
    return list(Membership.objects.filter(practice_id=tx.practice).select_related("person"))
