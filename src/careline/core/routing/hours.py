"""Office hours in the practice's own wall-clock time: open now, open next, and what a promised time sounds like."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core.practice import CoverageMode

if TYPE_CHECKING:
    from careline.core.practice import Practice
    from careline.core.spans import Span


def is_open(practice: Practice, now: datetime) -> bool:
    """Whether the office is open at this instant. Spans that run past midnight belong to the day they start on."""
    local = now.astimezone(ZoneInfo(practice.timezone))
    today = (span for span in practice.hours.get(local.weekday(), ()) if _within(span, local.time()))
    yesterday = practice.hours.get((local.weekday() - 1) % 7, ())
    return any(today) or any(span.overnight and local.time() < span.end for span in yesterday)


def answers(practice: Practice, mode: CoverageMode, now: datetime) -> bool:
    """Whether Careline answers a line of this mode now. An overflow line rings here only when the office did not pick up,
    so it is always answered."""
    return mode is not CoverageMode.AFTER_HOURS or not is_open(practice, now)


def desk_due(practice: Practice, now: datetime) -> datetime:
    """By when the office answers what is not urgent: the desk time of the next day that it opens; on an open day before
    the desk time, the same day. A practice that never opens answers within a day."""
    zone = ZoneInfo(practice.timezone)
    local = now.astimezone(zone)
    for ahead in range(8):
        day = (local + timedelta(days=ahead)).date()
        due = datetime.combine(day, practice.promises.desk_callback, zone)
        if practice.hours.get(day.weekday()) and due > local:
            return due
    return local + timedelta(days=1)


def next_opening(practice: Practice, now: datetime) -> datetime | None:
    """When the office opens next, after now; None for a practice that never does."""
    zone = ZoneInfo(practice.timezone)
    today = now.astimezone(zone).date()
    starts = (
        datetime.combine(today + timedelta(days=ahead), span.start, zone)
        for ahead in range(9)
        for span in practice.hours.get((today + timedelta(days=ahead)).weekday(), ())
    )
    return min((start for start in starts if start > now), default=None)


def _within(span: Span, at: time) -> bool:
    return at >= span.start if span.overnight else span.start <= at < span.end
