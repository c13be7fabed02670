"""An on-call calendar as a secretary writes it (`oncall.toml` beside `practice.toml`), refused with file, line and mend.

The practice's staff, zone, back-up and supervisor are known from its own file. This one adds guests (clinicians of another
practice who cover), rules, single shifts, overrides, absences, holidays, and the hours in which the office itself answers. Times
are wall-clock times in the practice's zone. `README.md` in this folder has an example.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from careline.core import toml
from careline.core.clinical import Level
from careline.core.oncall.check import mistakes
from careline.core.oncall.holidays import read_holidays
from careline.core.oncall.rules import (
    Absence,
    Calendar,
    Change,
    FixedShift,
    Hours,
    Listed,
    OnHolidays,
    Override,
    Person,
    Rotation,
    Rule,
    Scope,
    Standing,
    Turn,
)
from careline.core.oncall.wall import DAY, instant, wall
from careline.core.oncall.weekly import calendar_of
from careline.core.practice import E_MAIL, PHONE_NUMBER
from careline.core.spans import WEEKDAYS, read_span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.oncall.holidays import Holiday
    from careline.core.practice import Practice
    from careline.core.toml import Reader

_TOP = (
    "timezone", "backup", "supervisor", "desk", "public_holidays", "alarm_minutes", "days_ahead", "guests", "rules", "shifts",
    "overrides", "absences", "holidays",
)  # fmt: skip
_RULE = (
    "id", "people", "every", "turns", "first", "hand_off", "hours", "specialty", "location", "role", "urgency", "layer",
    "holidays", "starts", "until", "together",
)  # fmt: skip
_LENGTH = re.compile(r"^(?:(\d{1,4}) )?(hour|day|week)s?$")
_TURN = re.compile(r"^(\S+) (.+)$")
_HAND_OFF = re.compile(r"^(?:(mon|tue|wed|thu|fri|sat|sun) )?([01]\d|2[0-3]):([0-5]\d)$")
_HOURS = re.compile(r"^([a-z,-]+) (\S+)$")
_PIN = re.compile(r"^\d{4,8}$")
_WHEN = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:[ T]([01]\d|2[0-3]):([0-5]\d))?$")
_UNIT = {"hour": 60, "day": DAY, "week": 7 * DAY}


def parse_calendar(
    text: str,
    name: str,
    practice: Practice,
    holidays: tuple[Holiday, ...] = (),
    public: Mapping[str, tuple[Holiday, ...]] | None = None,
) -> Calendar:
    """Parse one calendar file; `holidays` are the public ones, to which the file adds its own (or names a set of `public`).
    Without `[[rules]]` the weekly shifts of the practice's file hold. Raises `DataFileError` for the first mistake found."""
    document = toml.parse(text, name)
    document.check_keys("", document.values, _TOP)
    read = toml.Reader(document)
    plain = calendar_of(practice)
    holidays = (*holidays, *_public(read, public or {}))
    staff = replace(
        plain,
        timezone=_or(read, "timezone", plain.timezone),
        backup=_or(read, "backup", plain.backup),
        supervisor=_or(read, "supervisor", plain.supervisor),
        people=(*plain.people, *(_guest(read, path, table) for path, table in _some(read, "guests"))),
        holidays=(*holidays, *read_holidays(read)),
        desk=read_hours(read, "", "desk") if "desk" in document.values else (),
    )
    paths = {f"people[{len(plain.people) + at}]": f"guests[{at}]" for at, _ in enumerate(_some(read, "guests"))}
    _refuse(document, staff, paths)
    zone = ZoneInfo(staff.timezone)
    shifts = _shifts(read, zone)
    _all_used(read)
    rules = tuple(read_rule(read, path, table, shifts) for path, table in _some(read, "rules"))
    calendar = replace(
        staff,
        rules=rules or staff.rules,
        overrides=tuple(_override(read, zone, path, table) for path, table in _some(read, "overrides")),
        absences=tuple(_absence(read, zone, path, table) for path, table in _some(read, "absences")),
    )
    _refuse(document, calendar, paths | _shift_paths(read, rules))
    return calendar


def _public(read: Reader, public: Mapping[str, tuple[Holiday, ...]]) -> tuple[Holiday, ...]:
    """Settings of the practice's watch over its rota are checked here too, so that a file is right as a whole."""
    for key, low, high in (("alarm_minutes", 5, 24 * 60), ("days_ahead", 1, 92)):
        if key in read.document.values:
            read.number("", key, low, high)
    if "public_holidays" not in read.document.values:
        return ()
    name = read.text("", "public_holidays")
    if name not in public:
        raise read.document.error("public_holidays", f"no holidays are called {name!r}", f"one of: {', '.join(public)}")
    return public[name]


