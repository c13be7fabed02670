"""Wall-clock hours and days of the week, as practice files write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from careline.core.toml import Reader

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$")


@dataclass(frozen=True, slots=True)
class Span:
    """Wall-clock time in the practice's zone; ends the next day when `end` is not after `start`."""

    start: time
    end: time

    @property
    def overnight(self) -> bool:
        return self.end <= self.start

    def holds(self, local: datetime, days: tuple[int, ...]) -> bool:
        """Whether `local` (the practice's wall clock) lies in this span of one of `days`; a night belongs to its first day."""
        at, today = local.time(), local.weekday()
        if not self.overnight:
            return today in days and self.start <= at < self.end
        yesterday = (local - timedelta(days=1)).weekday()
        return (today in days and at >= self.start) or (yesterday in days and at < self.end)


def read_span(read: Reader, path: str, text: object) -> Span:
    found = _SPAN.match(text) if isinstance(text, str) else None
    numbers = [int(part) for part in found.groups()] if found else []
    if not numbers or numbers[0] > 23 or numbers[2] > 23 or numbers[1] > 59 or numbers[3] > 59:
        raise read.document.error(path, f"{text!r} is not a span of time", 'write it as "08:00-17:00"')
    return Span(time(numbers[0], numbers[1]), time(numbers[2], numbers[3]))


def read_days(read: Reader, path: str, names: tuple[str, ...]) -> tuple[int, ...]:
    for day in names:
        if day not in WEEKDAYS:
            raise read.document.error(path, f"{day!r} is not a day", f"one of: {', '.join(WEEKDAYS)}")
    return tuple(sorted(WEEKDAYS.index(day) for day in names))
