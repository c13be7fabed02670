"""The messages taken for staff, and what was done with each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.web.seen.parts import ChannelBadge, Urgency


# "done" is for what needs no patient; "could not reach" leaves the message open.
OUTCOMES = (("done", "Done"), ("spoke_with_patient", "Spoke with patient"), ("advice_given", "Advice given"),
            ("sent_to_ed", "Sent to emergency department"), ("could_not_reach", "Could not reach patient"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: UUID
    contact_id: UUID | None
    kind: str
    patient: str
    caller: str
    reason: str
    urgency: Urgency | None
    taken_at: datetime
    due: datetime | None
    overdue: bool
    state: str
    holder: str


@dataclass(frozen=True, slots=True)
class Inbox:
    now: datetime
    tab: str
    rows: tuple[MessageRow, ...]
    open_count: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done with a message, by whom and when."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class MessageDetail:
    row: MessageRow
    channel: ChannelBadge | None
    number: str
    date_of_birth: str
    relation: str
    safe: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    outcome: str
    paged: str  # how its page stands, when it has one
    can_accept: bool
    can_report: bool
    can_close: bool
