"""What one fact tells of another, as data (`protocols/derived.toml`).

Four shapes: `[implies]` (the specific is also the general: a thunderclap is a headache), `[severe]` (how bad makes it another
concept), `[lasting]` (how long does), and `[[derive]]` (numbers and combinations: 38 °C is a fever; a man is not pregnant).
Derived facts only fill in or raise; they never replace what was said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from careline.core import toml
from careline.core.clinical import Reply
from careline.core.triage import conditions
from careline.core.triage.concepts import Kind
from careline.core.triage.conditions import BadSentence, Condition, Terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.toml import Document
    from careline.core.triage.concepts import Concept, Concepts


@dataclass(frozen=True, slots=True)
class Derivation:
    """When all (or any) conditions hold, `concept` is `value`; in doubt, it is unsure."""

    concept: str
    value: Reply
    every: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A finding graded at least this much is also `gives`: severity 0 to 10, or hours."""

    least: float
    gives: str


@dataclass(frozen=True, slots=True)
class Derivations:
    """`by_concept` finds the derivations that a fact may set off."""

    implies: Mapping[str, tuple[str, ...]]
    severe: Mapping[str, Threshold]
    lasting: Mapping[str, Threshold]
    by_concept: Mapping[str, tuple[Derivation, ...]]

    @classmethod
    def parse(cls, text: str, name: str, concepts: Concepts) -> Derivations:
        """Raises `DataFileError` at the line that is wrong."""
        document = toml.parse(text, name)
        document.check_keys("", document.values, ("implies", "severe", "lasting", "derive"))
        implies = {
            _flag(document, f"implies.{key}", key, concepts): tuple(
                _flag(document, f"implies.{key}", str(general), concepts) for general in cast("list[Any]", generals)
            )
            for key, generals in cast("dict[str, Any]", document.values.get("implies", {})).items()
        }
        by_concept: dict[str, tuple[Derivation, ...]] = {}
        for index, table in enumerate(cast("list[dict[str, Any]]", document.values.get("derive", []))):
            derivation = _derivation(document, f"derive[{index}]", table, concepts)
            for condition in derivation.conditions:
                by_concept[condition.concept] = (*by_concept.get(condition.concept, ()), derivation)
        return cls(
            implies, _thresholds(document, "severe", concepts), _thresholds(document, "lasting", concepts), by_concept
        )


def _thresholds(document: Document, kind: str, concepts: Concepts) -> dict[str, Threshold]:
    found: dict[str, Threshold] = {}
    for key, table in cast("dict[str, Any]", document.values.get(kind, {})).items():
        where = f"{kind}.{key}"
        least = table.get("at_least")
        if not isinstance(least, (int, float)):
            raise document.error(where, "at_least is missing", 'write { at_least = 8, gives = "…" }')
        gives = _flag(document, where, str(table.get("gives", "")), concepts)
        found[_flag(document, where, key, concepts)] = Threshold(float(least), gives)
    return found


def _derivation(document: Document, where: str, table: dict[str, Any], concepts: Concepts) -> Derivation:
    document.check_keys(where, table, ("gives", "all", "any"))
    name, _, reply = str(table.get("gives", "")).partition(" is ")
    concept = _flag(document, f"{where}.gives", name, concepts)
    if reply not in ("yes", "no") or ("all" in table) == ("any" in table):
        raise document.error(where, "cannot read this", 'write gives = "fever is yes" and either all or any')
    terms = Terms("", concepts.by_name, {}, {})
    try:
        sentences = tuple(conditions.parse(str(text), terms) for text in table.get("all", table.get("any", [])))
    except BadSentence as error:
        raise document.error(where, error.problem, error.mend) from error
    return Derivation(concept, Reply(reply), "all" in table, sentences)


def _flag(document: Document, where: str, name: str, concepts: Concepts) -> str:
    concept: Concept | None = concepts.get(name)
    if concept is None or concept.kind is not Kind.FLAG:
        raise document.error(where, f"{name!r} is not a yes/no concept", "name a flag of concepts.toml")
    return name
