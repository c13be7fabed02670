"""A contact's proof on paper and as data: from hello to outcome, and how it hangs on the journal's chain."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    from careline.web.seen.contact import Proof

SCHEMA = "careline.proof/1"


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Journaled:
    """An entry of the journal about this contact. `number` and `seal` are None until it is sealed, within a second."""

    entry: UUID
    number: int | None
    seal: str | None
    at: datetime
    who: str
    action: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the practice's chain as this was made: a chain that later lacks it was cut short."""

    number: int
    seal: str


@dataclass(frozen=True, slots=True)
class ProofPaper:
    practice: str
    zone: str
    made_at: datetime
    made_by: str
    contact: UUID
    reference: str
    channel: str
    caller: str  # masked
    patient: str
    reason: str
    urgency: str
    began: datetime
    ended: datetime | None
    timeline: tuple[Happened, ...]
    pages: tuple[Proof, ...]
    journal: tuple[Journaled, ...]
    head: Head | None

    def as_json(self) -> dict[str, Any]:
        """The document of docs/reference/proof.md. Instants are UTC, to the second."""
        found: dict[str, Any] = _plain(asdict(self))
        for page, seen in zip(found["pages"], self.pages, strict=True):
            page["urgency"] = seen.urgency.label if seen.urgency else ""
            del page["tone"], page["to_accept"]
            for attempt in page["attempts"]:
                del attempt["tone"]
        return {"schema": SCHEMA, **found}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
