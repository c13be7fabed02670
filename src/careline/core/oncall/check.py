"""What is wrong with a calendar, before it can become a silent gap: each mistake with where it stands and how to mend it.

`where` is a path into the calendar ("rules[2].hours"), which `read` turns into a line of the file and a form into its field.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core.errors import Refused
from careline.core.oncall.rotation import duties, windows
from careline.core.oncall.rules import Change, Listed, OnHolidays, Rotation, Standing
from careline.core.oncall.wall import DAY, WEEK, utc, wall, zone_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from careline.core.oncall.rules import Calendar, FixedShift, Override, Rule

LONGEST = timedelta(days=366)
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 1, 1)
_ORDINARY = date(2001, 1, 1)  # a Monday with nothing special about it


@dataclass(frozen=True, slots=True)
class Mistake:
    where: str
    problem: str
    mend: str


def checked(calendar: Calendar) -> Calendar:
    """The calendar itself, when nothing is wrong with it. Raises `Refused` with the first mistake and its mend."""
    for mistake in mistakes(calendar):
        raise Refused(f"{mistake.where}: {mistake.problem} — {mistake.mend}")
    return calendar


def mistakes(calendar: Calendar) -> Iterator[Mistake]:
    """All that is wrong, the most basic first; later ones are looked for only in a calendar whose zone and dates make sense."""
    basic = [*_zone(calendar), *_names(calendar), *_people(calendar), *_stretches(calendar), *_dates(calendar)]
    yield from basic
    if not basic:
        for index, rule in enumerate(calendar.rules):
            yield from _hours_overlap(f"rules[{index}]", rule)
            yield from _listed_overlap(f"rules[{index}]", rule)
        yield from _rules_overlap(calendar)


def _zone(calendar: Calendar) -> Iterator[Mistake]:
    if zone_named(calendar.timezone) is None:
        yield Mistake(
            "timezone", f"no time zone is called {calendar.timezone!r}", "use a name such as America/New_York"
        )


def _names(calendar: Calendar) -> Iterator[Mistake]:
    """Ids that stand twice, or are used and stand nowhere."""
    kinds = {
        "people": calendar.people,
        "rules": calendar.rules,
        "overrides": calendar.overrides,
        "absences": calendar.absences,
    }
    for kind, things in kinds.items():
        for twice, count in Counter(thing.id for thing in things).items():
            if count > 1:
                last = max(index for index, thing in enumerate(things) if thing.id == twice)
                yield Mistake(f"{kind}[{last}].id", f"{twice!r} is listed twice", "give each an id of its own")
    rules = {rule.id for rule in calendar.rules}
    for index, override in enumerate(calendar.overrides):
        if override.rule and override.rule not in rules:
            yield Mistake(f"overrides[{index}].rule", f"no rule is called {override.rule!r}", _one_of(rules))
        yield from _override(f"overrides[{index}]", override)


def _override(where: str, override: Override) -> Iterator[Mistake]:
    if bool(override.person) is (override.change is Change.REMOVE):
        problem = "takes somebody off and puts nobody on" if override.person else "must say who comes on call"
        yield Mistake(f"{where}.person", f"an override to {override.change} {problem}", "name the person who comes")
    if override.change is Change.REMOVE and not override.leaves:
        yield Mistake(f"{where}.leaves", "an override to remove must say whom", "name the person who leaves")
    if override.change is Change.ADD and override.leaves:
        yield Mistake(f"{where}.leaves", "an override to add takes nobody off", 'use change = "replace"')


def _people(calendar: Calendar) -> Iterator[Mistake]:
    """Rules without people; people whom nobody knows; people whom nothing reaches."""
    known = {person.id: person for person in calendar.people}
    used = [("backup", calendar.backup), ("supervisor", calendar.supervisor)]
    for index, rule in enumerate(calendar.rules):
        turns = rule.pattern.turns if isinstance(rule.pattern, Rotation) else ()
        if not rule.people or any(not turn.people for turn in turns):
            yield Mistake(f"rules[{index}].people", f"rule {rule.id!r} has nobody in it", "name at least one person")
        used += [(f"rules[{index}].people", name) for name in rule.people]
    used += [(f"overrides[{index}].person", one.person) for index, one in enumerate(calendar.overrides) if one.person]
    for where, name in dict.fromkeys(used):
        if name not in known:
            yield Mistake(where, f"nobody here is called {name!r}", _one_of(known))
        elif not known[name].channels:
            yield Mistake(
                where,
                f"{known[name].name} cannot be reached in any way",
                "give a telephone number or an address that works",
            )
    others = [(f"overrides[{index}].leaves", one.leaves) for index, one in enumerate(calendar.overrides) if one.leaves]
    others += [(f"absences[{index}].person", one.person) for index, one in enumerate(calendar.absences)]
    for where, name in others:
        if name not in known:
            yield Mistake(where, f"nobody here is called {name!r}", _one_of(known))


def _stretches(calendar: Calendar) -> Iterator[Mistake]:
    """Shifts that are inverted, empty or endless."""
    for index, rule in enumerate(calendar.rules):
        where = f"rules[{index}]"
        if rule.layer < 1:
            yield Mistake(f"{where}.layer", f"layer {rule.layer} does not exist", "layers count from 1, reached first")
        match rule.pattern:
            case Listed(shifts=shifts):
                for at, shift in enumerate(shifts):
                    yield from _stretch(f"{where}.shifts[{at}]", shift.start, shift.end)
            case Rotation(turns=turns) if any(not 1 <= turn.minutes <= LONGEST.days * DAY for turn in turns):
                yield Mistake(
                    f"{where}.every", "a turn lasts no time, or has no end", "turns last from a minute to a year"
                )
            case _:
                pass
    for index, override in enumerate(calendar.overrides):
        yield from _stretch(f"overrides[{index}]", override.start, override.end)
    for index, absence in enumerate(calendar.absences):
        yield from _stretch(f"absences[{index}]", absence.start, absence.end)


def _stretch(where: str, start: datetime, end: datetime) -> Iterator[Mistake]:
    if start.tzinfo is None or end.tzinfo is None:
        yield Mistake(where, "a time without a zone", "say in which zone it is meant")
    elif utc(end) <= utc(start):
        yield Mistake(f"{where}.end", "it ends before it begins, or when it begins", "write an end after the start")
    elif utc(end) - utc(start) > LONGEST:
        yield Mistake(f"{where}.end", "it does not end within a year", "write an end within a year of the start")


def _dates(calendar: Calendar) -> Iterator[Mistake]:
    for index, rule in enumerate(calendar.rules):
        first = rule.pattern.first if isinstance(rule.pattern, Rotation) else None
        for key, day in (("first", first), ("starts", rule.starts), ("until", rule.until)):
            if day and not EARLIEST <= day < LATEST:
                yield Mistake(f"rules[{index}].{key}", f"{day} is not a likely date", "check the year")
        begins = max((day for day in (first, rule.starts) if day), default=None)
        if begins and rule.until and rule.until <= begins:
            yield Mistake(f"rules[{index}].until", "the rule ends before it begins", "write a later day")
        if isinstance(rule.pattern, Listed) and (rule.hours or rule.holidays is not OnHolidays.AS_USUAL):
            yield Mistake(
                f"rules[{index}].hours",
                "shifts written one by one have hours of their own",
                "leave hours and holidays out",
            )


def _hours_overlap(where: str, rule: Rule) -> Iterator[Mistake]:
    for index, hours in enumerate(rule.hours):
        if not hours.days or not set(hours.days) <= set(range(7)):
            yield Mistake(f"{where}.hours[{index}]", "hours without days of the week", "name at least one day")
    week = _grid(replace(rule, starts=None, until=None, pattern=Standing(rule.people)), _ORDINARY)
    if rule.hours and any(one[1] > other[0] for one, other in zip(sorted(week), sorted(week)[1:], strict=False)):
        yield Mistake(f"{where}.hours", f"hours of rule {rule.id!r} overlap", "write each hour of the week once")


def _listed_overlap(where: str, rule: Rule) -> Iterator[Mistake]:
    if not isinstance(rule.pattern, Listed):
        return
    running: list[FixedShift] = []
    for index, shift in sorted(enumerate(rule.pattern.shifts), key=lambda found: utc(found[1].start)):
        running = [one for one in running if one.end > shift.start]
        meant = [one for one in running if one.person == shift.person] if rule.together else running
        if meant:
            both = " and ".join(dict.fromkeys((meant[0].person, shift.person)))
            yield Mistake(f"{where}.shifts[{index}]", f"two shifts overlap ({both})", _MEND_OVERLAP)
        running.append(shift)


_MEND_OVERLAP = "end one where the other begins, or say together = true when both are meant"


def _rules_overlap(calendar: Calendar) -> Iterator[Mistake]:
    """Two rules as specific as each other that hold at the same time, though neither says so."""
    zone = ZoneInfo(calendar.timezone)
    for (_, one), (index, other) in combinations(enumerate(calendar.rules), 2):
        if one.together or other.together or not _compete(one, other):
            continue
        listed, rest = (one, other) if isinstance(one.pattern, Listed) else (other, one)
        if isinstance(listed.pattern, Listed):
            spans: Iterable[FixedShift] = listed.pattern.shifts
            meet = any(any(duties(rest, zone, calendar.holidays, utc(span.start), utc(span.end))) for span in spans)
        else:
            meet = _meet(one, other)
        if meet:
            yield Mistake(f"rules[{index}]", f"rules {one.id!r} and {other.id!r} overlap", _MEND_OVERLAP)


def _compete(one: Rule, other: Rule) -> bool:
    """Whether some need has both in the same layer, neither being more specific."""
    if one.layer != other.layer or one.rank != other.rank:
        return False
    a, b = one.scope, other.scope
    urgent = not a.urgency or bool(set(a.urgency) & set(b.urgency))
    return urgent and (a.specialty, a.location, a.role) == (b.specialty, b.location, b.role)


def _meet(one: Rule, other: Rule) -> bool:
    """Whether two rules hold at once in the week in which the later one begins. Weeks repeat, so one is enough; somebody
    always has the turn, so only hours count; holidays are taken for ordinary days."""
    begin = max((day for rule in (one, other) for day in _begins(rule)), default=_ORDINARY)
    return any(a[0] < b[1] and b[0] < a[1] for a in _grid(one, begin) for b in _grid(other, begin))


def _begins(rule: Rule) -> Iterator[date]:
    if rule.starts:
        yield rule.starts
    if isinstance(rule.pattern, Rotation):
        yield rule.pattern.first


def _grid(rule: Rule, day: date) -> Sequence[tuple[int, int]]:
    """When the rule holds, in minutes on the wall, from the day before this one to a week after it."""
    low = wall(day, rule.hand_off) - DAY
    first = wall(rule.pattern.first, rule.pattern.hand_off) if isinstance(rule.pattern, Rotation) else low
    found = windows(replace(rule, holidays=OnHolidays.AS_USUAL), (), low, low + WEEK + 2 * DAY)
    return [(max(opens, first), closes) for opens, closes in found if closes > first]


def _one_of(names: Iterable[str]) -> str:
    return f"one of: {', '.join(sorted(names))}"
