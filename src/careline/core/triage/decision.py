"""From facts to a disposition, and why.

Every rule of every protocol that applies fires on what is known, whether or not its protocol was started by a symptom; the
most urgent wins and order has no meaning. A protocol that a symptom *started* adds its floor (`otherwise`) and what not
knowing means (`unknown`). What a protocol asks is open until answered; what nobody asks is taken as not so unless said.
What everybody is asked (`universal`) gives its floor for symptoms that no protocol fits. When the interview is cut short
(`final`), whatever is still open counts: a danger as yes, anything else as not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.clinical import Disposition, Reply, most_urgent
from careline.core.triage.conditions import Op, Truth, truth
from careline.core.triage.facts import derived

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from careline.core.clinical import Fact, Facts, Level, Quote
    from careline.core.triage.conditions import Condition
    from careline.core.triage.library import Library
    from careline.core.triage.protocol import Protocol, QuestionSpec, Rule, Service, Source

OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that holds (`unknown`: by what not knowing means), enough to show why without the protocol at hand."""

    protocol: str
    version: str
    hash: str
    rule: str
    disposition: Disposition
    because: tuple[Source, ...]
    concepts: tuple[str, ...]
    quotes: tuple[Quote, ...]
    unknown: bool = False
    offer: tuple[Service, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """`fired` has every rule that holds, most urgent first. `contradictions` are concepts said to be so and not so, of
    which the more dangerous was held. `started` are the protocols a symptom started."""

    disposition: Disposition
    fired: tuple[Fired, ...] = ()
    contradictions: tuple[str, ...] = ()
    services: tuple[Service, ...] = ()
    started: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        return self.disposition.level


@dataclass(frozen=True, slots=True)
class Situation:
    """Facts with all that follows from them, the protocols they start, and a practice's tuning: what one look at a contact
    works from. `final` tells that nothing more will be asked."""

    library: Library
    known: Mapping[str, Fact]
    started: tuple[Protocol, ...]
    limits: Mapping[str, float]
    raised: Mapping[str, Disposition]
    unlisted: tuple[str, ...] = ()  # symptoms for which no protocol fits this patient
    final: bool = False

    def then(self, protocol: Protocol, rule: Rule) -> Disposition:
        raised = self.raised.get(f"{protocol.id}.{rule.id}")
        return rule.then if raised is None else most_urgent(rule.then, raised)

    def floor(self, protocol: Protocol) -> Disposition | None:
        raised = self.raised.get(f"{protocol.id}.{OTHERWISE}")
        if protocol.universal and not self.unlisted:
            return None
        return protocol.otherwise if raised is None else most_urgent(protocol.otherwise, raised)

    def symptomatic(self) -> bool:
        """Whether anything said is a symptom, or a question about one was answered other than no."""
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
    started, unlisted = _started(library, known, frozenset(packs or ()), final=final)
    return Situation(library, known, started, limits, raised, unlisted, final)


def _started(
    library: Library, known: Mapping[str, Fact], packs: frozenset[str], *, final: bool
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
        fitting = [p for p in library.started_by(name) if applies(p, known, {}, final=final)]
        wanted = [p for p in fitting if not packs or not p.packs or p.packs & packs]
        started.update((p.id, p) for p in wanted or fitting)
        if symptom and not fitting and concept is not None:
            unlisted.append(name)
    if symptomatic:
        started.update((p.id, p) for p in library.universal)
    return tuple(started[name] for name in sorted(started)), tuple(sorted(unlisted))


def applies(protocol: Protocol, known: Mapping[str, Fact], limits: Mapping[str, float], *, final: bool = False) -> bool:
    """`applies` holds unless known not to; `only` must be known to hold, except when nothing more will be asked."""
    if any(truth(condition, known, limits) is Truth.FALSE for condition in protocol.applies):
        return False
    least = Truth.UNKNOWN if final else Truth.TRUE
    return all(truth(condition, known, limits) >= least for condition in protocol.only)


def decide(
    library: Library,
    facts: Facts,
    *,
    settings: Mapping[str, float | str] | None = None,
    packs: Collection[str] | None = None,
    final: bool = False,
    nothing: Disposition = Disposition.ADMINISTRATIVE,
) -> Decision:
    """The disposition and every rule behind it. `nothing` is the answer when no symptom was mentioned. With `final`, no
    more will be asked, and what the started protocols still wanted to know has its consequence."""
    return decide_in(situation(library, facts, settings, packs, final=final), nothing)


def decide_in(look: Situation, nothing: Disposition = Disposition.ADMINISTRATIVE) -> Decision:
    """`decide` for a situation that was taken in already."""
    fired = [hit for protocol, rule in _candidates(look) if (hit := _fire(look, protocol, rule)) is not None]
    fired += [hit for protocol in look.started if (hit := _floor(look, protocol)) is not None]
    fired.sort(key=lambda hit: (hit.disposition.rank, hit.rule == OTHERWISE, hit.protocol, hit.rule))
    held = (name for name, fact in look.known.items() if fact.denied and fact.value in (Reply.YES, Reply.UNSURE))
    return Decision(
        fired[0].disposition if fired else nothing,
        tuple(fired),
        tuple(sorted(held)),
        tuple(sorted({service for hit in fired for service in hit.offer})),
        tuple(protocol.id for protocol in look.started),
    )


def _candidates(look: Situation) -> Iterable[tuple[Protocol, Rule]]:
    """Every rule that what is known may fire, once each."""
    found: dict[tuple[str, str], tuple[Protocol, Rule]] = {}
    for name, fact in look.known.items():
        if fact.value is Reply.NO:
            concept = look.library.concepts.get(name)
            if concept is None or not concept.reassuring:
                continue
        for pair in look.library.rules_for(name):
            found[pair[0].id, pair[1].id] = pair
    if look.final:
        found.update(((protocol.id, rule.id), (protocol, rule)) for protocol in look.started for rule in protocol.rules)
    return found.values()


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
        if spec is not None and spec.concept == concept and not settled(look, spec) and may_ask(look, spec):
            yield spec
            return


def settled(look: Situation, spec: QuestionSpec) -> bool:
    """Whether there is nothing left to ask: it was answered, something it asks for is so, or all of it is denied for
    certain. A danger that was only denied in passing is asked for."""
    if spec.concept in look.known:
        return True
    named = {part.concept for part in spec.parts} | set(spec.denies)
    facts = [look.known.get(name) for name in named]
    if any(fact is not None and fact.value in (Reply.YES, Reply.UNSURE) for fact in facts):
        return True
    return bool(facts) and all(fact is not None and (fact.confirmed or not spec.danger) for fact in facts)


def may_ask(look: Situation, spec: QuestionSpec) -> bool:
    """Whether the question fits this patient as far as is known."""
    fits = all(truth(condition, look.known, look.limits) is not Truth.FALSE for condition in spec.applies)
    return fits and all(truth(condition, look.known, look.limits) is Truth.TRUE for condition in spec.when)


def _fire(look: Situation, protocol: Protocol, rule: Rule) -> Fired | None:
    started = protocol in look.started
    if protocol.universal and not started:
        return None  # what holds for everybody with a symptom says nothing of those without
    held = holds(look, protocol, rule, started=started)
    unknown = held is Truth.DOUBT and started and rule.unknown is not None
    if not (held is Truth.TRUE or unknown) or not applies(protocol, look.known, look.limits, final=look.final):
        return None
    disposition = rule.unknown if unknown and rule.unknown is not None else look.then(protocol, rule)
    return _fired(look, protocol, rule, disposition, unknown=unknown)


def _fired(look: Situation, protocol: Protocol, rule: Rule, disposition: Disposition, *, unknown: bool) -> Fired:
    concepts = [name for condition in rule.conditions for name in condition.concepts]
    used = tuple(
        dict.fromkeys(name for name in concepts if name in look.known and look.known[name].value is not Reply.NO)
    )
    return Fired(
        protocol.id,
        protocol.version,
        protocol.hash,
        rule.id,
        disposition,
        tuple(protocol.sources[name] for name in rule.because),
        used,
        tuple(quote for name in used for quote in look.known[name].quotes),
        unknown,
        rule.offer,
    )


def _floor(look: Situation, protocol: Protocol) -> Fired | None:
    floor = look.floor(protocol)
    if floor is None:
        return None
    triggers = look.unlisted if protocol.universal else protocol.triggers
    used = tuple(name for name in triggers if name in look.known and look.known[name].value is not Reply.NO)
    quotes = tuple(quote for name in used for quote in look.known[name].quotes)
    return Fired(protocol.id, protocol.version, protocol.hash, OTHERWISE, floor, (), used, quotes)
