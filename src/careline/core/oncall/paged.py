"""What became of an acceptance: who has the page now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Paged:
    """`person` has accepted: `mine` is False when somebody else (`holder`, by name) was first."""

    practice: UUID
    page: UUID
    person: UUID
    mine: bool
    holder: str
