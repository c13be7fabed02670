"""The lists beside the calendar: rotations, swaps, holidays, addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class RuleRow:
    id: UUID
    name: str
    who: str
    when: str
    scope: str
    layer: int
    from_file: bool


@dataclass(frozen=True, slots=True)
class SwapRow:
    """`back` is what is given in return; empty for nothing. What the viewer may do stands beside it."""

    id: UUID
    gives: str
    takes: str
    what: str
    back: str
    state: str
    open: bool
    may_agree: bool
    may_approve: bool
    may_decline: bool


@dataclass(frozen=True, slots=True)
class HolidayRow:
    id: UUID
    name: str
    when: str
    moves: str
    next: date | None
    from_file: bool


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: UUID
    kind: str
    whose: str
    label: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShiftRow:
    when: str
    who: str
