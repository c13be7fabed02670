"""Signs that are put together from several things said, perhaps in different turns, in any language.

`derive.toml` holds `[background]` (what is so of a patient without being why they call), `[implies]` (one concept contains
another) and `[derive]` (lines of conditions, all of which must hold): concepts, helper cues beginning with `_`, `!concept`,
`age<5`, `sex=female`, `specialty=obgyn`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core import toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COMPARE = re.compile(r"age(<|>=)([\d.]+)$")
_EQUAL = re.compile(r"(sex|specialty)=(.+)$")


@dataclass(frozen=True, slots=True)
class Known:
    """What conditions are tested on: concepts that hold, and background."""

    holds: frozenset[str]
    age: float | None = None
    sex: str | None = None
    specialty: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    concept: str
    parts: tuple[str, ...]

    def fires(self, known: Known) -> bool:
        return all(_holds(part, known) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Derivations:
    """All rules, and what each concept contains."""

    rules: tuple[Rule, ...] = ()
    implies: Mapping[str, tuple[str, ...]] | None = None
    background: frozenset[str] = frozenset()  # what makes no call a symptomatic one

    @classmethod
    def parse(cls, name: str, text: str) -> Derivations:
        """Read `derive.toml`; a condition that cannot be read is a `DataFileError`."""
        document = toml.parse(text, name)
        document.check_keys("", document.values, ("background", "implies", "derive"))
        rules: list[Rule] = []
        for concept, lines in document.values.get("derive", {}).items():
            for line in lines.split("\n"):
                parts = tuple(part.strip() for part in line.partition("#")[0].split("+") if part.strip())
                for part in parts:
                    if not re.fullmatch(r"!?\w+", part) and not _COMPARE.match(part) and not _EQUAL.match(part):
                        raise document.error(f"derive.{concept}", f"cannot read the condition {part!r}")
                if parts:
                    rules.append(Rule(concept, parts))
        implies = {concept: tuple(str(value).split()) for concept, value in document.values.get("implies", {}).items()}
        background = frozenset(document.values.get("background", {}).get("concepts", "").split())
        return cls(tuple(rules), implies, background)

    def contained(self, concept: str) -> Iterator[str]:
        """What a concept contains, at any depth."""
        for inner in (self.implies or {}).get(concept, ()):
            yield inner
            yield from self.contained(inner)


def _holds(part: str, known: Known) -> bool:
    if part.startswith("!"):
        return part[1:] not in known.holds
    if found := _COMPARE.match(part):
        if known.age is None:
            return False
        limit = float(found.group(2))
        return known.age < limit if found.group(1) == "<" else known.age >= limit
    if found := _EQUAL.match(part):
        value = known.sex if found.group(1) == "sex" else known.specialty
        return value is not None and value in found.group(2).split("|")
    return part in known.holds
