"""Holidays as data: which days they fall on, and to which day one is moved that falls on a weekend.

Dates are computed year by year from a few kinds of rule. Easter follows the Gregorian computus (Meeus, Jones, Butcher).
`public_holidays/*.toml` beside this module hold those of some countries; a practice adds its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from careline.core import toml
from careline.core.spans import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.toml import Reader

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Yearly:
    """The same date each year. 29 February falls only in leap years."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Nth:
    """The `n`th `weekday` (0 = Monday) of `month`; the last one when `n` is -1."""

    n: int
    weekday: int
    month: int


@dataclass(frozen=True, slots=True)
class Easter:
    """So many days after Easter Sunday; before it when negative."""

    days: int


@dataclass(frozen=True, slots=True)
class On:
    """Dates written one by one, for holidays that follow another calendar."""

    days: tuple[date, ...]


class Moved(StrEnum):
    """Where a holiday goes that falls on a weekend. NEAREST: Saturday to Friday, Sunday to Monday, as US federal holidays do.
    NEXT: to the next weekday that is no holiday, as UK bank holidays do."""

    STAYS = "stays"
    NEAREST = "nearest"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Holiday:
    """`both` keeps the day itself a holiday beside the one it moved to: Christmas stays Christmas, wherever it is observed."""

    name: str
    when: Yearly | Nth | Easter | On
    moved: Moved = Moved.STAYS
    both: bool = True


def holiday(holidays: tuple[Holiday, ...], day: date) -> str:
    """The name of the holiday on this day, with "(observed)" on a day to which one moved; empty on ordinary days."""
    return _year(holidays, day.year).get(day, "") if holidays else ""


@lru_cache(maxsize=256)
def _year(holidays: tuple[Holiday, ...], year: int) -> dict[date, str]:
    """Holidays of a year. Neighbouring years count: 1 January 2028 is a Saturday, observed on 31 December 2027."""
    near = [year + shift for shift in (-1, 0, 1) if date.min.year < year + shift < date.max.year]
    proper = [(day, one) for one in holidays for y in near for day in _days(one, y)]
    taken = {day: one.name for day, one in proper if one.both or _stays(one, day)}
    busy = {day for day, _ in proper}
    for day, one in sorted(proper, key=lambda found: found[0]):
        if not _stays(one, day):
            observed = _observed(one.moved, day, busy)
            busy.add(observed)
            taken.setdefault(observed, f"{one.name} (observed)")
    return {day: name for day, name in taken.items() if day.year == year}


def _stays(one: Holiday, day: date) -> bool:
    return one.moved is Moved.STAYS or day.weekday() < SATURDAY


def _observed(moved: Moved, day: date, busy: set[date]) -> date:
    if moved is Moved.NEAREST:
        return day + timedelta(days=-1 if day.weekday() == SATURDAY else 1)
    while day.weekday() >= SATURDAY or day in busy:
        day += timedelta(days=1)
    return day


def _days(one: Holiday, year: int) -> tuple[date, ...]:
    match one.when:
        case Yearly(month=2, day=29):
            leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
            return (date(year, 2, 29),) if leap else ()
        case Yearly(month=month, day=day):
            return (date(year, month, day),)
        case Nth(n=n, weekday=weekday, month=month):
            return (_nth(year, month, weekday, n),)
        case Easter(days=days):
            return (easter(year) + timedelta(days=days),)
        case On(days=days):
            return tuple(day for day in days if day.year == year)


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    if n > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def easter(year: int) -> date:
    """Easter Sunday of the western churches."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


_NTH = re.compile(r"^(1st|2nd|3rd|4th|last) (mon|tue|wed|thu|fri|sat|sun) of (0[1-9]|1[0-2])$")
_YEARLY = re.compile(r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
_EASTER = re.compile(r"^easter(?: ([+-]) ?(\d{1,3}))?$")
_WRITE = 'write a date as "12-25", "4th thu of 11", "last mon of 05", "easter - 2", or a list of dates'


def parse_holidays(text: str, name: str) -> tuple[Holiday, ...]:
    """Holidays from a file of `[[holidays]]`. Raises `DataFileError` with line and mend."""
    document = toml.parse(text, name)
    document.check_keys("", document.values, ("holidays",))
    return read_holidays(toml.Reader(document))


def read_holidays(read: Reader) -> tuple[Holiday, ...]:
    """The `[[holidays]]` of a file, which may have none."""
    if not read.document.values.get("holidays"):
        return ()
    return tuple(_holiday(read, path, table) for path, table in read.tables("holidays"))


def _holiday(read: Reader, path: str, table: Mapping[str, Any]) -> Holiday:
    read.check(path, table, "name", "date", "moved", "both")
    return Holiday(
        name=read.text(path, "name"),
        when=_when(read, path),
        moved=read.one_of(path, "moved", Moved) if "moved" in table else Moved.STAYS,
        both=read.flag(path, "both", default=True),
    )


def _when(read: Reader, path: str) -> Yearly | Nth | Easter | On:
    value = read.value(path, "date")
    days = cast(list[object], value) if isinstance(value, list) else []
    if days and all(type(day) is date for day in days):
        return On(tuple(cast(list[date], days)))
    written = value if isinstance(value, str) else ""
    if found := _YEARLY.match(written):
        month, day = int(found[1]), int(found[2])
        if day <= 29 + (month != 2) * (1 + (month in (1, 3, 5, 7, 8, 10, 12))):
            return Yearly(month, day)
    elif found := _NTH.match(written):
        return Nth(-1 if found[1] == "last" else int(found[1][0]), WEEKDAYS.index(found[2]), int(found[3]))
    elif found := _EASTER.match(written):
        return Easter(int((found[1] or "+") + (found[2] or "0")))
    raise read.document.error(f"{path}.date", f"{value!r} is not a date of a holiday", _WRITE)
