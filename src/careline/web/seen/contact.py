"""One contact from hello to outcome: what was said, what was found, why it was judged so, and who was reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.web.seen.parts import ChannelBadge, HearingBadge, Line, Urgency


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the recording worth jumping to. `left` is its place in percent of the whole."""

    at: float
    clock: str
    label: str
    tone: str
    left: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the timeline. `at` is seconds since the contact began; `clock` the wall clock to the second."""

    at: float
    clock: str
    kind: str
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    concept: str
    presence: str
    tone: str
    words: str
    details: str


@dataclass(frozen=True, slots=True)
class Source:
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """A rule of a protocol: when it holds, what follows, what not knowing means, and whether it fired here."""

    rule: str
    when: str
    then: str
    tone: str
    unknown: str
    fired: bool


@dataclass(frozen=True, slots=True)
class ProtocolTable:
    title: str
    version: str
    hash: str
    status: str
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    protocol: str
    version: str
    hash: str
    rule: str
    then: str
    tone: str
    because: tuple[Source, ...]
    words: tuple[str, ...]
    draft: bool


@dataclass(frozen=True, slots=True)
class AskedRow:
    words: str
    reply: str
    answer: str


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try to reach one person. Only `accepted` ones count as reached."""

    step: str
    person: str
    channel: str
    to: str  # masked
    began: datetime
    ended: datetime | None
    outcome: str
    tone: str
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proof:
    """How somebody was reached: the page, each attempt, who accepted and what came of it."""

    page_id: UUID
    urgency: Urgency | None
    state: str
    tone: str
    raised: datetime
    accepted_by: str
    accepted_at: datetime | None
    to_accept: str
    outcome: str
    outcome_at: datetime | None
    attempts: tuple[AttemptRow, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    url: str
    seconds: float
    clock: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a contact was judged as it was. `rules` decided; `lesser_rules` fired too, for something less urgent."""

    findings: tuple[FindingRow, ...] = ()
    rules: tuple[RuleRow, ...] = ()
    lesser_rules: tuple[RuleRow, ...] = ()
    protocols: tuple[ProtocolTable, ...] = ()
    asked: tuple[AskedRow, ...] = ()
    complete: bool = True
    draft: bool = False


@dataclass(frozen=True, slots=True)
class ContactPage:
    id: UUID
    reference: str
    now: datetime
    live: bool
    dial: str  # the number that reaches the patient, else the one they called from; empty when none is known
    number: str  # the same, as people read it
    held_page: UUID | None  # the page about this contact that the viewer has accepted and not yet reported on
    channel: ChannelBadge
    hearing: HearingBadge
    language: str
    started: datetime
    duration: str
    urgency: Urgency | None
    title: str
    facts: tuple[tuple[str, str], ...]
    reason: str
    red_flags: tuple[str, ...]
    moments: tuple[Moment, ...]
    lines: tuple[Line, ...]
    why: Reasons
    recording: Recording | None
    recording_note: str
    proofs: tuple[Proof, ...]
    messages: tuple[tuple[UUID, str, str], ...]
