"""What is missing in a rota, told in sentences, and what a change adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core.errors import Refused
from careline.core.oncall.gaps import EmptyShift, Gap, because, empty_shifts, gaps
from careline.core.oncall.intervals import subtract

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from careline.core.oncall.rules import Calendar, Need

    Missing = Gap | EmptyShift


class LeavesGap(Refused):
    """The change would leave nobody on call at some time: whoever means it says so. `told` are the gaps, in sentences."""

    def __init__(self, told: Sequence[str]) -> None:
        self.told = tuple(told)
        super().__init__(
            f"nobody would be on call: {'; '.join(self.told[:3])} — put somebody there, or confirm the gap"
        )


def missing(calendar: Calendar, start: datetime, end: datetime) -> tuple[Missing, ...]:
    """Gaps, and the empty shifts that no gap tells of already. In order of time."""
    found = gaps(calendar, start, end)
    covered = [(gap.start, gap.end) for gap in found]
    others = (one for one in empty_shifts(calendar, start, end) if subtract([(one.start, one.end)], covered))
    return tuple(sorted((*found, *others), key=lambda one: (one.start, one.end)))


def added(before: Sequence[Missing], after: Sequence[Missing]) -> tuple[Missing, ...]:
    """What is missing now for a time at which nothing of its kind was missing before."""
    known: dict[type, list[tuple[datetime, datetime]]] = {Gap: [], EmptyShift: []}
    for one in before:
        known[type(one)].append((one.start, one.end))
    return tuple(one for one in after if subtract([(one.start, one.end)], known[type(one)]))


def told(calendar: Calendar, one: Missing) -> str:
    """When, what and why, as a manager reads it: "Sat Jan 14, 5:00 PM to 6:00 PM: nobody is on call (Dr. Ben Okafor is away);
    Maja Lindgren would be called"."""
    why = "; ".join(dict.fromkeys(because(calendar, place) for place in one.vacant))
    because_of = f" ({why})" if why else ""
    when = stretch(ZoneInfo(calendar.timezone), one.start, one.end)
    if isinstance(one, EmptyShift):
        return f"{when}: nobody fills {one.rule}{because_of}"
    instead = ", ".join(calendar.person(each.person).name for each in one.reached)
    return f"{when}: nobody is on call{_for(one.needs)}{because_of}; {instead} would be called"


def _for(needs: Sequence[Need]) -> str:
    """What the gap is for, when it is not for everything."""
    named = [tuple(part for part in (one.specialty, one.location, one.role) if part) for one in needs]
    if not named or () in named:
        return ""
    return " for " + " or ".join(dict.fromkeys(", ".join(one) for one in named))


def stretch(zone: ZoneInfo, start: datetime, end: datetime) -> str:
    """From when to when on the wall: "Sat Jan 14, 5:00 PM to 6:00 PM"."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    to = clock(last) if first.date() == last.date() else moment(last)
    return f"{moment(first)} to {to}"


def moment(local: datetime) -> str:
    return f"{local:%a %b} {local.day}, {clock(local)}"


def clock(local: datetime) -> str:
    return f"{local.hour % 12 or 12}:{local:%M %p}"
