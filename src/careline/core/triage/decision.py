"""From facts to a disposition, and why.

Every rule of every protocol that applies fires on what is known, whether or not its protocol was started by a symptom; the
most urgent wins and order has no meaning. A started protocol adds its floor (`otherwise`) and what not knowing means
(`unknown`). What everybody is asked (`universal`) gives its floor for symptoms that no protocol fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.clinical import Disposition, Reply
from careline.core.triage.conditions import Truth
from careline.core.triage.situation import OTHERWISE, applies, holds, situation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from careline.core.clinical import Facts, Level, Quote
    from careline.core.triage.library import Library
    from careline.core.triage.protocol import Protocol, Rule, Service, Source
    from careline.core.triage.situation import Situation


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


def _fire(look: Situation, protocol: Protocol, rule: Rule) -> Fired | None:
    started = protocol in look.started
    if protocol.universal and not started:
        return None  # what holds for everybody with a symptom says nothing of those without
    held = holds(look, protocol, rule, started=started)
    unknown = held is Truth.DOUBT and started and rule.unknown is not None
    if not (held is Truth.TRUE or unknown) or not applies(look, protocol):
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
