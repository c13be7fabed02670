"""Who is on call: at an instant (`who`, `ladder`), over time (`shifts`), and for one person (`shifts_of`).

All three look at time the same way. Everything that begins or ends is a *cut*; between two neighbouring cuts nothing changes, so
one look (`overrides.on_call`) is right for every instant between them. `who` looks once; `shifts` walks from cut to cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Generic, TypeVar
from zoneinfo import ZoneInfo

from careline.core.oncall.intervals import union
from careline.core.oncall.overrides import on_call, slots, stand_ins, vacancies
from careline.core.oncall.rotation import Duty, duties
from careline.core.oncall.rules import Absence, Need, Override
from careline.core.oncall.wall import utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from careline.core.oncall.intervals import Interval
    from careline.core.oncall.overrides import OnCall, Slot, Vacancy, Why
    from careline.core.oncall.rules import Calendar, Rule

_MOMENT = timedelta(microseconds=1)
ANY = Need()
FIRST = 1  # the layer that is reached first


@dataclass(frozen=True, slots=True)
class Shift:
    """From `start` to `end` these `people` are on call, first layer first; never nobody. `gap` says that the first layer has
    nobody, and then the next layer, or whoever stands in, is all there is. `vacant` are the places that nobody fills."""

    start: datetime
    end: datetime
    people: tuple[OnCall, ...]
    gap: bool
    vacant: tuple[Vacancy, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """Everything in force between two cuts: filled and empty places, and who is away."""

    start: datetime
    end: datetime
    places: tuple[Slot, ...]
    away: frozenset[str]


def who(calendar: Calendar, at: datetime, need: Need = ANY) -> tuple[OnCall, ...]:
    """The people on call for this need at this instant, first layer first, each with why; never nobody."""
    look = next(looks(calendar, rules_for(calendar, need), utc(at), utc(at) + _MOMENT))
    return _shift(calendar, look).people


def ladder(calendar: Calendar, at: datetime, need: Need = ANY) -> tuple[tuple[OnCall, ...], ...]:
    """Whom to reach, in order: each layer, then back-up, then supervisor. No rung is empty and nobody is on two."""
    look = next(looks(calendar, rules_for(calendar, need), utc(at), utc(at) + _MOMENT))
    people = on_call(look.places, look.away)
    rungs = [tuple(one for one in people if one.layer == layer) for layer in sorted({one.layer for one in people})]
    seen = {one.person for one in people}
    rungs.extend((one,) for one in stand_ins(calendar, look.away) if one.person not in seen)
    return tuple(rungs)


def shifts(calendar: Calendar, start: datetime, end: datetime, need: Need = ANY) -> tuple[Shift, ...]:
    """Cover for this need from `start` to `end` without a hole: each shift begins where the one before it ends, and differs
    from it. Empty when `start` is not before `end`."""
    found: list[Shift] = []
    for look in looks(calendar, rules_for(calendar, need), utc(start), utc(end)):
        shift = _shift(calendar, look)
        last = found[-1] if found else None
        if last and (last.people, last.gap, last.vacant) == (shift.people, shift.gap, shift.vacant):
            found[-1] = Shift(last.start, shift.end, last.people, last.gap, last.vacant)
        else:
            found.append(shift)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Holding:
    """A person's place on call, by one rule or addition and for one reason, as long as it lasts."""

    start: datetime
    end: datetime
    person: str
    layer: int
    why: Why


def holdings(calendar: Calendar, start: datetime, end: datetime, person: str = "") -> tuple[Holding, ...]:
    """Every place on call that somebody (or this person) fills, in order of time, whatever need it is for."""
    running: dict[tuple[str, int, Why], Holding] = {}
    done: list[Holding] = []
    for look in looks(calendar, calendar.rules, utc(start), utc(end)):
        filled = {
            (slot.holder, slot.layer, slot.why): None
            for slot in look.places
            if slot.holder and slot.holder not in look.away and person in ("", slot.holder)
        }
        done += [running.pop(key) for key in list(running) if key not in filled]
        for key in filled:
            begun = running[key].start if key in running else look.start
            running[key] = Holding(begun, look.end, *key)
    return tuple(sorted((*done, *running.values()), key=lambda held: (held.start, held.layer, held.person)))


def shifts_of(calendar: Calendar, person: str, start: datetime, end: datetime) -> tuple[Interval, ...]:
    """When this person is on call for anything at all, by whatever rule or override."""
    return tuple(union((held.start, held.end) for held in holdings(calendar, start, end, person)))


def looks(calendar: Calendar, rules: Sequence[Rule], start: datetime, end: datetime) -> Iterator[Look]:
    """Walk from cut to cut, with what these rules and all overrides and absences make of each stretch."""
    zone = ZoneInfo(calendar.timezone)
    by_id = {rule.id: rule for rule in rules}
    on_duty = _Walk([duty for rule in rules for duty in duties(rule, zone, calendar.holidays, start, end)], start, end)
    changing = _Walk(calendar.overrides, start, end)
    gone = _Walk(calendar.absences, start, end)
    cuts = sorted({start, end, *on_duty.cuts, *changing.cuts, *gone.cuts}) if start < end else []
    for first, last in pairwise(cuts):
        places = slots(on_duty.at(first), changing.at(first), by_id)
        yield Look(first, last, tuple(places), frozenset(absence.person for absence in gone.at(first)))


def _shift(calendar: Calendar, look: Look) -> Shift:
    people = on_call(look.places, look.away)
    gap = all(found.layer != FIRST for found in people)
    return Shift(look.start, look.end, people or stand_ins(calendar, look.away), gap, vacancies(look.places, look.away))


def rules_for(calendar: Calendar, need: Need) -> tuple[Rule, ...]:
    return tuple(rule for rule in calendar.rules if rule.scope.covers(need))


T = TypeVar("T", Duty, Override, Absence)


class _Walk(Generic[T]):
    """What is in force at each of a growing series of instants, in the order given: rules and overrides keep theirs."""

    def __init__(self, things: Iterable[T], start: datetime, end: datetime) -> None:
        spans = ((utc(thing.start), utc(thing.end), order, thing) for order, thing in enumerate(things))
        inside = [span for span in spans if span[0] < end and start < span[1]]
        self.cuts = {cut for span in inside for cut in span[:2] if start < cut < end}
        self._waiting = sorted(inside, key=lambda span: span[0], reverse=True)
        self._running: list[tuple[datetime, datetime, int, T]] = []

    def at(self, instant: datetime) -> list[T]:
        while self._waiting and self._waiting[-1][0] <= instant:
            self._running.append(self._waiting.pop())
        self._running = sorted((span for span in self._running if instant < span[1]), key=lambda span: span[2])
        return [span[3] for span in self._running]
