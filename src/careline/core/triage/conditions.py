"""Conditions: closed, typed sentences such as "breathless is yes" or "age below 3 months".

Each is true, false, or not known, and "not known" has two shades: never asked, and asked without getting to know it. A
doubt about a danger counts as the danger. A *compound* is a question that asks for several things in one breath ("face
drooping, an arm weak, speech slurred?"): a yes to any part is a yes to it, and a no to it is a no to every part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from careline.core.clinical import Reply
from careline.core.triage.concepts import STEPS, YEARS, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.clinical import Fact
    from careline.core.triage.concepts import Concept


class Truth(IntEnum):
    FALSE = 0
    UNKNOWN = 1  # nobody has said
    DOUBT = 2  # asked, and not known
    TRUE = 3


class Op(StrEnum):
    YES = "is yes"
    NO = "is no"
    AT_LEAST = "at least"
    BELOW = "below"
    ONE_OF = "one of"


@dataclass(frozen=True, slots=True)
class Setting:
    """A number a practice may tune between `default` and `limit`, which is the more urgent end."""

    key: str
    concept: Concept
    default: float
    limit: float
    unit: str

    def within(self, value: float) -> float:
        """The value, held between the default and the limit: a practice can only move towards more urgency."""
        low, high = min(self.default, self.limit), max(self.default, self.limit)
        return min(max(value, low), high)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing a compound question asks for."""

    concept: str
    danger: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One sentence. `number` is in the concept's own unit, `step` too; `parts` are those of a compound, else empty."""

    text: str
    concept: str
    op: Op
    number: float = 0.0
    step: float = 0.0
    setting: str = ""
    choices: tuple[str, ...] = ()
    unknown_holds: bool = False
    danger: bool = False
    reassuring: bool = False
    parts: tuple[Part, ...] = ()

    @property
    def concepts(self) -> tuple[str, ...]:
        """Everything whose value may decide this sentence."""
        return (self.concept, *(part.concept for part in self.parts))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a sentence of one protocol may speak of: the vocabulary, its own compound questions, and its settings."""

    protocol: str
    concepts: Mapping[str, Concept]
    compounds: Mapping[str, tuple[bool, tuple[Part, ...]]]  # short name -> danger, parts
    settings: Mapping[str, Setting]
    dangers: frozenset[str] = frozenset()  # concepts whose doubt counts as yes in this protocol


class BadSentence(ValueError):
    """A sentence that means nothing; carries the mend. The reader of the file adds its line."""

    def __init__(self, problem: str, mend: str) -> None:
        self.problem, self.mend = problem, mend
        super().__init__(problem)


_SENTENCE = re.compile(r"^(\S+) (is not|is|at least|below|one of) (.+?)( or not known)?$")
_GRAMMAR = (
    '"x is yes", "x is no", "x at least 38 celsius", "x below 3 months", "x one of a, b", each may end "or not known"'
)


def parse(text: str, terms: Terms) -> Condition:
    """Raises `BadSentence`."""
    found = _SENTENCE.match(text.strip())
    if found is None:
        raise BadSentence(f"cannot read the condition {text!r}", f"write {_GRAMMAR}")
    name, op, rest, open_ended = found[1], found[2], found[3], found[4] is not None
    if name in terms.compounds:
        danger, parts = terms.compounds[name]
        if op != "is" or rest not in ("yes", "no"):
            raise BadSentence(f"{name!r} is a compound question: {text!r}", f'write "{name} is yes"')
        return Condition(text, f"{terms.protocol}.{name}", Op(f"is {rest}"), danger=danger, parts=parts)
    concept = terms.concepts.get(name)
    if concept is None:
        raise BadSentence(
            f"unknown question {name!r}", "name a concept of concepts.toml or a question of this protocol"
        )
    if concept.kind is Kind.FLAG:
        return _flag(text, concept, op, rest, terms, open_ended=open_ended)
    if concept.kind is Kind.CHOICE:
        return _choice(text, concept, op, rest, open_ended=open_ended)
    return _number(text, concept, op, rest, terms, open_ended=open_ended)


def _flag(text: str, concept: Concept, op: str, rest: str, terms: Terms, *, open_ended: bool) -> Condition:
    if op != "is" or rest not in ("yes", "no"):
        raise BadSentence(f"{concept.name!r} is a yes/no question: {text!r}", f'write "{concept.name} is yes"')
    return Condition(
        text,
        concept.name,
        Op(f"is {rest}"),
        unknown_holds=open_ended,
        danger=concept.danger or concept.name in terms.dangers,
        reassuring=concept.reassuring,
    )


def _choice(text: str, concept: Concept, op: str, rest: str, *, open_ended: bool) -> Condition:
    named = tuple(word.strip() for word in rest.split(","))
    strange = [word for word in named if word not in concept.choices]
    if op in ("at least", "below") or strange:
        raise BadSentence(f"{concept.name!r} is one of {', '.join(concept.choices)}: {text!r}", "name one of them")
    kept = tuple(c for c in concept.choices if c not in named) if op == "is not" else named
    return Condition(text, concept.name, Op.ONE_OF, choices=kept, unknown_holds=open_ended)


def _number(text: str, concept: Concept, op: str, rest: str, terms: Terms, *, open_ended: bool) -> Condition:
    words = rest.split()
    if op not in ("at least", "below") or len(words) != 2:
        raise BadSentence(
            f"{concept.name!r} is a number: {text!r}", f'write "{concept.name} at least 1 {concept.unit}"'
        )
    setting = terms.settings.get(words[0])
    number = setting.default if setting is not None else _float(words[0], text)
    unit = words[1]
    kept = concept.in_unit(number, unit)
    if kept is None or (setting is not None and (setting.unit != unit or setting.concept.name != concept.name)):
        raise BadSentence(f"wrong unit {unit!r} for {concept.name!r} in {text!r}", f"its unit is {concept.unit}")
    if not concept.low <= kept <= concept.high:
        raise BadSentence(
            f"{kept:g} {concept.unit} is impossible for {concept.name!r}", "see min and max in concepts.toml"
        )
    return Condition(
        text,
        concept.name,
        Op(op),
        number=kept,
        step=STEPS[unit] * (YEARS[unit] if concept.unit == "years" else 1.0),
        setting=setting.key if setting is not None else "",
        unknown_holds=open_ended,
    )


def _float(word: str, text: str) -> float:
    try:
        return float(word)
    except ValueError as error:
        raise BadSentence(
            f"{word!r} is neither a number nor a setting in {text!r}", "declare it below [settings]"
        ) from error


def truth(condition: Condition, known: Mapping[str, Fact], limits: Mapping[str, float]) -> Truth:
    """Whether the sentence holds. `limits` are a practice's tuned settings, already held within their bounds."""
    if condition.parts:
        return _compound(condition, known)
    fact = known.get(condition.concept)
    if fact is None:
        return Truth.TRUE if condition.unknown_holds else Truth.UNKNOWN
    value = fact.value
    if isinstance(value, Reply):
        return _reply(condition, value)
    if isinstance(value, str):
        return Truth.TRUE if value in condition.choices else Truth.FALSE
    bound = limits.get(condition.setting, condition.number) if condition.setting else condition.number
    return Truth.TRUE if (value >= bound) == (condition.op is Op.AT_LEAST) else Truth.FALSE


