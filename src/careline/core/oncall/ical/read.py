"""Shifts from an .ics file: what another rota program exported, made into shifts of our own, or refused with line and mend.

Times must say in which zone they are (or be in UTC); a shift must have an end. The clock on the wall counts: a nightly shift from
19:00 to 07:00 ends at 07:00 on the night the clock changes, too. Whole-day shifts begin and end at midnight of the practice's own
zone, or at the hand-off given. Whatever the file says, reading it takes less than a second: too much work is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core.errors import DataFileError, Refused
from careline.core.oncall.ical.lines import Component, Line, parse
from careline.core.oncall.ical.recurrence import Budget, occurrences, parse_repeat
from careline.core.oncall.ical.zones import zone_of
from careline.core.oncall.wall import DAY, day_of, instant, shown, utc, wall

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_STEPS = 30_000
MOST_SHIFTS = 5_000
_UTC = ZoneInfo("UTC")
_LONGEST = timedelta(days=366)
_TIME = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z)?)?$")
_LENGTH = re.compile(r"^\+?P(?:(\d{1,3})W)?(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:\d{1,6}S)?)?$")


@dataclass(frozen=True, slots=True)
class Imported:
    """One shift as the file has it. `people` are addresses of its attendees, in small letters; `line` is where it begins."""

    summary: str
    people: tuple[str, ...]
    start: datetime
    end: datetime
    line: int


@dataclass(frozen=True, slots=True)
class _Moment:
    """A time as written: minutes on the wall of a zone; `whole_day` when only the date was written."""

    minutes: int
    zone: ZoneInfo
    whole_day: bool

    @property
    def at(self) -> datetime:
        return instant(self.zone, self.minutes)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What every part of one reading needs to know. `zones` are the file's own names for zones."""

    name: str
    zone: ZoneInfo
    hand_off: time
    start: datetime
    end: datetime
    budget: Budget
    zones: dict[str, str]

    def error(self, line: int, problem: str, mend: str = "") -> DataFileError:
        return DataFileError(self.name, line, problem, mend)


def parse_ics(
    text: str, name: str, zone: ZoneInfo, start: datetime, end: datetime, hand_off: time = time(0)
) -> tuple[Imported, ...]:
    """The shifts that touch the time from `start` to `end`, in order. Raises `DataFileError` for the first mistake found."""
    calendar = parse(text, name)
    read = _Reading(name, zone, hand_off, utc(start), utc(end), Budget(MOST_STEPS), _own_zones(calendar))
    events = [part for part in calendar.parts if part.name == "VEVENT"]
    if not events:
        raise read.error(calendar.number, "there is no shift in this file", "export the rota, not an empty calendar")
    moved = _moved(read, events)
    found: list[Imported] = []
    for event in events:
        found.extend(_shifts(read, event, moved))
        if len(found) > MOST_SHIFTS:
            raise read.error(event.number, f"more than {MOST_SHIFTS} shifts", "export fewer months")
    return tuple(sorted(found, key=lambda shift: (shift.start, shift.line)))


def _own_zones(calendar: Component) -> dict[str, str]:
    """TZIDs of the file that tell their IANA name beside."""
    found: dict[str, str] = {}
    for part in calendar.parts:
        tzid, location = part.first("TZID"), part.first("X-LIC-LOCATION")
        if part.name == "VTIMEZONE" and tzid and location:
            found[tzid.value] = location.value
    return found


def _moved(read: _Reading, events: list[Component]) -> set[tuple[str, datetime]]:
    """Occurrences of a repeating shift that were changed one by one: each stands in the file as a shift of its own."""
    moved: set[tuple[str, datetime]] = set()
    for event in events:
        if line := event.first("RECURRENCE-ID"):
            if "RANGE" in line.parameters:
                raise read.error(
                    line.number, "a change to this and all later shifts", "write the later shifts as their own"
                )
            moved.add((_uid(event), _moment(read, line, line.value).at))
    return moved


def _uid(event: Component) -> str:
    line = event.first("UID")
    return line.value if line else ""


def _shifts(read: _Reading, event: Component, moved: set[tuple[str, datetime]]) -> Iterator[Imported]:
    status, summary = event.first("STATUS"), event.first("SUMMARY")
    if status and status.value.strip().upper() == "CANCELLED":
        return
    begin, length, end = _begin(read, event)
    people = tuple(line.value.lower().removeprefix("mailto:") for line in event.all("ATTENDEE"))
    excluded = [moment for line in event.all("EXDATE") for moment in _moments(read, line)]
    skipped, days_off = {moment.at for moment in excluded}, {day_of(one.minutes) for one in excluded if one.whole_day}
    own = event.first("RECURRENCE-ID") is not None
    for minutes in _starts(read, event, begin):
        first = instant(begin.zone, minutes)
        last = end if end and minutes == begin.minutes else instant(begin.zone, minutes + length)
        gone = first in skipped or day_of(minutes) in days_off or (not own and (_uid(event), first) in moved)
        if not gone and first < read.end and read.start < last:
            yield Imported(summary.text.strip() if summary else "", people, first, last, event.number)


