"""What processes without Django ask about a rota, as plain values that cross a pipe (see `actions.commands`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.ports import Attempt
    from careline.storage.claims import Claimed


@dataclass(frozen=True, slots=True)
class KeepRotaWatch:
    """Look for what is missing now and in the days ahead, and promise the next look."""

    claim: Claimed
    at: datetime


@dataclass(frozen=True, slots=True)
class PrepareRotaLetter:
    """Result: the `ports.Letter` to a manager, or None when nothing is missing any more (the promise is then finished)."""

    claim: Claimed
    at: datetime


@dataclass(frozen=True, slots=True)
class FinishRotaLetter:
    claim: Claimed
    attempt: Attempt
    at: datetime


@dataclass(frozen=True, slots=True)
class StaffLine:
    """Whether a dialled number is a practice's line for its staff. Result: a `StaffLineOpened`, or None."""

    called: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StaffLineOpened:
    """Whom the caller has rung. `zone` is the practice's."""

    practice: UUID
    name: str
    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class CheckEnquiryPin:
    """Whether `pin` opens the question to this caller. Result: a `PinAnswer`. Never repeated by itself: each is a try."""

    practice: UUID
    caller: str
    pin: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PinAnswer:
    """`actor` is whom the journal names (a person's id; empty for the office's PIN). `locked`: too many wrong ones."""

    right: bool
    locked: bool = False
    actor: str = ""


@dataclass(frozen=True, slots=True)
class AskOnCall:
    """Who is on call at `about`, for the telephone. Result: a tuple of `core.oncall.enquiry.Told`, first called first."""

    practice: UUID
    actor: str
    about: datetime
    at: datetime
