"""Whether a protocol's cases pass, and whether they try everything: each rule, each unknown, both sides of each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.errors import DataFileError
from careline.core.triage.cases import Case, cases_of, run
from careline.core.triage.conditions import Op
from careline.core.triage.lint_rules import asked_conditions
from careline.core.triage.situation import OTHERWISE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from careline.core.triage.conditions import Condition
    from careline.core.triage.library import Library
    from careline.core.triage.protocol import Protocol

_EPSILON = 1e-9


def lint_cases(protocol: Protocol, library: Library) -> list[DataFileError]:
    """Complaints about one protocol's cases."""
    try:
        cases = cases_of(protocol, library.concepts)
    except DataFileError as error:
        return [error]
    return [*_failing(protocol, library, cases), *_untried(protocol, library, cases), *_bounds(protocol, cases)]


def _failing(protocol: Protocol, library: Library, cases: tuple[Case, ...]) -> Iterable[DataFileError]:
    names: set[str] = set()
    for case in cases:
        if case.name in names:
            yield case.document.error(f"{case.where}.name", f"two cases are called {case.name!r}", "name them apart")
        names.add(case.name)
        problem = run(library, case, protocol).problem
        if problem:
            yield case.document.error(case.where, problem, "mend the case or the protocol, whichever is wrong")


def _untried(protocol: Protocol, library: Library, cases: tuple[Case, ...]) -> Iterable[DataFileError]:
    fires, unknowns = {case.fires for case in cases}, {case.unknown for case in cases}
    for index, rule in enumerate(protocol.rules):
        where = f"rules[{index}]"
        if rule.id not in fires:
            yield protocol.document.error(where, f"no case fires {rule.id!r}", f'add a case with fires = "{rule.id}"')
        doubtful = [c for c in asked_conditions(protocol, library, rule) if not (c.danger and c.op is Op.YES)]
        silent = all(c.op is Op.NO and c.reassuring for c in doubtful)  # a doubt about what reassures counts as no
        if rule.unknown is not None and not silent and rule.id not in unknowns:
            yield protocol.document.error(
                where, f"no case tries the unknown of {rule.id!r}", f'add unknown = "{rule.id}"'
            )
    if OTHERWISE not in fires:
        yield protocol.document.error(OTHERWISE, "no case ends in otherwise", f'add a case with fires = "{OTHERWISE}"')


def _bounds(protocol: Protocol, cases: tuple[Case, ...]) -> Iterable[DataFileError]:
    seen: set[tuple[str, float]] = set()
    places = [("applies", protocol.applies), ("only", protocol.only)]
    places += [(f"rules[{index}]", rule.conditions) for index, rule in enumerate(protocol.rules)]
    for where, sentences in places:
        for condition in sentences:
            if condition.op in (Op.AT_LEAST, Op.BELOW) and (condition.concept, condition.number) not in seen:
                seen.add((condition.concept, condition.number))
                for missing in _missing_sides(condition, cases):
                    yield protocol.document.error(where, f"no case {missing} of {condition.text!r}", "add one")


def _missing_sides(condition: Condition, cases: tuple[Case, ...]) -> Iterable[str]:
    values = [value for case in cases if (value := case.facts.number(condition.concept)) is not None]
    if not any(abs(value - condition.number) < _EPSILON for value in values):
        yield "exactly at the number"
    if not any(condition.number - condition.step - _EPSILON <= value < condition.number - _EPSILON for value in values):
        yield "just below the number"
