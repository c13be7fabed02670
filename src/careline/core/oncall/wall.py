"""From the clock on the wall to instants, so that a hand-off happens exactly once on every night of the year.

A rota is written in wall-clock time ("hand over at 02:30"), but twice a year the clock on the wall jumps. The rule here is the
one people follow: *a hand-off happens the first time the clock shows it, or jumps over it*.

    clocks go forward, 02:00 becomes 03:00    a hand-off at 02:30 happens at the jump
    clocks go back, 02:00 becomes 01:00       a hand-off at 01:30 happens the first time it is 01:30, not again

So a later time on the wall is never an earlier instant: shifts that join on paper join in time, on every night, in every zone.
(RFC 5545 would put 02:30 *after* 03:00 on the first of these nights, which turns the shift 02:30 to 03:00 inside out.)

Times on the wall are counted in whole minutes since the beginning of the calendar: plain integers, so that a wall-clock time can
never be taken for an instant. Instants are aware datetimes in UTC. Intervals of both are half-open: the end is not in them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from careline.core.errors import Refused

DAY = 24 * 60
WEEK = 7 * DAY
_SECOND = timedelta(seconds=1)


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of this name, None when there is none. (`zoneinfo` opens a file: "America" is a folder, which is no zone.)"""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def wall(day: date, at: time) -> int:
    """Minutes on the wall. Seconds are refused by everything that reads a rota, and ignored here."""
    return day.toordinal() * DAY + at.hour * 60 + at.minute


def day_of(minutes: int) -> date:
    return date.fromordinal(minutes // DAY)


@lru_cache(maxsize=1 << 15)
def instant(zone: ZoneInfo, minutes: int) -> datetime:
    """When the clock of this zone first shows this time, or jumps over it. Never decreases as `minutes` grows."""
    day, of_day = divmod(minutes, DAY)
    local = datetime.combine(date.fromordinal(day), time(of_day // 60, of_day % 60), zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).utcoffset() == local.utcoffset():
        return found
    return _jump(zone, local.replace(fold=1).astimezone(UTC), found)


def _jump(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The instant between the two at which the clock jumps, to the second."""
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def shown(zone: ZoneInfo, at: datetime) -> int:
    """What the clock on the wall shows at this instant, in whole minutes. An hour that is shown twice looks alike both times."""
    local = at.astimezone(zone)
    return wall(local.date(), local.time())


def utc(at: datetime) -> datetime:
    """The same instant in UTC. A time without a zone is refused: nobody can know when it is."""
    if at.tzinfo is None:
        raise Refused("a time without a zone — say in which zone it is meant")
    return at.astimezone(UTC)
