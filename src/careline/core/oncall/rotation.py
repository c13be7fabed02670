"""What the rules alone say: one `Duty` for each stretch of time in which a rule puts a person on call.

A duty is where a turn of the pattern and the hours of a rule meet. Both are intervals of wall-clock minutes, so the meeting is
plain arithmetic on integers; only its result is turned into instants (`wall.instant`, which keeps order, so nothing that joins or
keeps apart on paper does otherwise in time).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.oncall.holidays import holiday
from careline.core.oncall.intervals import clip
from careline.core.oncall.rules import Listed, OnHolidays, Rotation, Rule
from careline.core.oncall.wall import DAY, day_of, instant, shown, utc, wall
from careline.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from careline.core.oncall.holidays import Holiday
    from careline.core.oncall.rules import Hours, Standing

# Wall-clock windows are looked for this far (minutes) around the instants asked for: more than any clock has ever jumped.
_AROUND = 26 * 60


@dataclass(frozen=True, slots=True)
class Duty:
    """`person` is on call by `rule` from `start` to `end` (instants in UTC)."""

    start: datetime
    end: datetime
    rule: Rule
    person: str


def duties(rule: Rule, zone: ZoneInfo, holidays: tuple[Holiday, ...], start: datetime, end: datetime) -> Iterator[Duty]:
    """The rule's duties between two instants, clipped to them, in order of time."""
    if isinstance(rule.pattern, Listed):
        for shift in sorted(rule.pattern.shifts, key=lambda shift: utc(shift.start)):
            if part := clip((utc(shift.start), utc(shift.end)), start, end):
                yield Duty(*part, rule, shift.person)
        return
    low, high = shown(zone, start) - _AROUND, shown(zone, end) + _AROUND
    for opens, closes in windows(rule, holidays, low, high):
        for first, last, people in _turns(rule.pattern, opens, closes):
            if part := clip((instant(zone, first), instant(zone, last)), start, end):
                for person in people:
                    yield Duty(*part, rule, person)


def open_hours(hours: tuple[Hours, ...], day: date) -> Iterator[tuple[int, int]]:
    """The wall-clock windows that belong to this day."""
    for one in hours:
        if day.weekday() in one.days:
            yield window(one.span, day)


def window(span: Span, day: date) -> tuple[int, int]:
    """A span of this day as minutes on the wall, from opening to closing."""
    opens, closes = wall(day, span.start), wall(day, span.end)
    return opens, closes + DAY if span.overnight else closes


def windows(rule: Rule, holidays: tuple[Holiday, ...], low: int, high: int) -> Iterator[tuple[int, int]]:
    """When the rule holds, as wall-clock windows that meet [low, high)."""
    if not rule.hours and rule.holidays is OnHolidays.AS_USUAL:
        opens = max(low, wall(rule.starts, rule.hand_off)) if rule.starts else low
        closes = min(high, wall(rule.until, rule.hand_off)) if rule.until else high
        if opens < closes:
            yield opens, closes
        return
    for ordinal in range(low // DAY - 1, high // DAY + 1):
        day = day_of(ordinal * DAY)
        if _holds(rule, holidays, day):
            for opens, closes in _hours(rule, day):
                if opens < high and low < closes:
                    yield opens, closes


def _hours(rule: Rule, day: date) -> Iterator[tuple[int, int]]:
    if rule.hours:
        yield from open_hours(rule.hours, day)
    else:
        yield window(Span(rule.hand_off, rule.hand_off), day)


def _holds(rule: Rule, holidays: tuple[Holiday, ...], day: date) -> bool:
    if (rule.starts and day < rule.starts) or (rule.until and day >= rule.until):
        return False
    return rule.holidays is OnHolidays.AS_USUAL or bool(holiday(holidays, day)) is (rule.holidays is OnHolidays.ONLY)


def _turns(pattern: Rotation | Standing, low: int, high: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Whose turn it is within [low, high), clipped to it."""
    if not isinstance(pattern, Rotation):
        yield low, high, pattern.people
        return
    begin = wall(pattern.first, pattern.hand_off)
    cycle = sum(turn.minutes for turn in pattern.turns)
    at = begin + max(0, low - begin) // cycle * cycle
    while at < high:
        for turn in pattern.turns:
            first, last = max(at, low), min(at + turn.minutes, high)
            if first < last:
                yield first, last, turn.people
            at += turn.minutes
