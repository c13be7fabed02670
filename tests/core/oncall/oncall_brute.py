"""An independent calculator: who is on call, worked out minute by minute from the definitions, as slowly and plainly as can be.

It shares no time arithmetic with the product. It knows one clock, which it reads every minute, and remembers the latest time it
has shown so far. A rota follows that: it hands over when the clock first shows, or has jumped over, the time of the hand-off, and
does not hand back when the clock does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from careline.core.oncall.rules import Calendar, Change, Hours, Listed, Need, OnHolidays, Rotation, Rule

MINUTE = timedelta(minutes=1)


def clock_at(zone: ZoneInfo, at: datetime) -> datetime:
    """The latest time the clock has shown up to this instant. No clock in the tests goes back by more than two hours."""
    before = at.replace(second=0, microsecond=0)
    shown = [(before - back * MINUTE).astimezone(zone).replace(tzinfo=None) for back in range(121)]
    return max(*shown, at.astimezone(zone).replace(tzinfo=None))


def expected(calendar: Calendar, need: Need, at: datetime, off: set[date]) -> frozenset[tuple[str, int]]:
    """The people on call with their layers; empty when nobody is. `off` are the holidays."""
    return on_call(calendar, need, at, clock_at(ZoneInfo(calendar.timezone), at), off)


def minutes(
    calendar: Calendar, need: Need, start: datetime, end: datetime, off: set[date]
) -> Iterator[tuple[datetime, frozenset[tuple[str, int]]]]:
    """The same for each minute from `start` to `end`."""
    zone = ZoneInfo(calendar.timezone)
    at, latest = start, clock_at(zone, start)
    while at < end:
        latest = max(latest, at.astimezone(zone).replace(tzinfo=None))
        yield at, on_call(calendar, need, at, latest, off)
        at += MINUTE


def on_call(
    calendar: Calendar, need: Need, at: datetime, clock: datetime, off: set[date]
) -> frozenset[tuple[str, int]]:
    places: list[list[Any]] = []  # [holder, layer, rule or None]
    rules = [rule for rule in calendar.rules if fits(rule, need)]
    for rule in rules:
        places += [[name, rule.layer, rule] for name in by_rule(rule, at, clock, off)]
    for change in calendar.overrides:
        if not change.start <= at < change.end:
            continue
        named = [rule for rule in rules if rule.id == change.rule]
        if change.rule and not named:
            continue
        if change.change is Change.ADD:
            places.append([change.person, named[0].layer if named else change.layer, named[0] if named else None])
            continue
        for place in places:
            concerned = not change.rule or (place[2] is not None and place[2].id == change.rule)
            if concerned and place[0] is not None and change.leaves in ("", place[0]):
                place[0] = change.person if change.change is Change.REPLACE else None
    away = {one.person for one in calendar.absences if one.start <= at < one.end}
    there = [place for place in places if place[0] is not None and place[0] not in away]
    chosen: dict[str, int] = {}
    for layer in (1, 2):
        here = [place for place in there if place[1] == layer]
        for name, _, rule in here:
            if rule is None or not any(other and beats(other, rule) for _, _, other in here):
                chosen.setdefault(name, layer)
    return frozenset(chosen.items())


def fits(rule: Rule, need: Need) -> bool:
    for wanted, has in (
        (rule.scope.specialty, need.specialty),
        (rule.scope.location, need.location),
        (rule.scope.role, need.role),
    ):
        if wanted and wanted != has:
            return False
    return not rule.scope.urgency or need.urgency in rule.scope.urgency


def beats(one: Rule, other: Rule) -> bool:
    """The order of specificity, said step by step."""
    for part in ("specialty", "location", "role"):
        first, second = bool(getattr(one.scope, part)), bool(getattr(other.scope, part))
        if first != second:
            return first
    first, second = len(one.scope.urgency) or 99, len(other.scope.urgency) or 99
    if first != second:
        return first < second
    return one.holidays is OnHolidays.ONLY and other.holidays is not OnHolidays.ONLY


def by_rule(rule: Rule, at: datetime, clock: datetime, off: set[date]) -> list[str]:
    if isinstance(rule.pattern, Listed):
        return [shift.person for shift in rule.pattern.shifts if shift.start <= at < shift.end]
    hand_off = rule.pattern.hand_off if isinstance(rule.pattern, Rotation) else time(0)
    round_the_clock = (Hours((0, 1, 2, 3, 4, 5, 6), type("S", (), {"start": hand_off, "end": hand_off})()),)
    for back in (0, 1):
        day = (clock - timedelta(days=back)).date()
        if rule.starts and day < rule.starts:
            continue
        if rule.until and day >= rule.until:
            continue
        if rule.holidays is OnHolidays.ONLY and day not in off:
            continue
        if rule.holidays is OnHolidays.NEVER and day in off:
            continue
        for hours in rule.hours or round_the_clock:
            opens = datetime.combine(day, hours.span.start)
            closes = datetime.combine(day, hours.span.end)
            if closes <= opens:
                closes += timedelta(days=1)
            if day.weekday() in hours.days and opens <= clock < closes:
                return turn(rule, clock)
    return []


def turn(rule: Rule, clock: datetime) -> list[str]:
    if not isinstance(rule.pattern, Rotation):
        return list(rule.pattern.people)
    begins = datetime.combine(rule.pattern.first, rule.pattern.hand_off)
    if clock < begins:
        return []
    while True:
        for one in rule.pattern.turns:
            ends = begins + timedelta(minutes=one.minutes)
            if clock < ends:
                return list(one.people)
            begins = ends
