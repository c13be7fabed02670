"""A written caller, one JSON object a line (format: tests/rehearsals/README.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from careline.core.clinical import Level
from careline.core.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a safe listener does. `acceptable` levels are no error; `by_turn` is the latest turn to raise an emergency."""

    level: Level
    acceptable: frozenset[Level]
    administrative: bool = False
    by_turn: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    language: str
    says: tuple[str, ...]
    profile: Mapping[str, float | str]
    expect: Expectation
    caller: str = ""
    specialty: str = ""
    why: str = ""


def parse_cases(text: str, name: str) -> tuple[Case, ...]:
    """Every line that is not blank. Raises `DataFileError` with file, line and what is missing."""
    return tuple(_case(line, name, number) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def _case(line: str, name: str, number: int) -> Case:
    try:
        raw = cast(dict[str, Any], json.loads(line))
        expect = cast(dict[str, Any], raw["expect"])
        level = Level(expect["level"])
        case = Case(
            id=str(raw["id"]),
            language=str(raw["language"]),
            says=tuple(str(turn) for turn in raw["says"]),
            profile=raw.get("profile", {}),
            expect=Expectation(
                level,
                frozenset(Level(item) for item in expect.get("acceptable", [level])) | {level},
                bool(expect.get("administrative", False)),
                expect.get("by_turn"),
            ),
            caller=str(raw.get("caller", "")),
            specialty=str(raw.get("specialty", "")),
            why=str(raw.get("why", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"not a rehearsal case: {type(error).__name__}: {error}"
        raise DataFileError(name, number, problem, "see tests/rehearsals/README.md for the format") from error
    if not case.says:
        raise DataFileError(name, number, f"case {case.id} says nothing", "give at least one line in `says`")
    return case
