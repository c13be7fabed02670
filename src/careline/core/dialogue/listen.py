"""What every caller's turn goes through, whatever was asked: danger, intents and wishes are listened for from the first word.

The reply to the open question is read afterwards by `replies`; nothing a caller says is heard only as an answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from careline.core import language, triage
from careline.core.clinical import Fact, Presence, Reply, Subject
from careline.core.contact import Hearing
from careline.core.dialogue import doubt
from careline.core.dialogue.state import TELLING, Errand, Goal
from careline.core.language.second import EMERGENCY

if TYPE_CHECKING:
    from careline.core.clinical import Finding, Quote
    from careline.core.contact import Heard
    from careline.core.dialogue.scene import Scene
    from careline.core.dialogue.state import Awaiting
    from careline.core.language import Understanding
    from careline.core.triage import Library, Question

#: Longer turns are cut for understanding (and kept whole in the transcript): nobody says more than this in one turn.
MOST_CHARACTERS = 8000
SELF = "self"
LONG_ANSWER = 8  # words


def listen(scene: Scene, heard: Heard) -> Understanding:
    """Understand one turn and fold it into what is known. Raises urgency at once; never lowers it."""
    scene.update(turn=scene.state.turn + 1, silences=0)
    text = heard.text[:MOST_CHARACTERS]
    understood = language.understand(scene.setup.lexicons, text, _context(scene))
    second, calm = _second(scene, text)
    understood = replace(understood, findings=understood.findings + second)
    understood = doubt.weigh(scene, understood, text, calm=calm and not heard.alarm)
    _wishes(scene, understood)
    _health(scene, understood)
    _errands(scene, understood)
    if heard.alarm:
        scene.update(alarm=True, symptomatic=True)
    return understood


def _second(scene: Scene, text: str) -> tuple[tuple[Finding, ...], bool]:
    """What the second listener adds, of all that was told in the caller's own words; and whether it hears nothing grave."""
    state, second = scene.state, scene.setup.lexicons.second
    answering = state.awaiting is not None and state.awaiting.goal not in TELLING
    if state.hearing is not Hearing.OPEN or (answering and not _more_than_an_answer(state.awaiting, text)):
        return (), False
    heard = second.hear(text, state.heard)
    scene.update(heard=heard)
    known = {finding.concept for finding in state.findings}
    found = () if EMERGENCY in known else second.findings(text, heard, state.language, state.turn)
    words = sum(len(turn.split()) for turn in (*state.open_turns, text))
    calm = second.calm(heard, words, state.language)
    return tuple(finding for finding in found if finding.concept not in known), calm


def _more_than_an_answer(awaiting: Awaiting | None, text: str) -> bool:
    """A question about health answered at length tells more than the answer."""
    return awaiting is not None and awaiting.goal is Goal.FACT and len(text.split()) > LONG_ANSWER


def _context(scene: Scene) -> language.Context:
    state = scene.state
    relation = state.identity.relation
    sex = state.facts.get("sex")
    return language.Context(
        turn=state.turn,
        language=state.language,
        caller_is_patient=None if relation is None else relation == SELF,
        specialty=None,
        age=state.facts.number("age"),
        sex=sex.value if sex is not None and isinstance(sex.value, str) else None,
        relation=relation,
        seen=state.seen,
    )


def believe(scene: Scene) -> None:
    """Nobody said no to what was asked about first: it counts as it was said."""
    if scene.state.held:
        _take(scene, doubt.release(scene))
        decide(scene)


def decide(scene: Scene) -> None:
    """Ask triage anew. The most urgent decision so far holds: what was raised once is not talked down."""
    state = scene.state
    decision = triage.decide(
        scene.setup.library,
        state.facts,
        settings=scene.setup.practice.settings,
        packs=scene.setup.practice.packs,
    )
    if state.decision is not None and state.decision.disposition.rank < decision.disposition.rank:
        decision = replace(decision, disposition=state.decision.disposition, fired=state.decision.fired)
    scene.update(decision=decision)