def _refuse(document: toml.Document, calendar: Calendar, paths: Mapping[str, str]) -> None:
    """Raise the first mistake with its line. `paths` says where in the file some things of the calendar stand."""
    for mistake in mistakes(calendar):
        found = re.match(r"^(people\[\d+\]|rules\[\d+\]\.shifts\[\d+\])(.*)$", mistake.where)
        where = paths.get(found[1], found[1]) + found[2] if found else mistake.where
        raise document.error(where, mistake.problem, mistake.mend)


def _some(read: Reader, key: str) -> list[tuple[str, dict[str, Any]]]:
    return read.tables(key) if key in read.document.values else []


def _or(read: Reader, key: str, otherwise: str) -> str:
    return read.text("", key) if key in read.document.values else otherwise


def _guest(read: Reader, path: str, table: Mapping[str, Any]) -> Person:
    """Who covers for us signs in by their address, and proves who they are on the telephone by a PIN of their own."""
    read.check(path, table, "id", "name", "practice", "phone", "email", "pin", "languages")
    channels: dict[str, str] = {}
    if "phone" in table:
        channels["phone"] = read.match(path, "phone", PHONE_NUMBER, "the full number with +, as in +12125550111")
        read.match(path, "pin", _PIN, "4 to 8 digits, in quotes")
    if "email" in table:
        channels["email"] = read.match(path, "email", E_MAIL, "an address such as name@example.com")
    elif channels:
        raise read.document.error(path, "email is missing", "add email = … here: it is what they sign in with")
    name, practice = read.text(path, "name"), read.text(path, "practice")
    return Person(read.text(path, "id"), name, tuple(channels), channels.get("email", ""), practice)


def read_rule(
    read: Reader, path: str, table: Mapping[str, Any], shifts: Mapping[str, list[tuple[str, FixedShift]]]
) -> Rule:
    """`shifts` are those written one by one, by the id of the rule they belong to, each with its path."""
    read.check(path, table, *_RULE)
    rule_id = read.text(path, "id")
    urgency = read.strings(path, "urgency") if "urgency" in table else ()
    for level in urgency:
        if level not in list(Level):
            raise read.document.error(
                f"{path}.urgency", f"no urgency is called {level!r}", f"one of: {', '.join(Level)}"
            )
    named = {key: read.text(path, key) for key in ("specialty", "location", "role") if key in table}
    return Rule(
        id=rule_id,
        pattern=_pattern(read, path, table, [shift for _, shift in shifts.get(rule_id, [])]),
        hours=read_hours(read, path, "hours") if "hours" in table else (),
        scope=Scope(**named, urgency=tuple(Level(level) for level in urgency)),
        layer=read.number(path, "layer", 1, 9) if "layer" in table else 1,
        holidays=read.one_of(path, "holidays", OnHolidays) if "holidays" in table else OnHolidays.AS_USUAL,
        starts=_date(read, path, "starts") if "starts" in table else None,
        until=_date(read, path, "until") if "until" in table else None,
        together=read.flag(path, "together", default=False),
    )


def _pattern(
    read: Reader, path: str, table: Mapping[str, Any], shifts: list[FixedShift]
) -> Rotation | Standing | Listed:
    if shifts:
        for key in ("people", "every", "turns", "first", "hand_off"):
            if key in table:
                raise read.document.error(
                    f"{path}.{key}", "this rule has [[shifts]] written one by one", f"take out {key}, or the shifts"
                )
        return Listed(tuple(shifts))
    if "every" not in table and "turns" not in table:
        return Standing(read.strings(path, "people"))
    first, hand_off = _date(read, path, "first"), read.match(path, "hand_off", _HAND_OFF, '"07:00" or "fri 17:00"')
    found = _HAND_OFF.match(hand_off)
    if found and found[1] and WEEKDAYS.index(found[1]) != first.weekday():
        problem = f"{first} is a {WEEKDAYS[first.weekday()]}, but the hand-off is on {found[1]}"
        raise read.document.error(f"{path}.first", problem, f"write the date of a {found[1]}")
    if "turns" in table:
        turns = tuple(_turn(read, path, written) for written in read.strings(path, "turns"))
    else:
        minutes = _length(read, f"{path}.every", read.text(path, "every"))
        turns = tuple(Turn((person,), minutes) for person in read.strings(path, "people"))
    return Rotation(first, time.fromisoformat(hand_off[-5:]), turns)


