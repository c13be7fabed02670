"""Changes people make to a rota: overrides by a secretary, a shift taken over at once, a swap that others must agree to.

Everything here is refused rather than made when it would do nothing, or put on call somebody who is away: a change that looks
made and is not is a silent gap. What comes back is a value to be stored; only `calendar.overrides`, in the order made, counts.

    swap   proposed ──colleague agrees──► agreed ──somebody else approves──► approved (two overrides)
              └────────── declined ◄────────┘
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from careline.core.errors import Refused
from careline.core.oncall.check import checked
from careline.core.oncall.cover import looks
from careline.core.oncall.intervals import union
from careline.core.oncall.rules import Change, Override
from careline.core.oncall.wall import utc

if TYPE_CHECKING:
    from datetime import datetime

    from careline.core.oncall.intervals import Interval
    from careline.core.oncall.rules import Absence, Calendar

_FAR = timedelta(days=31)


def with_override(calendar: Calendar, override: Override) -> Calendar:
    """The calendar with one more override. Raises `Refused` when the override is not valid, changes nothing, or brings
    somebody who is away then."""
    if override.person and override.person == override.leaves:
        raise Refused("nobody takes their own place — name a colleague")
    changed = checked(replace(calendar, overrides=(*calendar.overrides, override)))
    if override.person:
        _here(calendar, override.person, utc(override.start), utc(override.end))
    if override.change is not Change.ADD:
        _has(calendar, Part(override.leaves, override.rule, override.start, override.end))
    return changed


def with_absence(calendar: Calendar, absence: Absence) -> Calendar:
    """The calendar with one more absence. Never refused for the gap it leaves: `gaps` reports that."""
    return checked(replace(calendar, absences=(*calendar.absences, absence)))


@dataclass(frozen=True, slots=True)
class Part:
    """All that `person` has on call by `rule` (any when empty) from `start` to `end`, be it one shift or several."""

    person: str
    rule: str
    start: datetime
    end: datetime


def take_over(
    calendar: Calendar, by: str, colleague: str, now: datetime, override_id: str, until: datetime | None = None
) -> Override:
    """`by` is on call in the colleague's place from `now` until the colleague's shift ends, or `until`. Nobody needs to approve:
    whoever takes a duty on leaves it in nobody's hands but their own. A colleague who is away can be taken over from like any
    other. Raises `Refused` when the colleague is not on call, or has no end in sight and `until` is not given."""
    now = utc(now)
    places = held(calendar, Part(colleague, "", now, now + _FAR))
    current = next((stretch for stretch in places if stretch[0] == now), None)
    name = calendar.person(colleague).name
    if current is None:
        raise Refused(f"{name} is not on call now — nothing to take over")
    if until is None and current[1] == now + _FAR:
        raise Refused(f"{name} is on call without an end within a month — say until when")
    end = utc(until) if until else current[1]
    override = Override(
        override_id, Change.REPLACE, now, min(end, current[1]), by, colleague, by=by, reason="taken over at once"
    )
    with_override(calendar, override)
    return override


class SwapState(StrEnum):
    PROPOSED = "proposed"
    AGREED = "agreed"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Swap:
    """`first.person` offers `first` to `colleague` and takes `second` in return (nothing, when it is None)."""

    id: str
    first: Part
    colleague: str
    second: Part | None = None
    state: SwapState = SwapState.PROPOSED
    approved_by: str = ""


def propose(calendar: Calendar, swap: Swap, now: datetime) -> Swap:
    """The swap itself, when both have what they offer, are here for what they take, and neither part has begun."""
    if swap.first.person == swap.colleague or (swap.second and swap.second.person != swap.colleague):
        raise Refused("a swap is between two people — each offers what is theirs")
    for part, taker in _exchange(swap):
        if utc(part.start) <= utc(now):
            raise Refused("a shift that has begun is not swapped — take it over at once instead")
        _has(calendar, part)
        _here(calendar, taker, utc(part.start), utc(part.end))
    _keep_apart(calendar, swap)
    return replace(swap, state=SwapState.PROPOSED)


def agree(swap: Swap, by: str) -> Swap:
    """Only the colleague who was asked can agree."""
    if swap.state is not SwapState.PROPOSED:
        raise Refused(f"this swap is {swap.state} — nothing to agree to")
    if by != swap.colleague:
        raise Refused("only the colleague who was asked can agree to this swap")
    return replace(swap, state=SwapState.AGREED)


def decline(swap: Swap) -> Swap:
    """Whoever declines or takes back, nothing was changed."""
    if swap.state is SwapState.APPROVED:
        raise Refused("this swap is in force — propose one back")
    return replace(swap, state=SwapState.DECLINED)


def approve(calendar: Calendar, swap: Swap, by: str, now: datetime) -> tuple[Swap, tuple[Override, ...]]:
    """The approved swap and its overrides. Neither of the two can approve their own swap; what was so when it was proposed must
    still be so."""
    if swap.state is not SwapState.AGREED:
        raise Refused(f"this swap is {swap.state} — the colleague must agree before it is approved")
    if by in (swap.first.person, swap.colleague):
        raise Refused("a swap is approved by somebody else than the two who swap")
    propose(calendar, swap, now)
    return replace(swap, state=SwapState.APPROVED, approved_by=by), _overrides(swap, by)


def _exchange(swap: Swap) -> list[tuple[Part, str]]:
    """What changes hands, and who takes it."""
    back = [(swap.second, swap.first.person)] if swap.second else []
    return [(swap.first, swap.colleague), *back]


def _overrides(swap: Swap, by: str) -> tuple[Override, ...]:
    return tuple(
        Override(
            f"{swap.id}-{number}",
            Change.REPLACE,
            part.start,
            part.end,
            taker,
            part.person,
            part.rule,
            by=by,
            reason=f"swap {swap.id}",
        )
        for number, (part, taker) in enumerate(_exchange(swap), 1)
    )


def _keep_apart(calendar: Calendar, swap: Swap) -> None:
    """Refuse parts that overlap without each naming a rule: the second exchange would take back the first."""
    second = swap.second
    meet = second is not None and swap.first.start < second.end and second.start < swap.first.end
    if second and meet and (not swap.first.rule or not second.rule or swap.first.rule == second.rule):
        raise Refused("the two shifts overlap — name the rule of each, or swap two that do not")
    checked(replace(calendar, overrides=(*calendar.overrides, *_overrides(swap, swap.colleague))))


def held(calendar: Calendar, part: Part) -> list[Interval]:
    """When the person (anybody, when empty) has a place on call, away or not."""
    return union(
        (look.start, look.end)
        for look in looks(calendar, calendar.rules, utc(part.start), utc(part.end))
        for slot in look.places
        if slot.holder and part.person in ("", slot.holder) and part.rule in ("", slot.rule.id if slot.rule else "")
    )


def _has(calendar: Calendar, part: Part) -> None:
    if not held(calendar, part):
        who = calendar.person(part.person).name if part.person else "nobody"
        rule = f" by rule {part.rule}" if part.rule else ""
        raise Refused(f"{who} is {'not ' if part.person else ''}on call{rule} then — choose a time within a shift")


def _here(calendar: Calendar, person: str, start: datetime, end: datetime) -> None:
    away = [one for one in calendar.absences if one.person == person and one.start < end and start < one.end]
    if away:
        name, first = calendar.person(person).name, min(utc(one.start) for one in away)
        raise Refused(
            f"{name} is away from {first:%Y-%m-%d %H:%M} UTC — choose somebody else, or end the absence first"
        )
