"""What to ask next: first the danger screen that every symptomatic contact gets, then what can still change most.

A contact that already is an emergency is asked nothing more here. Asking stops when no answer could make the disposition
more urgent. Nobody is asked whether it is an emergency.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from careline.core.clinical import Fact, Level, Reply
from careline.core.triage.concepts import Kind
from careline.core.triage.conditions import Truth, truth
from careline.core.triage.decision import decide_in
from careline.core.triage.situation import applies, asking, holds, may_ask, settled, situation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from careline.core.clinical import Disposition, Facts
    from careline.core.triage.library import Library
    from careline.core.triage.protocol import Protocol, QuestionSpec, Rule
    from careline.core.triage.situation import Situation

CONFIRM = "confirm:"
AGAIN = "again:"


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask. `concept` is the fact its answer fills (`answer`); `denies` are the concepts that a no settles too.
    `words` is the sentence per language. `danger`: an unsure or missing answer counts as yes."""

    id: str
    concept: str
    kind: Kind
    protocol: str
    danger: bool
    words: Mapping[str, str]
    unit: str = ""
    choices: tuple[str, ...] = ()
    denies: tuple[str, ...] = ()


def screen(
    library: Library,
    facts: Facts,
    *,
    settings: Mapping[str, float | str] | None = None,
    packs: Collection[str] | None = None,
) -> tuple[Question, ...]:
    """What every symptomatic contact is asked and has not answered yet, in order: age, whether pregnant or lately so, and
    at most six compound danger questions. Empty without a symptom, and once it is an emergency. Ask the first, then call
    again: an answer may settle others."""
    look = situation(library, facts, settings, packs)
    if not look.symptomatic() or decide_in(look).level is Level.EMERGENCY:
        return ()
    wanted = (
        _question(library, protocol, spec)
        for protocol in library.universal
        for spec in protocol.questions.values()
        if may_ask(spec, look.known, look.limits, look.packs) and not settled(spec, look.known)
    )
    return tuple(wanted)


@dataclass(frozen=True, slots=True, order=True)
class _Worth:
    """How much a question may change: how urgent the rule it serves, how little else that rule needs, then the order in
    which protocols were written."""

    rank: int
    needs: int
    protocol: str
    rule: int
    position: int


def next_question(
    library: Library,
    facts: Facts,
    asked: Collection[str] = (),
    settings: Mapping[str, float | str] | None = None,
    packs: Collection[str] | None = None,
) -> Question | None:
    """The question that can still change the disposition most; None when none can. `asked` are ids of questions asked
    before, which are not asked again (a missing answer is to be recorded as UNSURE)."""
    look = situation(library, facts, settings, packs)
    decision = decide_in(look)
    if not look.symptomatic() or decision.level is Level.EMERGENCY:
        return None
    now = decision.disposition
    worth = [found for protocol in look.started for found in _open(look, protocol, now, asked)]
    best = min(worth, key=lambda pair: pair[0], default=None)
    doubt = _to_confirm(look, now, asked)
    if doubt is not None and (best is None or doubt[0] < best[0].rank):
        return doubt[1]
    if best is not None:
        protocol = library.protocols[best[0].protocol]
        return _question(library, protocol, best[1])
    return _to_ask_again(look, decision.contradictions, asked)


def _open(
    look: Situation, protocol: Protocol, now: Disposition, asked: Collection[str]
) -> Iterable[tuple[_Worth, QuestionSpec]]:
    """The questions by which this protocol could still raise the disposition, with what each is worth. What everybody is
    asked is the screen's."""
    if protocol.universal or not applies(look, protocol):
        return
    positions = {spec.concept: number for number, spec in enumerate(protocol.questions.values())}
    for number, rule in enumerate(protocol.rules):
        reach = look.then(protocol, rule)
        if reach.rank >= now.rank or holds(look, protocol, rule, started=True) in (Truth.FALSE, Truth.TRUE):
            continue
        specs = list(_missing(look, protocol, rule, asked))
        for spec in specs:
            needs = len(specs) if rule.every else 1
            yield _Worth(reach.rank, needs, protocol.id, number, positions.get(spec.concept, 0)), spec


def _missing(look: Situation, protocol: Protocol, rule: Rule, asked: Collection[str]) -> Iterable[QuestionSpec]:
    for condition in rule.conditions:
        if truth(condition, look.known, look.limits) is Truth.UNKNOWN:
            for spec in asking(look, protocol, condition):
                if spec.concept not in asked and spec.key in protocol.questions:
                    yield spec


def _to_confirm(look: Situation, now: Disposition, asked: Collection[str]) -> tuple[int, Question] | None:
    """One denial that was only mentioned in passing, of a danger that would decide: it is asked about once a contact."""
    if any(name.startswith(CONFIRM) for name in asked):
        return None
    worst: tuple[int, str] | None = None
    for name, fact in look.known.items():
        concept = look.library.concepts.get(name)
        if concept is None or not concept.danger or fact.value is not Reply.NO or fact.confirmed:
            continue
        supposed = replace(look, known={**look.known, name: Fact(Reply.YES)})
        rank = decide_in(supposed).disposition.rank
        if rank < now.rank and (worst is None or (rank, name) < worst):
            worst = rank, name
    return None if worst is None else (worst[0], _about(look.library, CONFIRM, worst[1]))


def _to_ask_again(look: Situation, contradictions: Collection[str], asked: Collection[str]) -> Question | None:
    """A contradiction is asked about once; whatever the answer, the more dangerous stands."""
    if any(name.startswith(AGAIN) for name in asked):
        return None
    concepts = look.library.concepts
    named = [name for name in contradictions if (concept := concepts.get(name)) is not None and concept.danger]
    return _about(look.library, AGAIN, min(named)) if named else None


def _about(library: Library, prefix: str, name: str) -> Question:
    words = {
        language: (spoken.confirm if prefix == CONFIRM else spoken.again).format(what=spoken.concepts.get(name, name))
        for language, spoken in library.words.items()
    }
    return Question(f"{prefix}{name}", name, Kind.FLAG, "", danger=True, words=words)


def _question(library: Library, protocol: Protocol, spec: QuestionSpec) -> Question:
    concept = library.concepts.get(spec.concept)
    denies = dict.fromkeys([*(part.concept for part in spec.parts), *spec.denies])
    return Question(
        spec.concept,
        spec.concept,
        concept.kind if concept is not None else Kind.FLAG,
        protocol.id,
        spec.danger,
        {language: words.question(protocol.id, spec.key) or "" for language, words in library.words.items()},
        unit=concept.unit if concept is not None else "",
        choices=concept.choices if concept is not None else (),
        denies=tuple(denies),
    )
