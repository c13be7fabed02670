"""What the desk sees: contacts that are up now, and everything that nobody has resolved, worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.web.seen.calls import Controls, Presence
    from careline.web.seen.parts import Because, ChannelBadge, HearingBadge, Line, Urgency


@dataclass(frozen=True, slots=True)
class LiveContact:
    id: UUID
    channel: ChannelBadge
    hearing: HearingBadge
    language: str
    agent: str  # who speaks with the caller now
    controls: Controls
    started: datetime
    title: str
    caller: str  # when somebody calls for another person
    number: str  # masked
    urgency: Urgency | None  # None while nothing is known yet
    reason: str  # the caller's own words
    red_flags: tuple[str, ...]
    because: tuple[Because, ...]
    lines: tuple[Line, ...]
    promised: str  # what the caller has been told will happen


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody at the desk can finish by a press: an alarm to clear, or a callback to report on."""

    kind: str  # "alarm", "callback" or "page"
    id: UUID
    label: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """All that is open about one contact. `owned`: a named person has it. `warn_after` is the age since the last action, in
    seconds, from which the desk should look now."""

    contact_id: UUID | None
    kinds: tuple[str, ...]
    title: str
    reason: str
    urgency: Urgency | None
    called_at: datetime
    acted_at: datetime
    states: tuple[str, ...]
    warn_after: int
    late: bool
    owned: bool
    tasks: tuple[Task, ...]


CLOSE_REASONS = (
    ("helped_otherwise", "Helped otherwise"),
    ("paged_twice", "Paged twice"),
    ("not_a_patient", "Not a patient"),
    ("rehearsal", "A rehearsal"),
)
CALLBACK_RESULTS = (("reached", "Reached"), ("left_message", "Left a message"), ("no_answer", "No answer"))


@dataclass(frozen=True, slots=True)
class Desk:
    now: datetime
    live: tuple[LiveContact, ...]
    unresolved: tuple[Unresolved, ...]
    presence: Presence
    people: tuple[tuple[UUID, str], ...] = ()  # who can be paged
