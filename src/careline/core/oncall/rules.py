"""What an on-call calendar is made of: people, rules, and the changes made to them. Values only; nothing is decided here.

Calendar ── people              who can be on call, and who stands in when nobody is
   │
   ├────── rules                pattern (who has the turn) × hours (when the rule holds) × scope (for which needs)
   │                            layer 1 is reached first, layer 2 after it, ...
   ├────── overrides            add, remove or put one person in another's place, for a stretch of time, in the order made
   ├────── absences             a person is away: on no rule and no override, whatever these say
   └────── holidays             days on which rules may hold, or not hold
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import TYPE_CHECKING

from careline.core.clinical import Level
from careline.core.errors import Refused

if TYPE_CHECKING:
    from datetime import date, datetime

    from careline.core.oncall.holidays import Holiday
    from careline.core.spans import Span

MIDNIGHT = time(0, 0)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be on call. `channels` are the ways to reach them that work now ("phone", "email", ...). `practice`
    is empty for our own people, and the other practice's name for a clinician who covers for us."""

    id: str
    name: str
    channels: tuple[str, ...]
    email: str = ""
    practice: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody on call is wanted for. Empty means: nothing special."""

    urgency: Level = Level.URGENT
    specialty: str = ""
    location: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """The needs a rule is for. Empty means: any.

    The most specific rule wins. A rule for a specialty is more specific than one for none, whatever else the two name; between
    rules alike in that, one for a location; then one for a role; then the one for fewer urgencies; then one for holidays only.
    """

    specialty: str = ""
    location: str = ""
    role: str = ""
    urgency: tuple[Level, ...] = ()

    def covers(self, need: Need) -> bool:
        return (
            self.specialty in ("", need.specialty)
            and self.location in ("", need.location)
            and self.role in ("", need.role)
            and (not self.urgency or need.urgency in self.urgency)
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """`people` are on call together for `minutes` on the wall (a week is always 10,080, clock changes or not)."""

    people: tuple[str, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class Rotation:
    """Turns taken in order, over and over. The first begins on `first` at `hand_off`; before it nobody has a turn. The
    weekday of the hand-off is the weekday of `first`, when turns last whole weeks."""

    first: date
    hand_off: time
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The same people, always (or during the rule's hours)."""

    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FixedShift:
    person: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """Shifts written one by one, as imported from another calendar. Hours and holidays do not touch them."""

    shifts: tuple[FixedShift, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """On each of `days` (0 = Monday) during `span`. A span past midnight belongs to the day on which it starts."""

    days: tuple[int, ...]
    span: Span


class OnHolidays(StrEnum):
    """Whether a rule holds on holidays. A rule for holidays only is more specific than its equal for every day."""

    AS_USUAL = "as_usual"
    ONLY = "only"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is on call, when, for what. Without `hours` it holds round the clock: a day then runs from hand-off to hand-off.
    `starts` and `until` are days (`until` is the first day on which it no longer holds). `together` says that its people may
    be on call beside those of another rule as specific; otherwise such an overlap is refused as a mistake."""

    id: str
    pattern: Rotation | Standing | Listed
    hours: tuple[Hours, ...] = ()
    scope: Scope = Scope()
    layer: int = 1
    holidays: OnHolidays = OnHolidays.AS_USUAL
    starts: date | None = None
    until: date | None = None
    together: bool = False

    @property
    def rank(self) -> tuple[bool, bool, bool, int, bool]:
        """How specific the rule is: the greater wins. `Scope` says the order in words."""
        scope = self.scope
        named = len(Level) - len(set(scope.urgency)) if scope.urgency else 0
        return bool(scope.specialty), bool(scope.location), bool(scope.role), named, self.holidays is OnHolidays.ONLY

    @property
    def hand_off(self) -> time:
        return self.pattern.hand_off if isinstance(self.pattern, Rotation) else MIDNIGHT

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody the rule can put on call, each once, in the order written."""
        match self.pattern:
            case Rotation(turns=turns):
                return tuple(dict.fromkeys(person for turn in turns for person in turn.people))
            case Standing(people=people):
                return people
            case Listed(shifts=shifts):
                return tuple(dict.fromkeys(shift.person for shift in shifts))


class Change(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Override:
    """A change from `start` to `end`, made by `by` (a person or a program), told as `reason`.

    ADD puts `person` on call: as one of `rule` when it is named (with its layer and scope), else for every need in `layer`.
    REMOVE takes `leaves` off. REPLACE puts `person` in the place of `leaves`, or of everybody when `leaves` is empty.
    Both touch only `rule` when it is named, else all rules and what earlier overrides added.
    """

    id: str
    change: Change
    start: datetime
    end: datetime
    person: str = ""
    leaves: str = ""
    rule: str = ""
    layer: int = 1
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """`person` is away: a part of a day, or weeks. Always wins; somebody who comes back early ends it."""

    id: str
    person: str
    start: datetime
    end: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A practice's whole rota. `timezone` is the zone of its wall clock. `backup`, then `supervisor`, stand in whenever nobody
    is on call. During `desk` hours (never on holidays) the office itself answers: nobody on call then is no gap."""

    practice: str
    timezone: str
    people: tuple[Person, ...]
    rules: tuple[Rule, ...]
    backup: str
    supervisor: str
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    desk: tuple[Hours, ...] = ()

    def person(self, person_id: str) -> Person:
        """Raises `Refused` when nobody here has this id."""
        for person in self.people:
            if person.id == person_id:
                return person
        raise Refused(f"nobody here is called {person_id!r} — name somebody who is in the calendar")
