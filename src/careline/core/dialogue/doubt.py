"""One plain question before an emergency is called that sounds like none: "is somebody ill, hurt or in danger right now?"

Words of danger are also said of bills, films, roads and names. Rules hear the word; the second listener weighs all that was
told. Where a rule calls an emergency and the second listener hears nothing of the kind, the caller is asked, and the answer
decides: anything but a clear no (a yes, "not sure", silence, hanging up, more danger) and the emergency stands as if nothing
had been asked. The listener itself lowers nothing: without it the question would not be asked, that is all. How often an
emergency would be asked about is measured each time the listener is trained (docs/adr/0004).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from careline.core import language, triage
from careline.core.clinical import Level, Reply, Subject
from careline.core.contact import Expect
from careline.core.dialogue.emergency import CRISIS
from careline.core.dialogue.state import Goal

if TYPE_CHECKING:
    from careline.core.clinical import Finding
    from careline.core.dialogue.scene import Scene
    from careline.core.language import Understanding

MOST_DOUBTS = 2  # questions of this kind in one contact


def weigh(scene: Scene, understood: Understanding, text: str, *, calm: bool) -> Understanding:
    """What is to be taken from a turn: all of it, or all but findings that are first asked about."""
    state = scene.state
    if state.held:
        return _answered(scene, understood, text)
    if not calm or state.company or state.raised is not None or _never_asked_first(understood):
        return understood
    fresh = tuple(finding for finding in understood.findings if finding.concept not in state.not_now)
    if not _would_raise(scene, fresh):
        return replace(understood, findings=fresh)
    if state.doubts >= MOST_DOUBTS:
        return understood
    scene.update(held=fresh, doubts=state.doubts + 1)
    scene.note("asked first", ", ".join(sorted({finding.concept for finding in fresh})))
    return replace(understood, findings=())


def ask(scene: Scene) -> bool:
    """The move: nothing else is said or asked before this."""
    return bool(scene.state.held) and scene.ask(Goal.NOW, "danger.now", Expect.YES_NO)


def release(scene: Scene) -> tuple[Finding, ...]:
    """What was held back counts after all."""
    held = scene.state.held
    scene.update(held=())
    return held


def _answered(scene: Scene, understood: Understanding, text: str) -> Understanding:
    asked = scene.state.awaiting is not None and scene.state.awaiting.goal is Goal.NOW
    no = asked and language.reply(scene.setup.lexicons, text, scene.state.language) is Reply.NO
    held = release(scene)
    if no and not _would_raise(scene, understood.findings):
        scene.update(not_now=scene.state.not_now | {finding.concept for finding in held})
        scene.note("not now", text)
        return understood
    return replace(understood, findings=held + understood.findings)


def _would_raise(scene: Scene, findings: tuple[Finding, ...]) -> bool:
    """Whether an emergency would follow from these."""
    state, setup = scene.state, scene.setup
    if not findings:
        return False
    about = Subject.CALLER if state.identity.relation in (None, "self") else Subject.PATIENT
    facts = triage.fold(setup.library, state.facts, findings, about=about)
    decision = triage.decide(setup.library, facts, settings=setup.practice.settings, packs=setup.practice.packs)
    return decision.level is Level.EMERGENCY


def _never_asked_first(understood: Understanding) -> bool:
    """Somebody who may be about to end their life is not asked whether they are in danger; nor who says it is an emergency."""
    crisis = any(finding.concept in CRISIS for finding in understood.findings)
    return crisis or any(intent.kind == "emergency_statement" for intent in understood.intents)
