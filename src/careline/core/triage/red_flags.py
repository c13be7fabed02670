"""`red-flags.toml`: every red flag that the requirements name, the rules that catch it and the cases that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from careline.core import toml
from careline.core.clinical import Disposition
from careline.core.errors import DataFileError
from careline.core.triage.cases import Case, cases_of, run
from careline.core.triage.situation import OTHERWISE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from careline.core.toml import Document
    from careline.core.triage.library import Library

_FILE = "red-flags.toml"


@dataclass(frozen=True, slots=True)
class RedFlag:
    """`rules` and `cases` are "protocol/name"; each case must come to `at_least` and fire one of the rules."""

    area: str
    flag: str
    at_least: Disposition
    rules: tuple[str, ...]
    cases: tuple[str, ...]


def red_flags(library: Library) -> tuple[RedFlag, ...]:
    """Raises `DataFileError` at the line that is wrong."""
    document = _document(library)
    return tuple(_red_flag(document, f"red_flags[{i}]", table) for i, table in enumerate(_tables(document)))


def lint_red_flags(library: Library) -> list[DataFileError]:
    """Red flags without a rule, or without a case that proves the rule."""
    try:
        document = _document(library)
        flags = red_flags(library)
        cases = {
            f"{p.id}/{case.name}": (p, case)
            for p in library.protocols.values()
            for case in cases_of(p, library.concepts)
        }
    except DataFileError as error:
        return [error]
    rules = {f"{p.id}/{rule.id}" for p in library.protocols.values() for rule in p.rules}
    rules |= {f"{name}/{OTHERWISE}" for name in library.protocols}
    found: list[DataFileError] = []
    for index, flag in enumerate(flags):
        where = f"red_flags[{index}]"
        strange = [("rules", name) for name in flag.rules if name not in rules]
        strange += [("cases", name) for name in flag.cases if name not in cases]
        found += [
            document.error(f"{where}.{key}", f"{name!r} is not among the {key}", "write protocol/name")
            for key, name in strange
        ]
        known = [cases[name] for name in flag.cases if name in cases]
        found += [document.error(where, problem, "mend rule or case") for problem in _unproven(library, flag, known)]
    return found


def _unproven(library: Library, flag: RedFlag, cases: Iterable[tuple[Any, Case]]) -> Iterable[str]:
    tried: set[str] = set()
    for protocol, case in cases:
        decision = run(library, case, protocol).decision
        tried |= {f"{hit.protocol}/{hit.rule}" for hit in decision.fired}
        if not decision.disposition.at_least(flag.at_least):
            yield f"{case.name!r} comes to {decision.disposition}, not at least {flag.at_least}"
    for rule in flag.rules:
        if rule not in tried:
            yield f"no case of {flag.flag!r} fires {rule!r}"


def _document(library: Library) -> Document:
    text = library.files.get(_FILE)
    if text is None:
        raise DataFileError(_FILE, 1, "the file is missing", "it maps every red flag to its rules and cases")
    return toml.parse(text, _FILE)


def _tables(document: Document) -> list[dict[str, Any]]:
    document.check_keys("", document.values, ("red_flags",))
    return cast("list[dict[str, Any]]", document.values.get("red_flags", []))


def _red_flag(document: Document, where: str, table: Mapping[str, Any]) -> RedFlag:
    document.check_keys(where, table, ("area", "flag", "at_least", "rules", "cases"))
    least = table.get("at_least", Disposition.ED_NOW)
    if least not in tuple(Disposition):
        raise document.error(f"{where}.at_least", f"unknown disposition {least!r}", f"one of: {', '.join(Disposition)}")
    rules, cases = tuple(table.get("rules", ())), tuple(table.get("cases", ()))
    if not rules or not cases:
        raise document.error(where, "a red flag without a rule or without a case", "name both")
    return RedFlag(str(table.get("area", "")), str(table.get("flag", "")), Disposition(least), rules, cases)
