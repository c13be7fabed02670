"""What the voice process asks of the database about a clinician and a patient on one call; plain values, like those of
`commands`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.core.people import Private
    from careline.storage.claims import Claimed


@dataclass(frozen=True, slots=True)
class PreparePatch:
    """The one who accepted a page is on the line and wants the patient. `key` makes a repeat the same patch. Result: a
    `PatchOrder`; raises `Refused` when the page is no longer theirs or has no contact."""

    practice: UUID
    page: UUID
    person: UUID
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PatchOrder:
    """How to bring them together. `number` is the patient's ("" when none is known), `line` the practice's, which is all that
    either sees. `name` is the clinician's. `discreet`: whoever picks up may not be the patient, so the practice is not named.
    `interpreter` is "" where none is set; `needed` says that the two share no language. `began` is when the contact
    did, `recording` the practice's policy, `first` the number of the first line of record."""

    practice: UUID
    patch: UUID
    page: UUID
    contact: UUID
    person: UUID
    name: str
    number: Private | None
    line: str
    practice_name: str
    language: str
    tongue: str
    discreet: bool
    interpreter: str
    needed: bool
    recording: str
    practice_state: str
    said_state: str | None
    began: datetime
    first: int


@dataclass(frozen=True, slots=True)
class NotePatch:
    """`state` as in `PatchedCall`; `interpreter` once one has joined. `only_if_open`: leave one that has ended as it is."""

    practice: UUID
    patch: UUID
    at: datetime
    state: str
    via: str = ""
    interpreter: bool = False
    only_if_open: bool = False


@dataclass(frozen=True, slots=True)
class PatchOutcome:
    """What came of it, by key. `outcome` is one of `record_outcome.OUTCOMES`."""

    practice: UUID
    patch: UUID
    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class PrepareRelay:
    """A clinician has asked at their page to be rung and then joined to the patient. Result: a `RelayOrder`, or None when it is
    no longer wanted (and the promise finished)."""

    claim: Claimed
    at: datetime


@dataclass(frozen=True, slots=True)
class RelayOrder:
    practice: UUID
    page: UUID
    person: UUID
    patch: UUID
    key: str
    number: str
    line: str
    language: str
    practice_name: str
