"""RRULE (RFC 5545 3.3.10) as far as a rota needs it: by day, week, month or year. Days in, days out; time of day plays no part.

What a rota does not need is refused rather than half understood: repeats by the hour or faster, by week number or day of the
year. Work is bounded by a budget of steps, shared by all the rules of a file, so that no rule can keep anybody waiting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from careline.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"^([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)$")
_KNOWN = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@dataclass(slots=True)
class Budget:
    """How many more steps (days or periods looked at) all rules of a file together may take."""

    left: int

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise Refused("the shifts repeat too often to be a rota — export fewer months")


@dataclass(frozen=True, slots=True)
class Repeat:
    """`days` are (n, weekday): n = 0 every, 1 the first of the month, -1 the last. `until` is as written, empty when not."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: str = ""
    week_start: int = 0
    days: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    in_months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()


def parse_repeat(text: str) -> Repeat:
    """Raises `Refused`, which the reader of the file turns into an error with its line."""
    parts: dict[str, str] = {}
    for part in text.strip().rstrip(";").split(";"):
        key, _, value = part.upper().partition("=")
        if key not in _KNOWN or not value or key in parts:
            raise Refused(
                f"a rota cannot repeat by {key[:20]!r} — write the shifts out, or repeat by day, week or month"
            )
        parts[key] = value
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise Refused(f"a rota cannot repeat {frequency[:20] or 'without FREQ'} — repeat by day, week, month or year")
    repeat = Repeat(
        frequency=frequency,
        interval=_numbers(parts, "INTERVAL", 1, 1000)[0] if "INTERVAL" in parts else 1,
        count=_numbers(parts, "COUNT", 1, 100_000)[0] if "COUNT" in parts else None,
        until=parts.get("UNTIL", ""),
        week_start=_by_day(parts.get("WKST", "MO"))[1],
        days=tuple(_by_day(one) for one in parts["BYDAY"].split(",")) if "BYDAY" in parts else (),
        month_days=_numbers(parts, "BYMONTHDAY", -31, 31),
        in_months=_numbers(parts, "BYMONTH", 1, 12),
        positions=_numbers(parts, "BYSETPOS", -366, 366),
    )
    _refuse_odd(repeat)
    return repeat


def _numbers(parts: dict[str, str], key: str, low: int, high: int) -> tuple[int, ...]:
    written = parts[key].split(",") if key in parts else []
    if any(not re.match(r"^[+-]?\d{1,6}$", one) or not low <= int(one) <= high or int(one) == 0 for one in written):
        raise Refused(f"{key} is not a number from {low} to {high} — mend the rule, or write the shifts out")
    return tuple(int(one) for one in written)


def _by_day(written: str) -> tuple[int, int]:
    found = _BY_DAY.match(written)
    if not found:
        raise Refused(f"{written[:20]!r} is not a day of the week — write MO, 1MO or -1MO")
    return int(found[1] or 0), WEEKDAYS.index(found[2])


def _refuse_odd(repeat: Repeat) -> None:
    numbered = any(n for n, _ in repeat.days)
    if numbered and repeat.frequency in ("DAILY", "WEEKLY"):
        raise Refused("the first Monday of a day or week means nothing — repeat by month")
    if repeat.days and repeat.frequency == "YEARLY" and not repeat.in_months:
        raise Refused("a rota cannot repeat by weekday of the year — name the month with BYMONTH")
    if repeat.month_days and repeat.frequency == "WEEKLY":
        raise Refused("BYMONTHDAY does not go with weeks — repeat by day or month")
    if repeat.positions and (
        repeat.frequency in ("DAILY", "WEEKLY") or not (repeat.days or repeat.month_days or repeat.in_months)
    ):
        raise Refused("BYSETPOS has nothing to choose from — repeat by month, with BYDAY")


def occurrences(repeat: Repeat, first: date, low: date, high: date, budget: Budget) -> Iterator[date]:
    """The days from `first` on, up to `high` (not included), in order. Days before `low` may be left out, but are counted."""
    found = 0
    step = 0 if repeat.count else _skip(repeat, first, low)
    while True:
        chosen = _period(repeat, first, step)
        budget.spend(1 + (0 if chosen is None else len(chosen)))
        if chosen is None:
            return
        for day in chosen:
            if day < first:
                continue
            if day >= high or (repeat.count and found >= repeat.count):
                return
            found += 1
            yield day
        if not chosen and _begin(repeat, first, step) >= high:
            return
        step += 1