def answer(scene: Scene, question: Question, value: Reply | float | str, quotes: tuple[Quote, ...] = ()) -> None:
    """Take the answer to a question. A "no" never undoes a "yes" that was said before: the safer holds."""
    scene.update(facts=triage.answer(scene.setup.library, scene.state.facts, question, value, quotes))


def learn(scene: Scene, concept: str, value: Reply | float | str) -> None:
    """Take a fact that nobody asked for by a question: an age that follows from a date of birth, the sex of "my son"."""
    if scene.state.facts.get(concept) is None:
        scene.update(facts=scene.state.facts.having(concept, Fact(value)))


def _wishes(scene: Scene, understood: Understanding) -> None:
    wishes = {command.kind: command.value for command in understood.commands}
    other = wishes.get("language") or (understood.language if scene.state.hearing is Hearing.OPEN else None)
    if other and other != scene.state.language and _may_speak(scene, other):
        scene.update(language=other)
    if "person" in wishes:
        scene.state = scene.state.wanting_person()
    if "slower" in wishes:
        scene.update(pace=0.8)
    if "no_recording" in wishes:
        scene.record(on=False)
    if understood.distress >= 0.5 and not scene.state.distress:
        scene.update(distress=True, pace=min(scene.state.pace, 0.9))


def _may_speak(scene: Scene, code: str) -> bool:
    return code in scene.setup.practice.languages and code in scene.setup.words.languages


def _health(scene: Scene, understood: Understanding) -> None:
    state = scene.state
    relation = state.identity.relation or understood.relation
    if relation != state.identity.relation:
        scene.update(identity=replace(state.identity, relation=relation))
    scene.update(seen=understood.seen)
    if understood.sex:
        learn(scene, "sex", understood.sex)
    _take(scene, understood.findings)


def _take(scene: Scene, findings: tuple[Finding, ...]) -> None:
    """Findings become facts."""
    state, library = scene.state, scene.setup.library
    about = Subject.CALLER if state.identity.relation in (None, SELF) else Subject.PATIENT
    scene.update(
        facts=triage.fold(library, state.facts, findings, about=about),
        findings=state.findings + findings,
        symptomatic=state.symptomatic or any(_unwell(library, finding) for finding in findings),
    )
    for finding in findings:
        scene.note("finding", f"{finding.concept} {finding.presence}: {finding.quote.text}")


def unwell(scene: Scene) -> None:
    """Somebody is unwell and nobody has understood how: the danger questions are due, and a clinician's call at the least."""
    learn(scene, "other_symptom", Reply.YES)
    scene.update(symptomatic=True)
    scene.tick("health unclear")


def _unwell(library: Library, finding: Finding) -> bool:
    """Whether this makes the contact about somebody's health now."""
    concept = library.concepts.get(finding.concept)
    now = finding.presence in (Presence.PRESENT, Presence.UNCERTAIN) and finding.subject is not Subject.OTHER
    return now and concept is not None and concept.symptom


def _errands(scene: Scene, understood: Understanding) -> None:
    known = {errand.intent.kind for errand in scene.state.errands}
    fresh = [intent for intent in understood.intents if intent.kind not in known and intent.kind in ERRANDS]
    if fresh:
        scene.update(errands=scene.state.errands + tuple(Errand(intent) for intent in fresh))


#: Intents that are served as an errand of their own (the others steer the dialogue or are symptoms).
ERRANDS = frozenset(
    {
        "appointment_new", "appointment_move", "appointment_cancel", "appointment_confirm", "waitlist", "telehealth_help",
        "refill", "prescription_status", "test_results", "referral", "billing", "insurance", "prior_auth",
        "records_forms", "hours", "directions", "preparation", "services", "fees", "insurance_accepted", "complaint",
        "wrong_number", "vendor_professional", "survey_reply",
    }
)  # fmt: skip
