"""The vocabulary that protocols, lexicons and cases share: `protocols/concepts.toml`, and what follows from it.

A concept is a flag (yes, no, unsure), a number with a unit, or a choice. What one concept tells of another ("39 °C is a
fever") stands in `protocols/derived.toml`; `facts.py` applies it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from careline.core import toml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.toml import Document

#: Smallest step a caller would speak of, by unit: a bound is tested at and one step below it.
STEPS: Mapping[str, float] = {
    "years": 1, "months": 1, "weeks": 1, "days": 1, "hours": 1, "celsius": 0.1, "mmhg": 1, "mg_dl": 1, "pads": 1,
    "lb": 1, "count": 1, "percent": 1, "ratio": 0.1, "bpm": 1,
}  # fmt: skip

#: Ages are kept in years; people speak of babies in smaller units.
YEARS: Mapping[str, float] = {"years": 1.0, "months": 1 / 12, "weeks": 7 / 365.25, "days": 1 / 365.25}

_KEYS = (
    "kind", "unit", "min", "max", "choices", "danger", "background", "reassuring", "worst", "normal", "answer_wins", "means",
)  # fmt: skip


class Kind(StrEnum):
    FLAG = "flag"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Concept:
    """One entry of the vocabulary. `low` and `high` bound what is possible in `unit`; `distance` grades its numbers."""

    name: str
    kind: Kind
    means: str
    danger: bool = False
    background: bool = False
    reassuring: bool = False
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    worst: str = ""
    normal: float | None = None
    answer_wins: bool = False

    @property
    def symptom(self) -> bool:
        """Whether a "yes" makes a contact symptomatic."""
        return self.kind is Kind.FLAG and not self.background

    def distance(self, value: float) -> float:
        """How dangerous a number is beside another of the same concept: the larger is kept."""
        if self.normal is not None:
            return abs(math.log(max(value, 0.001) / self.normal))
        return -value if self.worst == "low" else value

    def in_unit(self, number: float, unit: str) -> float | None:
        """The number in this concept's own unit; None when `unit` does not fit it."""
        if unit == self.unit:
            return number
        if self.unit == "years" and unit in YEARS:
            return number * YEARS[unit]
        return None


@dataclass(frozen=True, slots=True)
class Concepts:
    """Every concept by name."""

    by_name: Mapping[str, Concept]

    @classmethod
    def parse(cls, text: str, name: str) -> Concepts:
        """Raises `DataFileError` at the line that is wrong."""
        document = toml.parse(text, name)
        return cls({key: _concept(document, key) for key in document.values})

    def get(self, name: str) -> Concept | None:
        return self.by_name.get(name)


def _concept(document: Document, name: str) -> Concept:
    table = document.values[name]
    if not isinstance(table, dict):
        raise document.error(name, f"{name!r} is not a table", f"write [{name}] and its keys below it")
    values = cast("dict[str, Any]", table)
    document.check_keys(name, values, _KEYS)
    kind = values.get("kind")
    if kind not in tuple(Kind):
        raise document.error(f"{name}.kind", f"kind {kind!r} is not known", 'kind is "flag", "number" or "choice"')
    concept = Concept(
        name,
        Kind(kind),
        str(values.get("means", "")),
        danger=values.get("danger") is True,
        background=values.get("background") is True,
        reassuring=values.get("reassuring") is True,
        unit=str(values.get("unit", "")),
        low=float(values.get("min", -math.inf)),
        high=float(values.get("max", math.inf)),
        choices=tuple(str(choice) for choice in values.get("choices", ())),
        worst=str(values.get("worst", "")),
        normal=float(values["normal"]) if "normal" in values else None,
        answer_wins=values.get("answer_wins") is True,
    )
    _check(document, concept)
    return concept


def _check(document: Document, concept: Concept) -> None:
    name = concept.name
    if not concept.means:
        raise document.error(name, f"{name!r} does not say what it means", 'add means = "…"')
    if concept.danger and concept.reassuring:
        raise document.error(name, f"{name!r} is both danger and reassuring", "a yes either warns or reassures")
    if concept.kind is Kind.NUMBER:
        if concept.unit not in STEPS:
            raise document.error(f"{name}.unit", f"unit {concept.unit!r} is not known", f"one of: {', '.join(STEPS)}")
        if not concept.low < concept.high < math.inf:
            raise document.error(f"{name}.min", "a number needs min below max", "give the possible range")
        if concept.normal is None and concept.worst not in ("high", "low"):
            raise document.error(
                name, "which number is the more dangerous?", 'add worst = "high", "low", or normal = …'
            )
    if concept.kind is Kind.CHOICE and not concept.choices:
        raise document.error(name, "a choice needs choices", 'add choices = ["…", "…"]')
