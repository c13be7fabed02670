"""What the voice process asks of the database about people on the line; plain values, like those of `commands`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class FindDesk:
    """Who at the desk can be rung now. Result: a tuple of `AtDesk`, those who speak the caller's language first."""

    practice: UUID
    contact: UUID
    at: datetime
    language: str


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Somebody who takes calls: who, and on which telephone."""

    person: UUID
    name: str
    number: str
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskRang:
    """These telephones rang for a call; `answered` is whose owner took it, if anybody's."""

    practice: UUID
    contact: UUID
    at: datetime
    rung: tuple[UUID, ...]
    answered: UUID | None


@dataclass(frozen=True, slots=True)
class SetCallState:
    """How a live call stands from now on. Result: its new version, or None when it is over."""

    practice: UUID
    contact: UUID
    at: datetime
    state: str
    person: UUID | None = None
