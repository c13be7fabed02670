"""The shipped protocols, read once, and small builders that say what a test means."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from careline.core.clinical import Fact, Facts, Finding, Presence, Quantity, Quote, Reply, Subject
from careline.core.triage import Library

PROTOCOLS = Path(__file__).parents[3] / "protocols"


@cache
def files() -> dict[str, str]:
    return {str(p.relative_to(PROTOCOLS)): p.read_text("utf-8") for p in sorted(PROTOCOLS.rglob("*")) if p.is_file()}


@cache
def library() -> Library:
    return Library.parse(files())


def facts(*yes: str, no: tuple[str, ...] = (), unsure: tuple[str, ...] = (), **values: float | str) -> Facts:
    """Confirmed facts: flags that are so, flags that are not, flags in doubt, and numbers or choices by name."""
    known = {name: Fact(Reply.YES, confirmed=True) for name in yes}
    known |= {name: Fact(Reply.NO, confirmed=True) for name in no}
    known |= {name: Fact(Reply.UNSURE, confirmed=True) for name in unsure}
    known |= {n: Fact(v if isinstance(v, str) else float(v), confirmed=True) for n, v in values.items()}
    return Facts(known)


def finding(
    concept: str,
    presence: Presence = Presence.PRESENT,
    *,
    turn: int = 1,
    value: float | None = None,
    unit: str = "",
    subject: Subject = Subject.CALLER,
    severity: int | None = None,
    hours: float | None = None,
) -> Finding:
    return Finding(
        concept,
        presence,
        Quote(turn, 0, len(concept), concept),
        subject=subject,
        severity=severity,
        duration_hours=hours,
        quantity=None if value is None else Quantity(value, unit),
    )
