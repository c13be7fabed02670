"""What every caller's turn goes through, whatever was asked: danger, intents and wishes are listened for from the first word.

The reply to the open question is read afterwards by `replies`; nothing a caller says is heard only as an answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from careline.core import language, triage
from careline.core.clinical import Fact, Presence, Reply
from careline.core.contact import Hearing
from careline.core.dialogue.state import OPEN_GOALS, Errand, Goal

if TYPE_CHECKING:
    from careline.core.contact import Heard
    from careline.core.dialogue.scene import Scene
    from careline.core.language import Understanding

#: Longer turns are cut for understanding (and kept whole in the transcript): nobody says more than this in one turn.
_MOST_CHARACTERS = 8000
_SELF = "self"


def listen(scene: Scene, heard: Heard) -> Understanding:
    """Understand one turn and fold it into what is known. Raises urgency at once; never lowers it."""
    state = scene.state
    awaiting = state.awaiting
    scene.update(turn=state.turn + 1, silences=0)
    context = language.Context(
        turn=state.turn + 1,
        language=state.language,
        caller_is_patient=_caller_is_patient(scene),
        asked=awaiting.question.concept if awaiting and awaiting.question else None,
        age_years=state.facts.number("age"),
    )
    heard_so = language.understand(scene.setup.lexicons, heard.text[:_MOST_CHARACTERS], context)
    _wishes(scene, heard_so)
    _health(scene, heard_so, awaiting is not None and awaiting.goal is Goal.FACT)
    _errands(scene, heard_so)
    if heard.alarm:
        scene.update(alarm=True, symptomatic=True)
    if heard.text and (awaiting is None or awaiting.goal in OPEN_GOALS):
        scene.update(open_turns=(*scene.state.open_turns, heard.text[:_MOST_CHARACTERS]))
    return heard_so


def decide(scene: Scene) -> None:
    """Ask triage anew. The most urgent decision so far holds: what was raised once is not talked down."""
    state = scene.state
    decision = triage.decide(
        scene.setup.library,
        state.facts,
        settings=scene.setup.practice.settings,
        packs=scene.setup.practice.packs,
        symptomatic=state.symptomatic,
    )
    if state.decision is not None and state.decision.disposition.rank < decision.disposition.rank:
        decision = replace(decision, disposition=state.decision.disposition, fired=state.decision.fired)
    scene.update(decision=decision)


def settle_fact(scene: Scene, concept: str, value: Reply | float | str, quotes: tuple[object, ...] = ()) -> None:
    """Take the answer to a question. A "no" never undoes a "yes" that was said before: the safer holds."""
    known = scene.state.facts.get(concept)
    if value is Reply.NO and known is not None and known.value in (Reply.YES, Reply.UNSURE):
        return
    facts = scene.state.facts.having(concept, Fact(value, tuple(quotes), confirmed=True))  # type: ignore[arg-type]
    scene.update(facts=triage.fold(scene.setup.library, facts, ()))


def _caller_is_patient(scene: Scene) -> bool | None:
    relation = scene.state.identity.relation
    return None if relation is None else relation == _SELF


def _wishes(scene: Scene, heard_so: Understanding) -> None:
    wishes = heard_so.commands
    other = heard_so.language
    follow = "switch_language" in wishes or scene.state.hearing is Hearing.OPEN
    if other and other != scene.state.language and follow and _may_speak(scene, other):
        scene.update(language=other)
    if "person" in wishes:
        scene.update(person_wanted=True)
    if "slower" in wishes:
        scene.update(pace=0.8)
    if "no_recording" in wishes and not scene.state.has("not recording"):
        scene.record(on=False, delete=True)
        scene.tick("not recording")
        scene.tell("greeting.not_recording")
    if heard_so.distress >= 0.5 and not scene.state.distress:
        scene.update(distress=True, pace=min(scene.state.pace, 0.9))


def _may_speak(scene: Scene, code: str) -> bool:
    return code in scene.setup.practice.languages and code in scene.setup.words.languages


def _health(scene: Scene, heard_so: Understanding, answering: bool) -> None:
    state = scene.state
    if heard_so.relation and state.identity.relation is None:
        scene.update(identity=replace(state.identity, relation=heard_so.relation))
    library = scene.setup.library
    facts = triage.fold(library, state.facts, heard_so.findings)
    about_now = any(
        finding.presence in (Presence.PRESENT, Presence.UNCERTAIN) and library.is_symptom(finding.concept)
        for finding in heard_so.findings
    )
    scene.update(
        facts=facts,
        findings=state.findings + heard_so.findings,
        symptomatic=state.symptomatic or about_now,
    )
    if heard_so.findings and not answering:
        for finding in heard_so.findings:
            scene.note("finding", f"{finding.concept} {finding.presence}: {finding.quote.text}")


def _errands(scene: Scene, heard_so: Understanding) -> None:
    known = {errand.intent.kind for errand in scene.state.errands}
    fresh = [intent for intent in heard_so.intents if intent.kind not in known and intent.kind in ERRANDS]
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
