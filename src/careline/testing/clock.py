"""A clock that tests move by hand, so that an hour of escalation passes in a millisecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class MovableClock:
    """Stands still until moved. Begins on Saturday 21 November 2026, 20:00 UTC (15:00 in New York) unless told otherwise."""

    def __init__(self, start: datetime = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def move(self, **by: float) -> datetime:
        """`move(minutes=5)`: the arguments of `timedelta`. Returns the new time."""
        self._now += timedelta(**by)
        return self._now
