"""What the dialogue asks the world to do. `calls` turns each deed into an action's command, under the deed's key.

A deed is wanted once per key; `Done` or `Failed` comes back, and only then does the dialogue speak of it (house rule 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from careline.core.clinical import Disposition, Finding, Quote, Reply
    from careline.core.people import Identity, Private


RECALL = "recall"  # the key of the one `Recall` of a contact


class MessageKind(StrEnum):
    CLINICAL = "clinical"
    REFILL = "refill"
    APPOINTMENT = "appointment"
    TEST_RESULTS = "test_results"
    REFERRAL = "referral"
    BILLING = "billing"
    INSURANCE = "insurance"
    RECORDS = "records"
    COMPLAINT = "complaint"
    PROFESSIONAL = "professional"  # a hospital, pharmacy or laboratory calling
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it was asked, and what was answered, in order: the heart of the triage record."""

    question: str
    words: str
    reply: Reply | float | str | None
    answer: Quote | None
    protocol: str | None = None


@dataclass(frozen=True, slots=True)
class RuleFired:
    protocol: str
    version: str
    hash: str
    rule: str
    disposition: Disposition
    because: tuple[str, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class TriageRecord:
    """Why a contact ended as it did: every finding with its words, every question, every rule that fired."""

    disposition: Disposition
    findings: tuple[Finding, ...]
    asked: tuple[Asked, ...]
    fired: tuple[RuleFired, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """What a person reads first. `reason` is the caller's own words; `brief` is the spoken brief of at most 20 seconds.

    `thread` is the open matter (`Earlier.matter`) that this contact goes on about; `worse` that it has become worse since.
    """

    identity: Identity
    reason: Private
    brief: Private
    disposition: Disposition
    language: str
    age_years: float | None = None
    pregnant_weeks: float | None = None
    thread: str = ""
    worse: bool = False


@dataclass(frozen=True, slots=True)
class RaiseEmergency:
    """The caller was told to call 911 or go to the emergency department: page the clinician and alert the desk in parallel."""

    summary: Summary
    triage: TriageRecord


@dataclass(frozen=True, slots=True)
class PageClinician:
    """Message, page and its first step in one transaction; raises an earlier page of the same contact when more urgent."""

    summary: Summary
    triage: TriageRecord | None


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """A message for staff, delivered to an inbox by `due`; it wakes nobody."""

    kind: MessageKind
    summary: Summary
    details: tuple[tuple[str, Private], ...]
    due: datetime
    triage: TriageRecord | None = None


@dataclass(frozen=True, slots=True)
class RequestCallback:
    """Somebody must ring this caller back by `due`; overdue, it is raised."""

    summary: Summary
    due: datetime
    why: str


@dataclass(frozen=True, slots=True)
class CallPerson:
    """Ring the desk for this caller now. `DeskRings` says that telephones ring, `Joined` that somebody has come; `Failed` means
    that nobody is there, or nobody answered."""

    why: str


@dataclass(frozen=True, slots=True)
class AmendBrief:
    """What was learned after the first page went out (location, number, more findings): whoever accepts sees the newest."""

    summary: Summary
    triage: TriageRecord


@dataclass(frozen=True, slots=True)
class Recall:
    """Ask what is open for this patient already. Answered by `Remembered`, with nothing unless two identifiers match one
    patient: name and date of birth, or date of birth and callback number (45 CFR 164.514(h))."""

    identity: Identity


Deed = RaiseEmergency | PageClinician | TakeMessage | RequestCallback | CallPerson | AmendBrief | Recall


@dataclass(frozen=True, slots=True)
class Earlier:
    """An open matter of this patient from an earlier contact, as it stands now. `matter` names its message.

    `paged` says that a clinician is or was being reached; `accepted_by` (with `role`, a `people.Role`) that somebody has it.
    `due` is by when the staff should have answered a message that wakes nobody.
    """

    matter: str
    kind: MessageKind
    disposition: Disposition
    at: datetime
    paged: bool = False
    accepted_by: str = ""
    role: str = ""
    accepted_at: datetime | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """The answer to `Recall`, the newest first; empty when the identifiers match nobody, or nothing is open."""

    key: str
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """A deed is committed. `detail` is a short result without patient data ("connected", a reference to read out)."""

    key: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A deed could not be committed; nothing may be claimed of it."""

    key: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PageAccepted:
    """News from outside: a named clinician accepted this contact's page."""

    by: str


@dataclass(frozen=True, slots=True)
class DeskRings:
    """News from outside: telephones at the desk ring for the deed `key`."""

    key: str


@dataclass(frozen=True, slots=True)
class Joined:
    """News from outside: a named person now speaks (or writes) with the caller."""

    by: str


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """News from outside: nobody but the assistant is with the caller any more. `gave_back` when the person meant it so."""

    gave_back: bool = False


@dataclass(frozen=True, slots=True)
class Do:
    key: str
    deed: Deed


@dataclass(frozen=True, slots=True)
class Record:
    """Start or stop the recording. `delete` asks for what was already taken to be deleted ("do not record"). `consent` says what
    was announced or asked, and by which states' laws: it stays with the recording."""

    on: bool
    delete: bool = False
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the contact's timeline: `kind` is a fixed word, `text` may hold patient data."""

    kind: str
    text: Private


@dataclass(frozen=True, slots=True)
class Finish:
    """The dialogue is over; hang up when the last sentence was heard."""

    reason: str