def _skip(repeat: Repeat, first: date, low: date) -> int:
    """How many periods lie wholly before `low`, so that a rule from long ago costs nothing."""
    days = max(0, (low - first).days)
    length = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}[repeat.frequency] * repeat.interval
    return max(0, days // length - 1)


def _begin(repeat: Repeat, first: date, step: int) -> date:
    """The first day of a period; the last day there is, when the period lies beyond the calendar."""
    ahead = step * repeat.interval
    if repeat.frequency in ("DAILY", "WEEKLY"):
        back = (first.weekday() - repeat.week_start) % 7 if repeat.frequency == "WEEKLY" else 0
        ordinal = first.toordinal() - back + ahead * (7 if repeat.frequency == "WEEKLY" else 1)
        return date.fromordinal(max(1, ordinal)) if ordinal < date.max.toordinal() - 7 else date.max
    month = first.year * 12 + first.month - 1 + ahead if repeat.frequency == "MONTHLY" else (first.year + ahead) * 12
    return date(month // 12, month % 12 + 1, 1) if month // 12 < date.max.year else date.max


def _period(repeat: Repeat, first: date, step: int) -> list[date] | None:
    """The days chosen from one day, week, month or year, in order; None beyond the end of the calendar."""
    begin = _begin(repeat, first, step)
    if begin == date.max:
        return None
    match repeat.frequency:
        case "DAILY":
            chosen = [begin] if _allowed(repeat, begin) else []
        case "WEEKLY":
            weekdays = {weekday for _, weekday in repeat.days} or {first.weekday()}
            week = (date.fromordinal(begin.toordinal() + ahead) for ahead in range(7))
            chosen = [day for day in week if day.weekday() in weekdays and _in_month(repeat, day)]
        case "MONTHLY":
            chosen = _month(repeat, first, begin.year, begin.month) if _in_month(repeat, begin) else []
        case _:
            every = range(1, 13) if repeat.month_days else (first.month,)
            chosen = [
                day
                for month in sorted(set(repeat.in_months or every))
                for day in _month(repeat, first, begin.year, month)
            ]
    return _positioned(repeat, chosen)


def _in_month(repeat: Repeat, day: date) -> bool:
    return not repeat.in_months or day.month in repeat.in_months


def _allowed(repeat: Repeat, day: date) -> bool:
    last = _last(day.year, day.month)
    right_day = not repeat.month_days or day.day in repeat.month_days or day.day - last - 1 in repeat.month_days
    return _in_month(repeat, day) and right_day and (not repeat.days or (0, day.weekday()) in repeat.days)


def _month(repeat: Repeat, first: date, year: int, month: int) -> list[date]:
    last = _last(year, month)
    if not repeat.days and not repeat.month_days:
        return [date(year, month, first.day)] if first.day <= last else []
    numbers = {day if day > 0 else last + 1 + day for day in repeat.month_days} or set(range(1, last + 1))
    chosen = [date(year, month, number) for number in sorted(numbers) if 1 <= number <= last]
    return [day for day in chosen if not repeat.days or _is_nth(repeat, day, last)]


def _last(year: int, month: int) -> int:
    """The number of the last day of a month."""
    return 31 if month == 12 else (date(year, month + 1, 1) - date(year, month, 1)).days


def _is_nth(repeat: Repeat, day: date, last: int) -> bool:
    nth, from_end = (day.day - 1) // 7 + 1, -((last - day.day) // 7 + 1)
    return any(weekday == day.weekday() and n in (0, nth, from_end) for n, weekday in repeat.days)


def _positioned(repeat: Repeat, chosen: list[date]) -> list[date]:
    if not repeat.positions:
        return chosen
    indexes = {n - 1 if n > 0 else len(chosen) + n for n in repeat.positions}
    return [day for index, day in enumerate(chosen) if index in indexes]
