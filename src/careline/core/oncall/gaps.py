"""Where cover is missing, found when a calendar is made and again days ahead, and when to sound the alarm.

Two things can go wrong. A *gap*: for some need the first layer has nobody (the next layer or a stand-in would be reached). An
*empty shift*: a rule's shift that nobody fills, even when a more general rule would answer for it. Both are told with why.
Needs looked after are the ones the rules name, and the general one, each at every urgency that wakes people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core.clinical import Level
from careline.core.oncall.cover import FIRST, looks, rules_for, shifts
from careline.core.oncall.holidays import holiday
from careline.core.oncall.intervals import clip, subtract, union
from careline.core.oncall.overrides import vacancies
from careline.core.oncall.rotation import open_hours
from careline.core.oncall.rules import Need
from careline.core.oncall.wall import DAY, day_of, instant, shown, utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from careline.core.oncall.cover import Shift
    from careline.core.oncall.intervals import Interval
    from careline.core.oncall.overrides import OnCall, Vacancy
    from careline.core.oncall.rules import Calendar

WAKES = (Level.EMERGENCY, Level.URGENT)


@dataclass(frozen=True, slots=True)
class Gap:
    """For these needs nobody of the first layer is on call from `start` to `end`; `reached` are the people who would be
    called instead, and `vacant` the places that would have been filled (none: no rule is for that time)."""

    start: datetime
    end: datetime
    needs: tuple[Need, ...]
    reached: tuple[OnCall, ...]
    vacant: tuple[Vacancy, ...]


@dataclass(frozen=True, slots=True)
class EmptyShift:
    """Nobody fills this rule from `start` to `end`, though it holds then."""

    start: datetime
    end: datetime
    rule: str
    vacant: tuple[Vacancy, ...]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Somebody must be told at `at` (which may be now) of what begins at `about.start`."""

    at: datetime
    about: Gap | EmptyShift


def needs(calendar: Calendar) -> tuple[Need, ...]:
    """The needs to look after: nothing special, and what each rule is for, at each urgency that wakes people."""
    named = {("", "", ""): None}
    named |= {(rule.scope.specialty, rule.scope.location, rule.scope.role): None for rule in calendar.rules}
    return tuple(Need(level, *one) for one in named for level in WAKES)


def gaps(calendar: Calendar, start: datetime, end: datetime, of: Sequence[Need] = ()) -> tuple[Gap, ...]:
    """Every stretch in which some need (`of` these, or all) has nobody in the first layer, in order of time. Hours in which
    the office itself answers are left out."""
    alike: dict[tuple[str, ...], list[Need]] = {}
    for need in of or needs(calendar):
        alike.setdefault(tuple(rule.id for rule in rules_for(calendar, need)), []).append(need)
    desk = desk_hours(calendar, start, end)
    found: dict[Gap, tuple[Need, ...]] = {}
    for same in alike.values():
        for gap in _gaps(shifts(calendar, start, end, same[0]), desk):
            found[gap] = (*found.get(gap, ()), *same)
    told = (replace(gap, needs=needing) for gap, needing in found.items())
    return tuple(sorted(told, key=lambda gap: (gap.start, gap.end)))


def _gaps(cover: Sequence[Shift], desk: Sequence[Interval]) -> Iterator[Gap]:
    for shift in cover:
        if shift.gap:
            vacant = tuple(place for place in shift.vacant if place.layer == FIRST)
            for first, last in subtract([(shift.start, shift.end)], desk):
                yield Gap(first, last, (), shift.people, vacant)


def desk_hours(calendar: Calendar, start: datetime, end: datetime) -> list[Interval]:
    """When the office itself answers, between two instants. Never on holidays."""
    zone = ZoneInfo(calendar.timezone)
    if not calendar.desk:
        return []
    days = range(shown(zone, start) // DAY - 2, shown(zone, end) // DAY + 2)
    windows = [
        (instant(zone, opens), instant(zone, closes))
        for day in map(day_of, (ordinal * DAY for ordinal in days))
        if not holiday(calendar.holidays, day)
        for opens, closes in open_hours(calendar.desk, day)
    ]
    return union(part for one in windows if (part := clip(one, utc(start), utc(end))))


def empty_shifts(calendar: Calendar, start: datetime, end: datetime) -> tuple[EmptyShift, ...]:
    """Every stretch in which a rule holds but all its places are empty, in order of time; not while the office answers."""
    found: dict[str, list[EmptyShift]] = {}
    for look in looks(calendar, calendar.rules, utc(start), utc(end)):
        vacant = vacancies(look.places, look.away)
        filled = {slot.rule.id for slot in look.places if slot.rule and slot.holder and slot.holder not in look.away}
        for rule in dict.fromkeys(place.rule for place in vacant):
            if rule and rule not in filled:
                places = tuple(place for place in vacant if place.rule == rule)
                _extend(found.setdefault(rule, []), EmptyShift(look.start, look.end, rule, places))
    desk = desk_hours(calendar, start, end)
    empty = (one for many in found.values() for one in many)
    open_ = (replace(one, start=a, end=b) for one in empty for a, b in subtract([(one.start, one.end)], desk))
    return tuple(sorted(open_, key=lambda one: (one.start, one.rule)))


def _extend(found: list[EmptyShift], one: EmptyShift) -> None:
    if found and found[-1].end == one.start and found[-1].vacant == one.vacant:
        one = replace(one, start=found.pop().start)
    found.append(one)


def alarms(calendar: Calendar, start: datetime, end: datetime, ahead: timedelta) -> tuple[Alarm, ...]:
    """The alarms that fall due from `start` to `end`: `ahead` of each gap and empty shift, at once for one that has begun or
    is nearer than that. In order of time."""
    until = end + ahead
    both = (*gaps(calendar, start, until), *empty_shifts(calendar, start, until))
    due = (Alarm(max(utc(start), one.start - ahead), one) for one in both)
    return tuple(sorted((alarm for alarm in due if alarm.at < end), key=lambda alarm: (alarm.at, alarm.about.start)))


def because(calendar: Calendar, place: Vacancy) -> str:
    """Why a place is empty, as a sentence."""
    name = calendar.person(place.person).name
    told = f"rule {place.rule}: {name}" if place.rule else name
    return f"{told} is away" if place.away else f"{told} was taken off by override {place.overrides[-1]}"