def _begin(read: _Reading, event: Component) -> tuple[_Moment, int, datetime | None]:
    """When the (first) shift begins, how many minutes on the wall it and its repeats last, and when the first ends, if told."""
    start, end, length = event.first("DTSTART"), event.first("DTEND"), event.first("DURATION")
    if not start:
        raise read.error(event.number, "a shift without a start", "add DTSTART")
    begin = _moment(read, start, start.value)
    if end:
        last = _moment(read, end, end.value)
        lasts = last.at - begin.at
        if lasts <= timedelta(0):
            raise read.error(end.number, "the shift ends before it begins, or when it begins", "mend DTSTART or DTEND")
        if lasts > _LONGEST:
            raise read.error(end.number, "the shift does not end within a year", "mend DTEND")
        on_wall = last.minutes - begin.minutes
        same_clock = last.zone == begin.zone and on_wall > 0
        return begin, on_wall if same_clock else lasts // timedelta(minutes=1), last.at
    if length:
        return begin, _length(read, length), None
    if begin.whole_day:
        return begin, DAY, None
    raise read.error(event.number, "a shift without an end", "add DTEND")


def _length(read: _Reading, line: Line) -> int:
    found = _LENGTH.match(line.value)
    weeks, days, hours, minutes = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    total = weeks * 7 * DAY + days * DAY + hours * 60 + minutes
    if not 0 < total <= _LONGEST.days * DAY:
        raise read.error(line.number, f"{line.value[:30]!r} is not the length of a shift", "write it as PT12H")
    return total


def _starts(read: _Reading, event: Component, begin: _Moment) -> Iterator[int]:
    """When each occurrence begins, in minutes on the wall."""
    seen: set[int] = set()
    for line in event.all("RRULE"):
        for minutes in _repeated(read, line, begin):
            if minutes not in seen:
                seen.add(minutes)
                yield minutes
    extra = [shown(begin.zone, moment.at) for line in event.all("RDATE") for moment in _moments(read, line)]
    for minutes in [*([] if event.first("RRULE") else [begin.minutes]), *extra]:
        if minutes not in seen:
            seen.add(minutes)
            yield minutes


def _repeated(read: _Reading, line: Line, begin: _Moment) -> Iterator[int]:
    of_day = begin.minutes % DAY
    low, high = day_of(shown(begin.zone, read.start - _LONGEST)), day_of(shown(begin.zone, read.end) + 2 * DAY)
    try:
        repeat = parse_repeat(line.value)
        until = _until(read, line, repeat.until, begin.zone)
        for day in occurrences(repeat, day_of(begin.minutes), low, high, read.budget):
            minutes = wall(day, time(0)) + of_day
            if until and instant(begin.zone, minutes) > until:
                return
            yield minutes
    except Refused as refused:
        problem, _, mend = str(refused).partition(" — ")
        raise read.error(line.number, problem, mend) from refused


def _until(read: _Reading, line: Line, written: str, zone: ZoneInfo) -> datetime | None:
    """The last instant at which an occurrence may begin. A date alone means its whole day; a time without Z is by the wall."""
    found = _TIME.match(written)
    if not written:
        return None
    if found and not found[4]:
        return instant(zone, _minutes(read, line, found) + DAY) - timedelta(minutes=1)
    if found:
        return instant(_UTC if found[7] else zone, _minutes(read, line, found))
    raise read.error(line.number, f"UNTIL={written[:30]!r} is not a time", "write it as 20261231T235959Z")


def _moments(read: _Reading, line: Line) -> list[_Moment]:
    return [_moment(read, line, written) for written in line.value.split(",")]


def _moment(read: _Reading, line: Line, written: str) -> _Moment:
    if read.budget.left < 1:
        raise read.error(line.number, "too many times for a rota", "export fewer months")
    read.budget.left -= 1
    found = _TIME.match(written.strip())
    if not found:
        raise read.error(line.number, f"{written[:30]!r} is not a time", "write it as 20261224T170000Z, or with TZID")
    minutes = _minutes(read, line, found)
    if not found[4]:
        return _Moment(minutes + read.hand_off.hour * 60 + read.hand_off.minute, read.zone, whole_day=True)
    if found[7]:
        return _Moment(minutes, _UTC, whole_day=False)
    tzid = line.parameters.get("TZID", "")
    if not tzid:
        raise read.error(line.number, "a time without a zone", "export with time zones, or in UTC")
    zone = zone_of(read.zones.get(tzid, tzid)) or zone_of(tzid)
    if zone is None:
        raise read.error(line.number, f"no time zone is called {tzid[:60]!r}", "use a name such as America/New_York")
    return _Moment(minutes, zone, whole_day=False)


def _minutes(read: _Reading, line: Line, found: re.Match[str]) -> int:
    """Seconds are rounded: a shift that ends at 23:59:59 ends at midnight."""
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        at = None
    if at is None or not date(1970, 1, 1) <= at.date() < date(2200, 1, 1):
        raise read.error(line.number, f"{found[0]!r} is not a likely time", "check the date")
    return wall(at.date(), at.time()) + (1 if second >= 30 else 0)