def _turn(read: Reader, path: str, written: str) -> Turn:
    found = _TURN.match(written)
    if not found:
        raise read.document.error(f"{path}.turns", f"{written!r} is not a turn", 'write "rivera 3 days"')
    return Turn(tuple(found[1].split("+")), _length(read, f"{path}.turns", found[2]))


def _length(read: Reader, path: str, written: str) -> int:
    found = _LENGTH.match(written)
    if not found:
        raise read.document.error(
            path, f"{written!r} is not a length of time", 'write "day", "week", "2 weeks", "12 hours"'
        )
    return int(found[1] or 1) * _UNIT[found[2]]


def read_hours(read: Reader, path: str, key: str) -> tuple[Hours, ...]:
    where, found = read.at(path, key), list[Hours]()
    for written in read.strings(path, key):
        parts = _HOURS.match(written)
        days = [day for part in parts[1].split(",") for day in _days(part)] if parts else []
        if not parts or not days:
            raise read.document.error(where, f"{written!r} are not hours of the week", 'write "mon-thu 17:00-08:00"')
        found.append(Hours(tuple(sorted(set(days))), read_span(read, where, parts[2])))
    return tuple(found)


def _days(written: str) -> tuple[int, ...]:
    """ "mon" or "fri-mon" as numbers; none when it is neither."""
    ends = written.split("-")
    if len(ends) > 2 or any(end not in WEEKDAYS for end in ends):
        return ()
    first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
    return tuple((first + step) % 7 for step in range((last - first) % 7 + 1))


def _shifts(read: Reader, zone: ZoneInfo) -> dict[str, list[tuple[str, FixedShift]]]:
    """Shifts written one by one, by the rule they belong to, each with its path in the file."""
    found: dict[str, list[tuple[str, FixedShift]]] = {}
    for path, table in _some(read, "shifts"):
        read.check(path, table, "rule", "person", "start", "end")
        shift = FixedShift(read.text(path, "person"), _when(read, zone, path, "start"), _when(read, zone, path, "end"))
        found.setdefault(read.text(path, "rule"), []).append((path, shift))
    return found


def _shift_paths(read: Reader, rules: tuple[Rule, ...]) -> dict[str, str]:
    """Where each shift of a rule stands in the file."""
    written: dict[str, list[str]] = {}
    for path, table in _some(read, "shifts"):
        written.setdefault(str(table["rule"]), []).append(path)
    return {
        f"rules[{index}].shifts[{at}]": path
        for index, rule in enumerate(rules)
        for at, path in enumerate(written.get(rule.id, []))
    }


def _all_used(read: Reader) -> None:
    """Refuse shifts of a rule that is not in the file: they would silently mean nothing."""
    known = {read.text(path, "id") for path, _ in _some(read, "rules")}
    for path, table in _some(read, "shifts"):
        if table["rule"] not in known:
            mend = "add [[rules]] with this id, or name one that is there"
            raise read.document.error(f"{path}.rule", f"no rule is called {table['rule']!r}", mend)


def _override(read: Reader, zone: ZoneInfo, path: str, table: Mapping[str, Any]) -> Override:
    read.check(path, table, "id", "change", "start", "end", "person", "leaves", "rule", "layer", "by", "reason")
    named = {key: read.text(path, key) for key in ("person", "leaves", "rule", "by", "reason") if key in table}
    return Override(
        id=read.text(path, "id"),
        change=read.one_of(path, "change", Change),
        start=_when(read, zone, path, "start"),
        end=_when(read, zone, path, "end"),
        layer=read.number(path, "layer", 1, 9) if "layer" in table else 1,
        **named,
    )


def _absence(read: Reader, zone: ZoneInfo, path: str, table: Mapping[str, Any]) -> Absence:
    read.check(path, table, "id", "person", "start", "end", "reason")
    start, end = _when(read, zone, path, "start"), _when(read, zone, path, "end")
    reason = read.text(path, "reason") if "reason" in table else ""
    return Absence(read.text(path, "id"), read.text(path, "person"), start, end, reason)


def _date(read: Reader, path: str, key: str) -> date:
    value = read.value(path, key)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise read.document.error(f"{path}.{key}", f"{key} must be a date", f"write {key} = 2026-01-05, without quotes")
    return value


def _when(read: Reader, zone: ZoneInfo, path: str, key: str) -> datetime:
    """The instant of a wall-clock time; a date alone is its midnight."""
    written = read.text(path, key)
    found = _WHEN.match(written)
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        day = None
    if not found or day is None or day.year < 1900 or day.year > 2300:
        raise read.document.error(f"{path}.{key}", f"{written!r} is not a time", 'write "2026-12-24 17:00"')
    return instant(zone, wall(day, time(int(found[2] or 0), int(found[3] or 0))))