def _reply(condition: Condition, value: Reply) -> Truth:
    if value is Reply.UNSURE:
        if condition.unknown_holds or (condition.op is Op.YES and condition.danger):
            return Truth.TRUE
        return Truth.TRUE if condition.op is Op.NO and condition.reassuring else Truth.DOUBT
    wanted = Reply.YES if condition.op is Op.YES else Reply.NO
    return Truth.TRUE if value is wanted else Truth.FALSE


def _compound(condition: Condition, known: Mapping[str, Fact]) -> Truth:
    own = known.get(condition.concept)
    worst = _as_yes(own.value, danger=condition.danger) if own is not None else Truth.UNKNOWN
    denied = 0
    for part in condition.parts:
        fact = known.get(part.concept)
        if fact is not None:
            held = _as_yes(fact.value, danger=part.danger or condition.danger)
            denied += held is Truth.FALSE
            worst = max(worst, held)
    if worst is Truth.UNKNOWN and denied == len(condition.parts):
        worst = Truth.FALSE
    if condition.op is Op.YES:
        return worst
    return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}.get(worst, worst)


def _as_yes(value: Reply | float | str, *, danger: bool) -> Truth:
    if value is Reply.YES:
        return Truth.TRUE
    if value is Reply.UNSURE:
        return Truth.TRUE if danger else Truth.DOUBT
    return Truth.FALSE
