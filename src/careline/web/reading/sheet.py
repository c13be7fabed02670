"""One day of the calendar, as the week draws it and the month writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from careline.core.oncall.cover import FIRST
from careline.core.oncall.overrides import STAND_IN
from careline.core.oncall.rules import MIDNIGHT
from careline.core.oncall.telling import clock
from careline.web.seen.oncall import Bar, Day, Entry, Lane

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, time
    from zoneinfo import ZoneInfo

    from careline.core.oncall.month import Day as CoreDay
    from careline.core.oncall.month import Entry as CoreEntry
    from careline.core.oncall.month import Named

_LAYERS = {2: "2nd", 3: "3rd"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all days of a page share. `drawn`: as bars of a week; else written, as in a month. `me` is who looks at it."""

    zone: ZoneInfo
    today: date
    tones: Mapping[str, int]
    me: str
    drawn: bool


def day_shown(day: CoreDay, sheet: Sheet) -> Day:
    return Day(
        day=day.date,
        iso=day.date.isoformat(),
        long=f"{day.date:%A, %B} {day.date.day}",
        weekday=f"{day.date:%a}",
        month=f"{day.date:%b}",
        today=day.date == sheet.today,
        in_month=day.in_month,
        holiday=day.holiday,
        clock="" if day.hours == 24 else f"{day.hours:g} hours: the clocks change",
        away=day.away,
        lanes=_lanes(day.entries, sheet.zone, sheet.tones) if sheet.drawn else (),
        entries=() if sheet.drawn else tuple(_entry(one, sheet.zone, sheet.tones, sheet.me) for one in day.entries),
    )


def _entry(one: CoreEntry, zone: ZoneInfo, tones: Mapping[str, int], me: str) -> Entry:
    first = [named for named in one.people if named.layer in (FIRST, STAND_IN)] if not one.gap else list(one.people)
    others = [named for named in one.people if named not in first]
    return Entry(
        hours=hours(one),
        names=_names(first),
        others=_names(others),
        query=_query(one, first, zone),
        why="; ".join(dict.fromkeys(named.why for named in first)),
        gap=one.gap,
        mine=any(named.id == me for named in first) and not one.gap,
        tone=tones.get(first[0].id, 0) if first else 0,
    )


def hours(one: CoreEntry) -> str:
    """As read aloud or printed: "until 7:00 AM", "7:00 AM to 7:00 PM", "from 7:00 PM", "all day"."""
    begins, ends = _at(one.begins), _at(one.ends)
    from_midnight = one.came_over or one.begins == MIDNIGHT
    if from_midnight and (one.goes_on or one.ends == MIDNIGHT):
        return "all day"
    if from_midnight:
        return f"until {ends}"
    return f"from {begins}" if one.goes_on or one.ends == MIDNIGHT else f"{begins} to {ends}"


def _at(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at:%M %p}"


def _names(people: Sequence[Named]) -> str:
    return ", ".join(one.name for one in people)


def _query(one: CoreEntry, people: Sequence[Named], zone: ZoneInfo) -> str:
    """What the form that changes this stretch begins with."""
    start, end = (at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") for at in (one.start, one.end))
    leaves = people[0].id if people and not one.gap else ""
    return urlencode({"start": start, "end": end, **({"leaves": leaves} if leaves else {"change": "add"})})


def _lanes(entries: Sequence[CoreEntry], zone: ZoneInfo, tones: Mapping[str, int]) -> tuple[Lane, ...]:
    layers = sorted({named.layer for one in entries if not one.gap for named in one.people} | {FIRST})
    further = {named.layer for one in entries for named in one.people if named.layer > FIRST}
    return tuple(
        Lane(
            "" if layer == FIRST else _LAYERS.get(layer, f"{layer}th"),
            tuple(_bars(entries, layer, zone, tones)),
        )
        for layer in sorted({*layers, *further} - {STAND_IN})
    )


def _bars(entries: Sequence[CoreEntry], layer: int, zone: ZoneInfo, tones: Mapping[str, int]) -> list[Bar]:
    found: list[tuple[CoreEntry, CoreEntry, tuple[Named, ...]]] = []
    for one in entries:
        people = tuple(named for named in one.people if named.layer == layer)
        joins = found and {n.id for n in found[-1][2]} == {n.id for n in people} and found[-1][1].end == one.start
        if joins:
            found[-1] = (found[-1][0], one, people)
        elif people or layer == FIRST:
            found.append((one, one, people))
    return [_bar(first, last, people, zone, tones) for first, last, people in found]


def _bar(first: CoreEntry, last: CoreEntry, people: Sequence[Named], zone: ZoneInfo, tones: Mapping[str, int]) -> Bar:
    left = _percent(first.begins) if not first.came_over else 0.0
    right = 100.0 if last.goes_on or last.ends == MIDNIGHT else _percent(last.ends)
    gap = not people
    start, end = first.start.astimezone(zone), last.end.astimezone(zone)
    query = {"start": f"{start:%Y-%m-%dT%H:%M}", "end": f"{end:%Y-%m-%dT%H:%M}"}
    return Bar(
        name=_names(people) or "Nobody",
        tone=tones.get(people[0].id, 0) if people else 0,
        left=f"{left:.2f}",
        width=f"{max(right - left, 0.5):.2f}",
        label=f"{clock(start)} to {clock(end)}",
        query=urlencode({**query, **({"change": "add"} if gap else {"leaves": people[0].id})}),
        gap=gap,
    )


def _percent(at: time) -> float:
    """Of the day on the wall: a drawing keeps its 24 hours on the days that have more or less."""
    return 100 * (at.hour * 3600 + at.minute * 60 + at.second) / 86400
