"""When and how long: "two days ago", "since last night", "for a couple of hours", "desde hace tres días".

All times are hours before now. Words come from the data; a calendar is not needed, because triage asks only how long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.language.numbers import Number
    from careline.core.language.tokens import Tokens


@dataclass(frozen=True, slots=True)
class TimeWords:
    """`units` in hours; `named` phrases ("last night") in hours ago; `amounts` are words such as couple, few, an."""

    units: Mapping[str, float] = field(default_factory=dict[str, float])
    named: Mapping[str, Sequence[tuple[tuple[str, ...], float]]] = field(
        default_factory=dict[str, "Sequence[tuple[tuple[str, ...], float]]"]
    )
    amounts: Mapping[str, float] = field(default_factory=dict[str, float])
    skipped: frozenset[str] = frozenset()  # "of", "un", "good"
    ago_after: frozenset[str] = frozenset()  # "ago"
    ago_before: frozenset[str] = frozenset()  # "hace", "since"
    lasting_before: frozenset[str] = frozenset()  # "for", "durante"
    lasting_after: frozenset[str] = frozenset()  # "now", "straight"


@dataclass(frozen=True, slots=True)
class Time:
    """A stretch of time between words `start` and `end`. `kind`: "ago", "lasting" or, when nothing tells, "span"."""

    start: int
    end: int
    hours: float
    kind: str
    core: tuple[int, int] = (0, 0)  # the number and its unit, without "ago" or "since"


def find_times(tokens: Tokens, numbers: Sequence[Number], names: TimeWords) -> list[Time]:
    ends = {number.end: number for number in numbers}
    found: list[Time] = []
    at = 0
    words = tokens.words
    while at < len(words):
        word = words[at]
        time = None
        if word in names.units:
            time = _amount(tokens, at, ends, names)
        elif word in names.named:
            time = _named(words, at, names)
        if time is not None and (not found or time.start >= found[-1].end):
            found.append(time)
            at = max(time.end, at + 1)
        else:
            at += 1
    return found


def _named(words: Sequence[str], at: int, names: TimeWords) -> Time | None:
    for phrase, hours in names.named[words[at]]:
        if tuple(words[at : at + len(phrase)]) == phrase:
            return Time(at, at + len(phrase), hours, "ago", (at, at + len(phrase)))
    return None


def _amount(tokens: Tokens, at: int, ends: Mapping[int, Number], names: TimeWords) -> Time | None:
    words = tokens.words
    left = at
    while left > 0 and words[left - 1] in names.skipped and left not in ends:
        left -= 1
    amount: float | None = None
    if left in ends:
        amount, left = ends[left].value, ends[left].start
    elif left > 0 and words[left - 1] in names.amounts:
        left -= 1
        amount = names.amounts[words[left]]
        if amount < 1 and left > 0 and words[left - 1] in names.amounts:  # "an hour and a half" is read as an hour
            left -= 1
    elif left < at and words[left] in names.amounts:
        amount = names.amounts[words[left]]
    if amount is None or tokens.sentence[left] != tokens.sentence[at]:
        return None
    hours = amount * names.units[words[at]]
    return _placed(words, left, at + 1, hours, names)


def _placed(words: Sequence[str], start: int, end: int, hours: float, names: TimeWords) -> Time:
    core = (start, end)
    if end < len(words) and words[end] in names.ago_after:
        return Time(start, end + 1, hours, "ago", core)
    for back in (1, 2):
        if start >= back and words[start - back] in names.ago_before:
            return Time(start - back, end, hours, "ago", core)
        if start >= back and words[start - back] in names.lasting_before:
            return Time(start - back, end, hours, "lasting", core)
    if end < len(words) and words[end] in names.lasting_after:
        return Time(start, end + 1, hours, "lasting", core)
    return Time(start, end, hours, "span", core)
