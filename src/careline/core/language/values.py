"""What goes into comprehension and what comes out. Findings and quotes are the house's own (`core.clinical`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.clinical import Finding, Quote


@dataclass(frozen=True, slots=True)
class Context:
    """What is already known when a turn is heard.

    `seen` is the `Understanding.seen` of the turn before: concepts and helper cues that hold so far, which let a sign be
    put together from two turns ("had his tonsils out" … "spat out blood"). `age` is in years; `relation` is who the
    patient is to the caller ("self", "son", "husband"), None while unknown.
    """

    turn: int = 1
    language: str = "en"
    caller_is_patient: bool | None = None
    specialty: str | None = None
    age: float | None = None
    sex: str | None = None
    relation: str | None = None
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing the caller wants done. Slots hold the caller's own words ("medicine": "lisinopril", "when": "Thursday")."""

    kind: str
    quote: Quote
    slots: Mapping[str, str] = field(default_factory=dict[str, str])
    critical: bool = False  # a lab, hospital or pharmacy reports a result that cannot wait


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine that was named. `name` is its generic name; `classes` are the risk classes it belongs to."""

    name: str
    classes: frozenset[str]
    quote: Quote


@dataclass(frozen=True, slots=True)
class Command:
    """Something said to the dialogue itself: repeat, slower, person, goodbye, correction, or language (with its code)."""

    kind: str
    quote: Quote
    value: str = ""


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that was understood in one turn. `distress` is 0 to 1; `language` is a guess, None when nothing tells."""

    findings: tuple[Finding, ...] = ()
    intents: tuple[Intent, ...] = ()
    medicines: tuple[Medicine, ...] = ()
    commands: tuple[Command, ...] = ()
    sex: str | None = None
    relation: str | None = None
    caller_is_patient: bool | None = None
    language: str | None = None
    distress: float = 0.0
    seen: frozenset[str] = frozenset()
