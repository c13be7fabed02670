"""The clinical values every domain shares: dispositions, findings, and what is known of a patient.

A *finding* is one thing a caller said about somebody's health, with the caller's own words. A *fact* is what triage works
from: findings, answers and background folded into one value per concept. Concepts are named in `protocols/concepts.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Level(StrEnum):
    """How fast somebody must act: what rehearsals are scored on and queues are ordered by."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    ROUTINE = "routine"
    SELF_CARE = "self_care"


class Disposition(StrEnum):
    """The one ladder of the house, most urgent first. Compare with `at_least` or by `rank`, never by name."""

    CALL_911 = "call_911"
    ED_NOW = "ed_now"
    CLINICIAN_NOW = "clinician_now"
    WITHIN_4H = "within_4h"
    WITHIN_24H = "within_24h"
    WITHIN_3D = "within_3d"
    ROUTINE = "routine"
    ADMINISTRATIVE = "administrative"
    HOME_CARE = "home_care"

    @property
    def rank(self) -> int:
        """0 is the most urgent."""
        return _RANK[self]

    @property
    def level(self) -> Level:
        return _LEVEL[self]

    def at_least(self, other: Disposition) -> bool:
        """Whether this is as urgent as `other`, or more."""
        return self.rank <= other.rank


_RANK = {disposition: rank for rank, disposition in enumerate(Disposition)}
_LEVEL = {
    Disposition.CALL_911: Level.EMERGENCY,
    Disposition.ED_NOW: Level.EMERGENCY,
    Disposition.CLINICIAN_NOW: Level.URGENT,
    Disposition.WITHIN_4H: Level.URGENT,
    Disposition.WITHIN_24H: Level.URGENT,
    Disposition.WITHIN_3D: Level.ROUTINE,
    Disposition.ROUTINE: Level.ROUTINE,
    Disposition.ADMINISTRATIVE: Level.ROUTINE,
    Disposition.HOME_CARE: Level.SELF_CARE,
}


def most_urgent(*dispositions: Disposition) -> Disposition:
    """The most urgent of at least one disposition. Order of the arguments has no meaning."""
    return min(dispositions, key=lambda disposition: disposition.rank)


class Presence(StrEnum):
    """Whether a finding holds now for the patient. Only ABSENT speaks against it, and even that never silently."""

    PRESENT = "present"
    ABSENT = "absent"
    UNCERTAIN = "uncertain"
    PAST = "past"
    FEARED = "feared"
    HYPOTHETICAL = "hypothetical"
    OTHER = "other"  # of someone who is not the patient of this contact


class Subject(StrEnum):
    CALLER = "caller"
    PATIENT = "patient"  # the person called about, when that is not the caller
    OTHER = "other"


class Course(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    COMES_AND_GOES = "comes_and_goes"
    STOPPED = "stopped"
    CONSTANT = "constant"


class Reply(StrEnum):
    """The answer to a yes/no question. "Not sure" is an answer with a consequence, not a missing one."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Quote:
    """The caller's own words: `text` is characters `start` to `end` of turn `turn` (the caller's turns, from 1)."""

    turn: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in the canonical unit of its concept (`protocols/concepts.toml`): °F become °C, weeks old become years."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing said about somebody's health, and where it was said.

    `onset_hours` is how long ago it began; `duration_hours` how long it lasts or lasted. `severity` is 0 to 10 as a caller
    would grade it (mild 3, bad 7, worst 10), None when nothing was said.
    """

    concept: str
    presence: Presence
    quote: Quote
    subject: Subject = Subject.CALLER
    onset_hours: float | None = None
    duration_hours: float | None = None
    course: Course | None = None
    severity: int | None = None
    site: str | None = None
    side: str | None = None
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """What is held to be so about one concept: a reply, a number in the concept's unit, or one of its choices.

    `confirmed` tells an answer to a question (or a repeated statement) from a passing mention; a negation that was only
    mentioned is not confirmed, and a danger it denies may be asked about once. `denied` tells that the opposite was said
    too: the more dangerous of the two is held.
    """

    value: Reply | float | str
    quotes: tuple[Quote, ...] = ()
    confirmed: bool = False
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that triage may know of one patient, one value per concept. Immutable; `having` gives a larger one."""

    known: Mapping[str, Fact] = field(default_factory=dict[str, Fact])

    def get(self, concept: str) -> Fact | None:
        return self.known.get(concept)

    def reply(self, concept: str) -> Reply | None:
        """The yes/no value of a flag concept, None when nothing is known."""
        fact = self.known.get(concept)
        return fact.value if fact is not None and isinstance(fact.value, Reply) else None

    def number(self, concept: str) -> float | None:
        fact = self.known.get(concept)
        return fact.value if fact is not None and isinstance(fact.value, float) else None

    def having(self, concept: str, fact: Fact) -> Facts:
        return Facts({**self.known, concept: fact})
