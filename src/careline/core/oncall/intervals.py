"""Algebra on half-open intervals of instants: pairs (start, end) of aware datetimes, `end` not included."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Interval = tuple[datetime, datetime]


def clip(interval: Interval, start: datetime, end: datetime) -> Interval | None:
    """The part between `start` and `end`; None when there is none."""
    first, last = max(interval[0], start), min(interval[1], end)
    return (first, last) if first < last else None


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants as separate, sorted intervals that do not touch."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif start < end:
            merged.append((start, end))
    return merged


def subtract(intervals: Iterable[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """The instants of `intervals` that are in none of `holes`, as separate, sorted intervals."""
    gone = union(holes)
    left: list[Interval] = []
    first = 0
    for start, end in union(intervals):
        while first < len(gone) and gone[first][1] <= start:
            first += 1
        at = first
        while at < len(gone) and gone[at][0] < end:
            if start < gone[at][0]:
                left.append((start, gone[at][0]))
            start = max(start, gone[at][1])
            at += 1
        if start < end:
            left.append((start, end))
    return left
