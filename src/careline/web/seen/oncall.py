"""Who is on call now, and the week or month as a sheet of paper shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

PLACES = {
    "on_call": "on call",
    "second_call": "second call",
    "third_call": "third call",
    "backup": "back-up",
    "supervisor": "supervisor",
}


@dataclass(frozen=True, slots=True)
class OnCallNow:
    """Somebody to reach, in the order of calling. `until` is None when their place does not end within a month."""

    person: UUID
    place: str
    on_call: bool
    name: str
    role: str
    of_practice: str
    until: datetime | None
    number: str
    languages: str
    why: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of one day in one lane: percentages of the day, for the drawing; `label` for reading; `query` prefills the form
    that changes it."""

    name: str
    tone: int
    left: str
    width: str
    label: str
    query: str
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One layer of the rota on one day; `name` is empty for the first."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """The same people for a stretch of one day, as the month shows it."""

    hours: str
    names: str
    others: str
    query: str
    why: str
    gap: bool
    mine: bool
    tone: int


@dataclass(frozen=True, slots=True)
class Day:
    """`clock` says in words that this day has 23 or 25 hours. Its name stands in three lengths: a page has six weeks of them."""

    day: date
    iso: str
    long: str
    weekday: str
    month: str
    today: bool
    in_month: bool
    holiday: str
    clock: str
    away: tuple[str, ...]
    lanes: tuple[Lane, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class StepShown:
    number: int
    reach: str
    channels: str
    wait: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """A change or an absence still to come, or under way. `kind` is override or absence."""

    id: UUID
    kind: str
    when: str
    what: str
    by: str
    reason: str
    may_end: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A link of a row of choices: `value` goes into the address."""

    value: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class OnCall:
    """`missing` are gaps of the days ahead, in sentences. `title` names the week or month; `weeks` holds its days."""

    now: datetime
    zone: str
    current: tuple[OnCallNow, ...]
    standing_by: tuple[tuple[str, str], ...]
    gap: bool
    missing: tuple[str, ...]
    days_ahead: int
    view: str
    title: str
    day: str
    previous: str
    following: str
    weeks: tuple[tuple[Day, ...], ...]
    needs: tuple[Choice, ...]
    need: str
    need_query: str
    ahead: tuple[Ahead, ...]
    steps: tuple[StepShown, ...]
    now_percent: float
    may_change: bool
