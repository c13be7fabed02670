"""Rules that can never matter, or that could lower: what a reader of one rule at a time does not see."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from careline.core.triage.concepts import Kind
from careline.core.triage.conditions import Op
from careline.core.triage.library import key_condition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from careline.core.errors import DataFileError
    from careline.core.triage.conditions import Condition
    from careline.core.triage.library import Library
    from careline.core.triage.protocol import Protocol, Rule


def lint_rules(protocol: Protocol, library: Library) -> Iterable[DataFileError]:
    """Complaints about the rules, questions and settings of one protocol."""
    if not protocol.universal and not protocol.triggers:
        yield protocol.document.error("triggers", "nothing starts this protocol", 'write triggers = ["…"]')
    for index, rule in enumerate(protocol.rules):
        where = f"rules[{index}]"
        for problem, mend in _rule(protocol, library, rule):
            yield protocol.document.error(where, f"rule {rule.id!r} {problem}", mend)
    yield from _questions(protocol)
    yield from _settings(protocol)


def _rule(protocol: Protocol, library: Library, rule: Rule) -> Iterable[tuple[str, str]]:
    if not rule.because:
        yield "names no source", 'write because = ["…"]'
    if sum(other.id == rule.id for other in protocol.rules) > 1 or rule.id in protocol.settings:
        yield "shares its id", "give every rule and setting an id of its own"
    if key_condition(rule) is None or (not rule.every and any(c.unknown_holds for c in rule.conditions)):
        yield "would fire on nothing at all", 'not every condition may end "or not known"'
    if protocol.otherwise.at_least(rule.then):
        yield f"can never raise above otherwise ({protocol.otherwise})", "drop it, or lower otherwise"
    if rule.unknown is not None and rule.unknown.rank < rule.then.rank:
        yield f"is more urgent unknown ({rule.unknown}) than known ({rule.then})", "lower unknown"
    for condition in rule.conditions:
        if condition.op is Op.NO and not condition.reassuring:
            yield f"acts on a no ({condition.text})", "only a reassuring concept's no may raise"
        if condition.op is Op.YES and condition.reassuring:
            yield f"acts on something reassuring ({condition.text})", "write it as “is no”"
    contrary = _contrary(protocol, rule)
    if contrary:
        yield f"is unreachable: {contrary}", "mend its conditions"
    shadow = _shadowed(protocol, rule)
    if shadow:
        yield f"is unreachable behind {shadow!r}", "drop it"
    yield from _unknown(protocol, library, rule)


def _unknown(protocol: Protocol, library: Library, rule: Rule) -> Iterable[tuple[str, str]]:
    asked = asked_conditions(protocol, library, rule)
    if not asked and rule.unknown is not None:
        yield "says what not knowing means, yet nothing in it is asked", 'write unknown = "otherwise"'
    dangers = asked and all(condition.danger and condition.op is Op.YES for condition in asked)
    if dangers and rule.unknown is not rule.then:
        yield "asks for dangers only, so not knowing counts as yes", f'write unknown = "{rule.then}"'


def asked_conditions(protocol: Protocol, library: Library, rule: Rule) -> list[Condition]:
    """The conditions whose answer may stay unknown because somebody asks for it."""
    asked = {spec.concept for asker in (protocol, *library.universal) for spec in asker.questions.values()}
    return [c for c in rule.conditions if not c.unknown_holds and any(name in asked for name in c.concepts)]


def _contrary(protocol: Protocol, rule: Rule) -> str:
    """Why the rule can never hold; empty when it can."""
    together = [*protocol.applies, *protocol.only, *rule.conditions] if rule.every else []
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    ops: dict[str, set[Op]] = {}
    for condition in together:
        name = condition.concept
        ops.setdefault(name, set()).add(condition.op)
        if condition.op is Op.AT_LEAST:
            low[name] = max(low.get(name, -math.inf), condition.number)
        elif condition.op is Op.BELOW:
            high[name] = min(high.get(name, math.inf), condition.number)
        elif condition.op is Op.ONE_OF and not condition.choices:
            return f"{condition.text} leaves nothing"
    for name, least in low.items():
        if least >= high.get(name, math.inf):
            return f"{name} cannot be at least {least:g} and below {high[name]:g}"
    return next((f"{name} cannot be both yes and no" for name, found in ops.items() if {Op.YES, Op.NO} <= found), "")


def _shadowed(protocol: Protocol, rule: Rule) -> str | None:
    mine = {condition.text for condition in rule.conditions}
    for other in protocol.rules:
        theirs = {condition.text for condition in other.conditions}
        if other is rule or not other.then.at_least(rule.then) or (theirs == mine and other.then is rule.then):
            continue
        if rule.every and (theirs <= mine if other.every else bool(theirs & mine)):
            return other.id
    return None


def _questions(protocol: Protocol) -> Iterable[DataFileError]:
    used = {name for rule in protocol.rules for condition in rule.conditions for name in condition.concepts}
    for spec in protocol.questions.values():
        gates = (c.concept for other in protocol.questions.values() for c in (*other.when, *other.applies))
        if spec.concept not in used and spec.concept not in gates and (spec.danger or not protocol.universal):
            where = f"questions.{spec.key}"
            yield protocol.document.error(
                where, f"the answer to {spec.key!r} decides nothing", "use it in a rule, or drop it"
            )


def _settings(protocol: Protocol) -> Iterable[DataFileError]:
    for name, setting in protocol.settings.items():
        where = f"settings.{name}"
        uses = [c for rule in protocol.rules for c in rule.conditions if c.setting == setting.key]
        if not uses:
            yield protocol.document.error(where, f"setting {name!r} is used by no rule", "use it, or drop it")
        wider = Op.AT_LEAST if setting.limit < setting.default else Op.BELOW
        if setting.limit == setting.default or any(condition.op is not wider for condition in uses):
            yield protocol.document.error(
                where,
                f"limit of {name!r} does not lead to more urgency",
                "“at least” is tuned down, “below” is tuned up",
            )
        if setting.concept.kind is Kind.NUMBER and not setting.concept.low <= setting.limit <= setting.concept.high:
            yield protocol.document.error(where, f"limit of {name!r} is impossible", "see min and max in concepts.toml")
