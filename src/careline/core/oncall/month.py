"""A month (or a week) of the rota as a page shows it: weeks of days, on each day who is on call from when to when, and why.

Days are days of the practice's own clock, so the nights on which it changes make one of 23 and one of 25 hours. A gap says so in
words and in a flag of its own: whoever prints the page, or reads it aloud, must not depend on a colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core.oncall.cover import ANY, shifts
from careline.core.oncall.holidays import holiday
from careline.core.oncall.intervals import clip
from careline.core.oncall.overrides import explain
from careline.core.oncall.rules import MIDNIGHT
from careline.core.oncall.wall import instant, utc, wall

if TYPE_CHECKING:
    from datetime import datetime, time

    from careline.core.oncall.cover import Shift
    from careline.core.oncall.rules import Calendar, Need

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody on call, by name; `id` for the link to their own page. `layer` 0 stands in."""

    id: str
    name: str
    layer: int
    why: str


@dataclass(frozen=True, slots=True)
class Entry:
    """The same people for a stretch of one day. `begins` and `ends` are wall-clock times; `goes_on` says that the shift runs
    past midnight, `came_over` that it began before this day."""

    start: datetime
    end: datetime
    begins: time
    ends: time
    came_over: bool
    goes_on: bool
    people: tuple[Named, ...]
    gap: bool

    @property
    def hours(self) -> str:
        """As read aloud or printed: "until 07:00", "07:00 to 19:00", "from 19:00", "all day"."""
        begins, ends = f"{self.begins:%H:%M}", f"{self.ends:%H:%M}"
        if (self.came_over or self.begins == MIDNIGHT) and (self.goes_on or self.ends == MIDNIGHT):
            return "all day"
        if self.came_over:
            return f"until {ends}"
        return f"from {begins}" if self.goes_on else f"{begins} to {ends}"

    @property
    def text(self) -> str:
        names = ", ".join(one.name for one in self.people)
        return f"{self.hours}: nobody on call, {names} would be called" if self.gap else f"{self.hours}: {names}"


@dataclass(frozen=True, slots=True)
class Day:
    """`hours` is 24, or what the clock change makes of it. `away` are the people absent for some of the day."""

    date: date
    in_month: bool
    holiday: str
    hours: float
    entries: tuple[Entry, ...]
    away: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    weeks: tuple[tuple[Day, ...], ...]

    @property
    def gaps(self) -> tuple[Entry, ...]:
        return tuple(entry for week in self.weeks for day in week for entry in day.entries if entry.gap)


def month(calendar: Calendar, year: int, number: int, need: Need = ANY, week_start: int = 0) -> Page:
    """Whole weeks that hold the month; `week_start` 0 is Monday, 6 Sunday. Days of other months have `in_month` False."""
    first = date(year, number, 1)
    after = date(year + number // 12, number % 12 + 1, 1)
    begin = first - _DAY * ((first.weekday() - week_start) % 7)
    weeks = -(-(after - begin).days // 7)
    return _page(calendar, begin, weeks, need, number)


def week(calendar: Calendar, day: date, need: Need = ANY, week_start: int = 0) -> Page:
    """The week this day is in."""
    return _page(calendar, day - _DAY * ((day.weekday() - week_start) % 7), 1, need, None)


def _page(calendar: Calendar, begin: date, weeks: int, need: Need, number: int | None) -> Page:
    zone = ZoneInfo(calendar.timezone)
    dates = [begin + _DAY * ahead for ahead in range(7 * weeks)]
    midnights = [instant(zone, wall(day, MIDNIGHT)) for day in [*dates, dates[-1] + _DAY]]
    cover = shifts(calendar, midnights[0] - _DAY, midnights[-1] + _DAY, need)
    days: list[Day] = []
    for day, start, end in zip(dates, midnights, midnights[1:], strict=False):
        entries = tuple(
            _entry(calendar, zone, shift, start, end) for shift in cover if shift.start < end > start < shift.end
        )
        gone = (one.person for one in calendar.absences if utc(one.start) < end and start < utc(one.end))
        away = tuple(calendar.person(person).name for person in dict.fromkeys(gone))
        hours = (end - start) / timedelta(hours=1)
        days.append(Day(day, number in (None, day.month), holiday(calendar.holidays, day), hours, entries, away))
    return Page(tuple(tuple(days[at : at + 7]) for at in range(0, len(days), 7)))


def _entry(calendar: Calendar, zone: ZoneInfo, shift: Shift, start: datetime, end: datetime) -> Entry:
    first, last = clip((shift.start, shift.end), start, end) or (start, end)
    people = tuple(
        Named(one.person, calendar.person(one.person).name, one.layer, explain(calendar, one)) for one in shift.people
    )
    begins, ends = first.astimezone(zone).time(), last.astimezone(zone).time()
    return Entry(first, last, begins, ends, shift.start < start, shift.end > end, people, shift.gap)
