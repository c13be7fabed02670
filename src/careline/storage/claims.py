"""The values in which promises are spoken of: to make, as claimed, and as finished. No Django: the voice process keeps some."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from careline.core.errors import CarelineError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Claimed:
    """A promise in one worker's hands while its lease lasts (renewed while it works). `payload` holds ids and fixed words.
    `attempt` counts from 1; `repeat` says that an earlier attempt never reported what became of it."""

    practice: UUID
    promise: UUID
    kind: str
    key: str
    payload: Mapping[str, Any]
    due_at: datetime
    fence: int
    attempt: int
    repeat: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """Done, and confirmed by the provider or the person. `reference` is the provider's own."""

    outcome: str = "kept"
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """Not yet: try again at `at`. `why` is short and holds no patient data."""

    at: datetime
    why: str = ""
    outcome: str = "again"
    reference: str = ""


@dataclass(frozen=True, slots=True)
class GiveUpLoudly:
    """It cannot be kept. An alarm stands at the desk until a person has cleared it."""

    why: str
    outcome: str = "given_up"
    reference: str = ""


Result = Kept | Again | GiveUpLoudly


class Standing(StrEnum):
    """How a promise stood when its worker came to finish it."""

    OURS = "ours"
    CANCELLED = "cancelled"  # no longer wanted; what the attempt did is on record
    OVERTAKEN = "overtaken"  # the lease ended and another worker has it: change nothing


class Overtaken(CarelineError):
    """Another worker holds this promise now: whoever finds this stops and changes nothing."""


@dataclass(frozen=True, slots=True)
class New:
    """A promise to make. Ids in `payload` are given as text."""

    kind: str
    key: str
    due_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict[str, Any])
