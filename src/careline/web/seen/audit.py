"""Who saw or changed what, and who may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """`seq` is the entry's number in the sealed chain; None for the second before the sealer reaches it."""

    seq: int | None
    at: datetime
    who: str
    action: str
    object: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of checking the journal's chain. `first_bad` is the first entry that does not fit, when there is one."""

    good: bool
    checked: int
    first_bad: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Audit:
    entries: tuple[Entry, ...]
    older: str | None
    unsealed: int


@dataclass(frozen=True, slots=True)
class PersonRow:
    """`locked` says that wrong PINs or codes have closed their telephone."""

    id: UUID
    locked: bool
    name: str
    email: str
    role: str
    second_factor: bool
    active: bool
    last_sign_in: datetime | None
