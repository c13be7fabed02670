"""A protocol's own tests as plain data (`cases.toml`), written so that a nurse can read and add one.

[[cases]]
name = "pressure with a cold sweat at 58"
given = "age 58, chest_pressure, sweating_cold, no fever"
then = "call_911"
fires = "typical"          # or unknown = "typical": the rule spoke by what not knowing means
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from careline.core import toml
from careline.core.clinical import Disposition, Fact, Facts, Reply
from careline.core.triage.concepts import Kind
from careline.core.triage.decision import decide
from careline.core.triage.situation import OTHERWISE

if TYPE_CHECKING:
    from careline.core.toml import Document
    from careline.core.triage.concepts import Concepts
    from careline.core.triage.decision import Decision
    from careline.core.triage.library import Library
    from careline.core.triage.protocol import Protocol

_CASE = ("name", "given", "then", "fires", "unknown", "final")
_WORDS = re.compile(r"^(?:(no|unsure) )?([A-Za-z0-9_.-]+)(?: (\S+?))?(?: ([a-z_]+))?$")


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    given: str
    facts: Facts
    then: Disposition
    fires: str
    unknown: str
    final: bool
    document: Document = field(repr=False, compare=False)
    where: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case came to. `problem` is empty when it came to what it says."""

    case: Case
    decision: Decision
    problem: str


def cases_of(protocol: Protocol, concepts: Concepts) -> tuple[Case, ...]:
    """Raises `DataFileError` at the line that is wrong."""
    document = toml.parse(protocol.files.get("cases.toml", ""), f"{protocol.id}/cases.toml")
    document.check_keys("", document.values, ("cases",))
    tables = cast("list[dict[str, Any]]", document.values.get("cases", []))
    return tuple(_case(document, f"cases[{i}]", table, protocol, concepts) for i, table in enumerate(tables))


def run(library: Library, case: Case, protocol: Protocol) -> Outcome:
    """Decide with the whole library, as a contact would be."""
    decision = decide(library, case.facts, final=case.final)
    own = {(hit.rule, hit.unknown) for hit in decision.fired if hit.protocol == protocol.id}
    problem = ""
    if decision.disposition is not case.then:
        by = ", ".join(f"{hit.protocol}/{hit.rule}" for hit in decision.fired[:3]) or "no rule"
        problem = f"{case.name!r} comes to {decision.disposition} (by {by}), not {case.then}"
    elif case.fires and (case.fires, False) not in own:
        problem = f"{case.name!r} does not fire {case.fires!r}"
    elif case.unknown and (case.unknown, True) not in own:
        problem = f"{case.name!r} does not reach the unknown of {case.unknown!r}"
    return Outcome(case, decision, problem)


def _case(document: Document, where: str, table: dict[str, Any], protocol: Protocol, concepts: Concepts) -> Case:
    document.check_keys(where, table, _CASE)
    texts = {key: table.get(key, "") for key in ("name", "given", "then", "fires", "unknown")}
    for key, value in texts.items():
        if not isinstance(value, str) or (not value and key in ("name", "given", "then")):
            raise document.error(f"{where}.{key}", f"{key} is missing", f'write {key} = "…"')
    if texts["then"] not in tuple(Disposition):
        raise document.error(
            f"{where}.then", f"unknown disposition {texts['then']!r}", f"one of: {', '.join(Disposition)}"
        )
    rules = {rule.id for rule in protocol.rules} | {OTHERWISE}
    for key in ("fires", "unknown"):
        if texts[key] and texts[key] not in rules:
            raise document.error(f"{where}.{key}", f"no rule {texts[key]!r} in {protocol.id}", "name one of its rules")
    facts = Facts(
        dict(_fact(document, f"{where}.given", words, protocol, concepts) for words in texts["given"].split(","))
    )
    return Case(
        texts["name"],
        texts["given"],
        facts,
        Disposition(texts["then"]),
        texts["fires"],
        texts["unknown"],
        table.get("final") is True,
        document,
        where,
    )


def _fact(document: Document, where: str, words: str, protocol: Protocol, concepts: Concepts) -> tuple[str, Fact]:
    found = _WORDS.match(words.strip())
    if found is None:
        raise document.error(
            where, f"cannot read {words.strip()!r}", 'write "fever, no rash, unsure wheeze, age 3 months"'
        )
    reply = {"no": Reply.NO, "unsure": Reply.UNSURE}.get(found[1] or "", Reply.YES)
    name, value, unit = found[2], found[3], found[4]
    concept = concepts.get(name)
    if concept is None:
        spec = protocol.questions.get(name)
        if spec is None:
            raise document.error(where, f"unknown question {name!r}", "name a concept, or a question of this protocol")
        return spec.concept, Fact(reply, confirmed=True)
    if concept.kind is Kind.FLAG or (value is None and reply is Reply.UNSURE):
        if value is not None:
            raise document.error(
                where, f"{name!r} is a yes/no concept", f'write "{name}", "no {name}" or "unsure {name}"'
            )
        return name, Fact(reply, confirmed=True)
    if concept.kind is Kind.CHOICE:
        if value not in concept.choices:
            raise document.error(where, f"{name!r} is one of {', '.join(concept.choices)}", "name one of them")
        return name, Fact(value, confirmed=True)
    number = concept.in_unit(float(value), unit or concept.unit) if value is not None and _is_number(value) else None
    if number is None:
        raise document.error(where, f"{words.strip()!r} needs a number in {concept.unit}", f'write "{name} 1"')
    return name, Fact(number, confirmed=True)


def _is_number(word: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", word) is not None
