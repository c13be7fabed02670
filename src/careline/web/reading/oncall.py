"""Reads who is on call: now, and hour by hour through one week of the practice's wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core.errors import DataFileError
from careline.core.practice import Practice as PracticeValue
from careline.core.practice import parse_practice
from careline.storage.models import Membership, PracticeFile, Shift
from careline.web.reading.common import language_name
from careline.web.seen.oncall import Bar, Day, OnCall, OnCallNow, StepShown
from careline.web.seen.parts import human, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from careline.storage.transactions import Tx


@dataclass(frozen=True, slots=True)
class Stretch:
    """One person's turn of duty, as instants in the practice's zone."""

    person: UUID
    starts: datetime
    ends: datetime


def read_oncall(tx: Tx, zone_name: str, week: date | None) -> OnCall:
    zone = ZoneInfo(zone_name)
    local = tx.now.astimezone(zone)
    monday = (week or local.date()) - timedelta(days=(week or local.date()).weekday())
    members = {m.person_id: m for m in Membership.objects.filter(practice_id=tx.practice).select_related("person")}
    shifts = list(Shift.objects.filter(practice_id=tx.practice))
    duty = [shift for shift in shifts if shift.layer == "on_call"]
    now = [stretch for stretch in _stretches(duty, local.date(), 1, zone) if stretch.starts <= local < stretch.ends]
    tones = {person: tone % 4 for tone, person in enumerate(dict.fromkeys(shift.person_id for shift in duty))}
    names = {person: member.person.name for person, member in members.items()}
    midnight = datetime.combine(local.date(), time(0), zone)
    return OnCall(
        now=tx.now,
        zone=zone_name.replace("_", " "),
        current=tuple(_now(members[s.person], s) for s in now if s.person in members),
        gap=not now,
        backup=_layer(shifts, names, "backup"),
        supervisor=_layer(shifts, names, "supervisor"),
        week_start=monday,
        previous=(monday - timedelta(days=7)).isoformat(),
        following=(monday + timedelta(days=7)).isoformat(),
        days=_days(_stretches(duty, monday, 7, zone), monday, zone, local.date(), names, tones),
        steps=_steps(tx.practice, names={m.staff_id: m.person.name for m in members.values()}),
        now_percent=100 * _seconds(midnight, local) / 86400,
    )


def on_call_line(tx: Tx, zone_name: str, person: UUID) -> str:
    """One sentence for somebody's own page: whether they are on call, and until when."""
    zone = ZoneInfo(zone_name)
    local = tx.now.astimezone(zone)
    duty = list(Shift.objects.filter(practice_id=tx.practice, layer="on_call", person_id=person))
    for stretch in _stretches(duty, local.date(), 1, zone):
        if stretch.starts <= local < stretch.ends:
            return f"You are on call until {stretch.ends:%a %-I:%M %p}."
    return "You are not on call now."


def _stretches(shifts: Sequence[Shift], first: date, days: int, zone: ZoneInfo) -> list[Stretch]:
    """Every turn that touches `days` days from `first`, joined where one follows another without a break. The weeks about
    them are looked at as well, so that a turn shows its true beginning and end."""
    found: list[Stretch] = []
    for offset in range(-7, days + 7):
        day = first + timedelta(days=offset)
        for shift in shifts:
            if shift.weekday == day.weekday():
                last = day if shift.ends > shift.starts else day + timedelta(days=1)
                starts, ends = datetime.combine(day, shift.starts, zone), datetime.combine(last, shift.ends, zone)
                found.append(Stretch(shift.person_id, starts, ends))
    found.sort(key=lambda stretch: (str(stretch.person), stretch.starts))
    joined: list[Stretch] = []
    for stretch in found:
        if joined and joined[-1].person == stretch.person and joined[-1].ends >= stretch.starts:
            joined[-1] = Stretch(stretch.person, joined[-1].starts, max(joined[-1].ends, stretch.ends))
        else:
            joined.append(stretch)
    return joined


def _days(
    stretches: Sequence[Stretch],
    monday: date,
    zone: ZoneInfo,
    today: date,
    names: Mapping[UUID, str],
    tones: Mapping[UUID, int],
) -> tuple[Day, ...]:
    days: list[Day] = []
    for offset in range(7):
        day = monday + timedelta(days=offset)
        starts = datetime.combine(day, time(0), zone)
        ends = datetime.combine(day + timedelta(days=1), time(0), zone)
        mine = sorted((s for s in stretches if s.starts < ends and s.ends > starts), key=lambda s: s.starts)
        bars = [_bar(max(s.starts, starts), min(s.ends, ends), starts, names[s.person], tones[s.person]) for s in mine]
        days.append(Day(day, day == today, (*bars, *_gaps(mine, starts, ends))))
    return tuple(days)


def _gaps(stretches: Sequence[Stretch], starts: datetime, ends: datetime) -> list[Bar]:
    gaps: list[Bar] = []
    covered = starts
    for stretch in stretches:
        if stretch.starts > covered:
            gaps.append(_bar(covered, stretch.starts, starts, "Nobody", 0, gap=True))
        covered = max(covered, stretch.ends)
    if covered < ends:
        gaps.append(_bar(covered, ends, starts, "Nobody", 0, gap=True))
    return gaps


def _bar(starts: datetime, ends: datetime, midnight: datetime, name: str, tone: int, *, gap: bool = False) -> Bar:
    left = 100 * _seconds(midnight, starts) / 86400
    right = 100.0 if ends.date() > midnight.date() else 100 * _seconds(midnight, ends) / 86400
    return Bar(name, tone, left, right - left, f"{starts:%-I:%M %p} to {ends:%-I:%M %p}", gap)


def _seconds(midnight: datetime, at: datetime) -> float:
    """Wall-clock seconds since midnight: a drawing of the day keeps its 24 hours on clock-change days."""
    return (at.replace(tzinfo=None) - midnight.replace(tzinfo=None)).total_seconds()


def _now(member: Membership, stretch: Stretch) -> OnCallNow:
    phone = next((c["address"] for c in member.channels if c.get("kind") == "phone"), "")
    return OnCallNow(
        member.person.name,
        human(member.role),
        stretch.starts,
        stretch.ends,
        spelled(phone),
        language_name(member.person.language),
    )


def _layer(shifts: Sequence[Shift], names: Mapping[UUID, str], layer: str) -> str:
    people = dict.fromkeys(names.get(shift.person_id, "") for shift in shifts if shift.layer == layer)
    return ", ".join(name for name in people if name) or "nobody"


def _steps(practice_id: UUID, names: Mapping[str, str]) -> tuple[StepShown, ...]:
    newest = PracticeFile.objects.filter(practice_id=practice_id).order_by("-id").first()
    if newest is None:
        return ()
    try:
        file: PracticeValue = parse_practice(newest.source, "practice file")
    except DataFileError:  # a file of an older release: the page shows the rest
        return ()
    return tuple(
        StepShown(
            number,
            ", ".join(names.get(one, human(one)) for one in step.reach),
            ", ".join(human(channel) for channel in step.channels),
            f"{step.seconds // 60} min" if step.seconds % 60 == 0 else f"{step.seconds} s",
        )
        for number, step in enumerate(file.steps, 1)
    )
