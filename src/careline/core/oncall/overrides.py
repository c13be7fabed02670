"""Overrides, absences and specificity, at one moment: duties in, people on call out, each with why.

A duty becomes a *slot*, which somebody holds. Overrides act on slots in the order they were made, so that the place of a
colleague who took over can be taken over again. Absences come last and always win. Of what is left, in each layer, the most
specific rule that still has somebody wins; people added for every need stand beside the winners.

    slots of the rules ──► overrides, in order ──► minus the absent ──► per layer: most specific ──► people
                                                                                    └── nobody in any layer ──► who stands in
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from careline.core.oncall.rules import Change

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from careline.core.oncall.rotation import Duty
    from careline.core.oncall.rules import Calendar, Override, Rule

STAND_IN = 0  # the layer of whoever stands in when no layer has anybody


class StandIn(StrEnum):
    BACKUP = "backup"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Why:
    """Why somebody is on call: the rule whose slot they hold (empty when added for every need), whose turn it was, and the
    ids of the overrides that brought them there, in order. Or as whom they stand in because nobody is on call."""

    rule: str = ""
    turn_of: str = ""
    overrides: tuple[str, ...] = ()
    stand_in: StandIn | None = None


@dataclass(frozen=True, slots=True)
class OnCall:
    person: str
    layer: int
    why: Why


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on call. `holder` is empty once somebody was taken off and nobody put in their place; `rule` is None for a
    place added for every need."""

    rule: Rule | None
    layer: int
    turn_of: str
    holder: str
    overrides: tuple[str, ...] = ()

    @property
    def why(self) -> Why:
        return Why(self.rule.id if self.rule else "", self.turn_of, self.overrides)


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A place on call that nobody fills: `person` is away (`away`), or was taken off by the last of `overrides`."""

    rule: str
    layer: int
    person: str
    away: bool
    overrides: tuple[str, ...] = ()


def slots(duties: Iterable[Duty], overrides: Iterable[Override], rules: Mapping[str, Rule]) -> list[Slot]:
    """The places on call at one moment, given the duties and overrides in force then. `rules` are those that count."""
    found = [Slot(duty.rule, duty.rule.layer, duty.person, duty.person) for duty in duties]
    for override in overrides:
        if not override.rule or override.rule in rules:
            found = _change(found, override, rules)
    return found


def _change(found: list[Slot], override: Override, rules: Mapping[str, Rule]) -> list[Slot]:
    if override.change is Change.ADD:
        rule = rules[override.rule] if override.rule else None
        layer = rule.layer if rule else override.layer
        return [*found, Slot(rule, layer, override.person, override.person, (override.id,))]
    holder = override.person if override.change is Change.REPLACE else ""
    return [
        replace(slot, holder=holder, overrides=(*slot.overrides, override.id)) if _touches(override, slot) else slot
        for slot in found
    ]


def _touches(override: Override, slot: Slot) -> bool:
    """An empty place is not touched: it stays empty until somebody is added."""
    right_rule = not override.rule or (slot.rule is not None and slot.rule.id == override.rule)
    return right_rule and bool(slot.holder) and override.leaves in ("", slot.holder)


def on_call(places: Iterable[Slot], away: Collection[str]) -> tuple[OnCall, ...]:
    """Who is on call: in each layer the most specific filled places, and those added for every need. Each person once, where
    they are reached first."""
    filled = [slot for slot in places if slot.holder and slot.holder not in away]
    people: dict[str, OnCall] = {}
    for layer in sorted({slot.layer for slot in filled}):
        here = [slot for slot in filled if slot.layer == layer]
        best = max((slot.rule.rank for slot in here if slot.rule), default=None)
        for slot in here:
            if slot.rule is None or slot.rule.rank == best:
                people.setdefault(slot.holder, OnCall(slot.holder, layer, slot.why))
    return tuple(people.values())


def vacancies(places: Iterable[Slot], away: Collection[str]) -> tuple[Vacancy, ...]:
    """The places that nobody fills."""
    return tuple(
        Vacancy(
            slot.rule.id if slot.rule else "",
            slot.layer,
            slot.holder or slot.turn_of,
            bool(slot.holder),
            slot.overrides,
        )
        for slot in places
        if not slot.holder or slot.holder in away
    )


def stand_ins(calendar: Calendar, away: Collection[str]) -> tuple[OnCall, ...]:
    """Back-up, then supervisor; one who is away is left out, unless both are: a call to somebody away beats no call."""
    both = ((calendar.backup, StandIn.BACKUP), (calendar.supervisor, StandIn.SUPERVISOR))
    chosen = [(person, part) for person, part in both if person not in away] or both
    people: dict[str, OnCall] = {}
    for person, part in chosen:
        people.setdefault(person, OnCall(person, STAND_IN, Why(stand_in=part)))
    return tuple(people.values())


def explain(calendar: Calendar, found: OnCall) -> str:
    """Why, as a sentence for the person who asks. Names rules and overrides by the ids under which they are found."""
    why = found.why
    if why.stand_in:
        return f"nobody is on call; stands in as {why.stand_in}"
    parts = [f"rule {why.rule}" if why.rule else "added for every need"]
    if why.turn_of != found.person:
        parts.append(f"in place of {calendar.person(why.turn_of).name}")
    parts.extend(_told(calendar.overrides, override_id) for override_id in why.overrides)
    return "; ".join(parts)


def _told(overrides: Sequence[Override], override_id: str) -> str:
    override = next((one for one in overrides if one.id == override_id), None)
    if override is None:
        return f"override {override_id}"
    by = f" by {override.by}" if override.by else ""
    return f"override {override_id}{by}" + (f": {override.reason}" if override.reason else "")
