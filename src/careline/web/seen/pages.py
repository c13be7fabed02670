"""A clinician's own pages, made for a telephone held in one hand at night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.web.seen.parts import Because, Urgency

OUTCOMES = (
    ("spoke_with_patient", "Spoke with patient"),
    ("sent_to_ed", "Sent to emergency department"),
    ("advice_given", "Advice given"),
    ("could_not_reach", "Could not reach patient"),
)


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page as the list shows it: nothing of the patient before it is accepted."""

    id: UUID
    urgency: Urgency | None
    raised: datetime
    state: str
    label: str
    mine: bool
    warn_after: int


@dataclass(frozen=True, slots=True)
class MyPages:
    now: datetime
    waiting: tuple[PageRow, ...]
    accepted: tuple[PageRow, ...]
    past: tuple[PageRow, ...]
    on_call: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What an accepter needs, in the order of the spoken brief: urgency, age, weeks, reason, danger answers, number."""

    age: str
    pregnant: str
    patient: str
    caller: str
    reason: str
    brief: str
    dangers: tuple[Because, ...]
    number: str
    dial: str
    location: str
    language: str
    safe: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenPage:
    row: PageRow
    now: datetime
    reference: str
    contact_id: UUID | None
    accepted_by: str
    accepted_at: datetime | None
    outcome: str
    outcome_due: datetime | None
    brief: Brief | None
    can_accept: bool
    can_report: bool
    patched: tuple[str, ...] = ()  # calls with the patient through Careline, each in a line
