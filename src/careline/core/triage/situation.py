"""One look at a contact: what is known with all that follows from it, and which protocols its symptoms start.

A protocol that a symptom *started* may ask. What a started protocol asks is open until answered; what nobody asks is taken
as not so unless said. `final` tells that no more will be asked: what is still open then counts, a danger as yes, anything
else as not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.clinical import Disposition, Reply, most_urgent
from careline.core.triage.conditions import Op, Truth, truth
from careline.core.triage.facts import derived

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from careline.core.clinical import Fact, Facts
    from careline.core.triage.conditions import Condition
    from careline.core.triage.library import Library
    from careline.core.triage.protocol import Protocol, QuestionSpec, Rule

OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Situation:
    """`unlisted` are symptoms for which no protocol fits this patient; `open_` are the concepts that an interview cut short
    left unasked (empty otherwise)."""

    library: Library
    known: Mapping[str, Fact]
    started: tuple[Protocol, ...]
    limits: Mapping[str, float]
    raised: Mapping[str, Disposition]
    packs: frozenset[str] = frozenset()
    unlisted: tuple[str, ...] = ()
    open_: frozenset[str] = frozenset()
    final: bool = False

    def then(self, protocol: Protocol, rule: Rule) -> Disposition:
        """What the rule comes to in this practice."""
        raised = self.raised.get(f"{protocol.id}.{rule.id}")
        return rule.then if raised is None else most_urgent(rule.then, raised)

    def floor(self, protocol: Protocol) -> Disposition | None:
        """The least a started protocol comes to. What everybody is asked has one only for symptoms no protocol fits."""
        if protocol.universal and not self.unlisted:
            return None
        raised = self.raised.get(f"{protocol.id}.{OTHERWISE}")
        return protocol.otherwise if raised is None else most_urgent(protocol.otherwise, raised)

    def symptomatic(self) -> bool:
        return bool(self.started)


def situation(
    library: Library,
    facts: Facts,
    settings: Mapping[str, float | str] | None = None,
    packs: Collection[str] | None = None,
    *,
    final: bool = False,
) -> Situation:
    """Take in what is known. `settings` are a practice's: "protocol.setting" to a number, "protocol.rule" or
    "protocol.otherwise" to a disposition; none can lower. `packs` choose which protocols a symptom starts; a symptom that
    none of them covers starts what the whole library has for it, so no choice of packs leaves a symptom without one."""
    known = derived(library, facts.known)
    limits: dict[str, float] = {}
    raised: dict[str, Disposition] = {}
    for key, value in (settings or {}).items():
        setting = library.settings.get(key)
        if setting is not None and isinstance(value, (int, float)):
            limits[key] = setting.concept.in_unit(setting.within(float(value)), setting.unit) or 0.0
        elif isinstance(value, str) and value in tuple(Disposition):
            raised[key] = Disposition(value)
    on = frozenset(packs or ())
    open_ = frozenset(_still_open(library, known, on)) if final else frozenset[str]()
    started, unlisted = _started(library, known, on, open_)
    return Situation(library, known, started, limits, raised, on, unlisted, open_, final)


def _started(
    library: Library, known: Mapping[str, Fact], packs: frozenset[str], open_: frozenset[str]
) -> tuple[tuple[Protocol, ...], tuple[str, ...]]:
    """The protocols that symptoms start, and the symptoms that start none."""
    started: dict[str, Protocol] = {}
    unlisted: list[str] = []
    symptomatic = False
    for name, fact in known.items():
        if fact.value not in (Reply.YES, Reply.UNSURE):
            continue
        concept = library.concepts.get(name)
        symptom = concept.symptom if concept is not None else name in library.dangers
        symptomatic = symptomatic or symptom
        fitting = [protocol for protocol in library.started_by(name) if _applies(protocol, known, {}, open_)]
        wanted = [protocol for protocol in fitting if not packs or not protocol.packs or protocol.packs & packs]
        started.update((protocol.id, protocol) for protocol in wanted or fitting)
        if symptom and not fitting and concept is not None:
            unlisted.append(name)
    if symptomatic:
        started.update((protocol.id, protocol) for protocol in library.universal)
    return tuple(started[name] for name in sorted(started)), tuple(sorted(unlisted))


def _still_open(library: Library, known: Mapping[str, Fact], packs: frozenset[str]) -> Iterable[str]:
    for protocol in library.universal:
        for spec in protocol.questions.values():
            if may_ask(spec, known, {}, packs) and not settled(spec, known):
                yield from (spec.concept, *(part.concept for part in spec.parts))


def applies(look: Situation, protocol: Protocol) -> bool:
    """`applies` holds unless known not to; `only` must be known to hold, except when the interview was cut short before it
    could be asked (an unknown age may be an infant's)."""
    return _applies(protocol, look.known, look.limits, look.open_)


def _applies(protocol: Protocol, known: Mapping[str, Fact], limits: Mapping[str, float], open_: frozenset[str]) -> bool:
    if any(truth(condition, known, limits) is Truth.FALSE for condition in protocol.applies):
        return False
    return all(_only(condition, known, limits, open_) for condition in protocol.only)


def _only(condition: Condition, known: Mapping[str, Fact], limits: Mapping[str, float], open_: frozenset[str]) -> bool:
    held = truth(condition, known, limits)
    if held is Truth.UNKNOWN:
        return any(name in open_ for name in condition.concepts)
    return held is Truth.TRUE


def holds(look: Situation, protocol: Protocol, rule: Rule, *, started: bool) -> Truth:
    """Whether the rule holds. Not known comes back only for what a started protocol may still ask."""
    least, most = Truth.TRUE, Truth.FALSE
    for condition in rule.conditions:
        held = truth(condition, look.known, look.limits)
        if held is Truth.UNKNOWN:
            held = _unasked(look, protocol, condition) if started else Truth.FALSE
        least, most = min(least, held), max(most, held)
        if rule.every and least is Truth.FALSE:
            return least
    return least if rule.every else most


def _unasked(look: Situation, protocol: Protocol, condition: Condition) -> Truth:
    if not asking(look, protocol, condition):
        return Truth.FALSE
    if not look.final:
        return Truth.UNKNOWN
    return Truth.TRUE if condition.danger and condition.op is Op.YES else Truth.DOUBT


def asking(look: Situation, protocol: Protocol, condition: Condition) -> list[QuestionSpec]:
    """The questions by which this protocol, or one that everybody is asked, would learn whether the sentence holds."""
    for names in ((condition.concept,), condition.concepts[1:]):
        found = [spec for name in names for spec in _asking(look, protocol, name)]
        if found:
            return found
    return []


def _asking(look: Situation, protocol: Protocol, concept: str) -> Iterable[QuestionSpec]:
    for asker in (protocol, *look.library.universal):
        spec = asker.questions.get(concept.removeprefix(f"{asker.id}."))
        if spec is None or spec.concept != concept:
            continue
        if not settled(spec, look.known) and may_ask(spec, look.known, look.limits, look.packs):
            yield spec
            return


def settled(spec: QuestionSpec, known: Mapping[str, Fact]) -> bool:
    """Whether there is nothing left to ask: it was answered, something it asks for is so, or all of it is denied for
    certain. A danger that was only denied in passing is asked for."""
    if spec.concept in known:
        return True
    named = {part.concept for part in spec.parts} | set(spec.denies)
    facts = [known.get(name) for name in named]
    if any(fact is not None and fact.value in (Reply.YES, Reply.UNSURE) for fact in facts):
        return True
    return bool(facts) and all(fact is not None and (fact.confirmed or not spec.danger) for fact in facts)


def may_ask(spec: QuestionSpec, known: Mapping[str, Fact], limits: Mapping[str, float], packs: frozenset[str]) -> bool:
    """Whether the question fits this practice, and this patient as far as is known."""
    if spec.packs and not spec.packs & packs:
        return False
    fits = all(truth(condition, known, limits) is not Truth.FALSE for condition in spec.applies)
    return fits and all(truth(condition, known, limits) is Truth.TRUE for condition in spec.when)
