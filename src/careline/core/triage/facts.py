"""From what was said to what is held to be so.

Folding is a join: two statements about one concept become one fact, the same whatever their order. Of yes, unsure and no the
more dangerous stands; of two numbers the more dangerous; quotes are kept for what stands. So nothing said later, and no
way of ordering what was said, ever lowers what was known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from careline.core.clinical import Fact, Facts, Presence, Reply, Subject
from careline.core.triage.concepts import Kind
from careline.core.triage.conditions import Truth, truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from careline.core.clinical import Finding, Quote
    from careline.core.triage.concepts import Concept
    from careline.core.triage.derivation import Derivation
    from careline.core.triage.interview import Question
    from careline.core.triage.library import Library

_SAID = {Presence.PRESENT: Reply.YES, Presence.UNCERTAIN: Reply.UNSURE, Presence.ABSENT: Reply.NO}
_DANGER = {Reply.NO: 0, Reply.UNSURE: 1, Reply.YES: 2}


def fold(library: Library, facts: Facts, findings: Iterable[Finding], *, about: Subject = Subject.CALLER) -> Facts:
    """Facts and findings joined.

    What was once, is feared, imagined, or somebody else's is no fact. With `about=PATIENT` (the caller calls for somebody),
    the caller's own background (age, pregnancy, medicines) is not the patient's; the caller's symptoms still count.
    """
    known = dict(facts.known)
    for finding in findings:
        if finding.subject is Subject.OTHER:
            continue
        for name, fact in _facts_of(library, finding):
            concept = library.concepts.get(name)
            if concept is None or (
                concept.background and about is Subject.PATIENT and finding.subject is Subject.CALLER
            ):
                continue
            _put(library, known, name, fact)
    return Facts(known)


def derive(library: Library, facts: Facts) -> Facts:
    """Facts with all that follows from them, to show. Deciding does this itself: what follows from a number is not kept
    beside it, so that a corrected age takes its consequences with it."""
    return Facts(derived(library, facts.known))


def answer(
    library: Library, facts: Facts, question: Question, value: Reply | float | str, quotes: tuple[Quote, ...] = ()
) -> Facts:
    """The facts after an answer. A question that was asked and not answered is answered UNSURE, which has consequences.

    A no to a compound question is a no to each of its parts; what was said to be so before stands nevertheless. A number
    that is impossible counts as not known.
    """
    known = dict(facts.known)
    concept = library.concepts.get(question.concept)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = _possible(concept, float(value)) if concept is not None else Reply.UNSURE
    _put(library, known, question.concept, Fact(value, quotes, confirmed=True))
    if value is Reply.NO:
        for name in question.denies:
            _put(library, known, name, Fact(Reply.NO, quotes, confirmed=True))
    return Facts(known)


def _put(library: Library, known: dict[str, Fact], name: str, fact: Fact) -> None:
    known[name] = join(library.concepts.get(name), known[name], fact) if name in known else fact


def _facts_of(library: Library, finding: Finding) -> Iterable[tuple[str, Fact]]:
    """What one finding says: its concept, and with it how bad and how long make of it."""
    reply = _SAID.get(finding.presence)
    concept = library.concepts.get(finding.concept)
    if reply is None or concept is None:
        return
    quotes = (finding.quote,)
    if concept.kind is Kind.NUMBER:
        if reply is not Reply.NO:
            value = finding.quantity.value if finding.quantity is not None else None
            yield concept.name, Fact(Reply.UNSURE if value is None else _possible(concept, value), quotes)
        return
    if concept.kind is Kind.CHOICE:
        return
    yield concept.name, Fact(reply, quotes)
    if reply is Reply.NO:
        return
    severe, lasting = library.derivations.severe.get(concept.name), library.derivations.lasting.get(concept.name)
    if severe is not None and finding.severity is not None and finding.severity >= severe.least:
        yield severe.gives, Fact(reply, quotes)
    hours = max(finding.onset_hours or 0.0, finding.duration_hours or 0.0)
    if lasting is not None and hours >= lasting.least:
        yield lasting.gives, Fact(reply, quotes)


def _possible(concept: Concept, value: float) -> float | Reply:
    """The number; UNSURE when it cannot be (a temperature of 300), which asks again and lowers nothing."""
    return value if concept.low <= value <= concept.high else Reply.UNSURE


def join(concept: Concept | None, one: Fact, other: Fact) -> Fact:
    """One fact of two about the same concept (None: a compound question). Commutative, associative, idempotent."""
    ranks = _rank(concept, one), _rank(concept, other)
    best = max(ranks)
    kept = [fact for fact, rank in zip((one, other), ranks, strict=True) if rank == best]
    quotes = tuple(sorted({quote for fact in kept for quote in fact.quotes}, key=_place))
    value = kept[0].value
    safe = Reply.YES if concept is not None and concept.reassuring else Reply.NO
    flag = concept is None or concept.kind is Kind.FLAG
    return Fact(
        value,
        quotes,
        confirmed=any(fact.confirmed for fact in kept) or (flag and len({quote.turn for quote in quotes}) > 1),
        denied=one.denied or other.denied or (flag and value is not safe and safe in (one.value, other.value)),
    )


def _place(quote: Quote) -> tuple[int, int, int, str]:
    return quote.turn, quote.start, quote.end, quote.text


def _rank(concept: Concept | None, fact: Fact) -> tuple[bool, float, str]:
    value = fact.value
    settled = concept is not None and concept.answer_wins and fact.confirmed
    if isinstance(value, Reply):
        danger = _DANGER[value]
        if concept is not None and concept.kind is not Kind.FLAG:
            return False, -float("inf"), ""  # "I don't know" beside a number tells nothing
        return settled, float(2 - danger if concept is not None and concept.reassuring else danger), ""
    if isinstance(value, str):
        return settled, 0.0, value
    return settled, concept.distance(value) if concept is not None else value, f"{value:g}"


def derived(library: Library, known: Mapping[str, Fact]) -> dict[str, Fact]:
    """What is known, and what follows from it, until nothing new follows."""
    held = dict(known)
    agenda = list(known)
    while agenda:
        name = agenda.pop()
        for concept, fact in _consequences(library, held, name):
            before = held.get(concept)
            joined = fact if before is None else join(library.concepts.by_name[concept], before, fact)
            # what merely follows contradicts nobody
            joined = replace(joined, denied=before is not None and before.denied)
            if joined != before:
                held[concept] = joined
                agenda.append(concept)
    return held


def _consequences(library: Library, held: Mapping[str, Fact], name: str) -> Iterable[tuple[str, Fact]]:
    fact = held[name]
    if fact.value in (Reply.YES, Reply.UNSURE):
        for general in library.derivations.implies.get(name, ()):
            yield general, Fact(fact.value, fact.quotes, fact.confirmed)
    for derivation in library.derivations.by_concept.get(name, ()):
        held_to_be = _holds(derivation, held)
        if held_to_be is Truth.TRUE or (held_to_be is Truth.DOUBT and derivation.value is Reply.YES):
            quotes = tuple(quote for part in derivation.conditions for quote in _quotes(held, part.concept))
            value = derivation.value if held_to_be is Truth.TRUE else Reply.UNSURE
            yield derivation.concept, Fact(value, quotes, confirmed=True)


def _holds(derivation: Derivation, held: Mapping[str, Fact]) -> Truth:
    truths = [truth(condition, held, {}) for condition in derivation.conditions]
    return min(truths) if derivation.every else max(truths)


def _quotes(held: Mapping[str, Fact], name: str) -> tuple[Quote, ...]:
    fact = held.get(name)
    return fact.quotes if fact is not None else ()
