"""An emergency: the first sentence says what to do, help is alerted in parallel, and nothing waits for a form.

Only then location and number are asked, what else should be told, and the caller is sent on their way. A suicidal caller is
not hung up on: the line stays until they leave or a person takes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.clinical import Disposition, Level, Reply
from careline.core.contact import Channel, Expect, Hearing
from careline.core.dialogue import brief
from careline.core.dialogue.deeds import AmendBrief, RaiseEmergency
from careline.core.dialogue.state import Goal, Progress

if TYPE_CHECKING:
    from careline.core.dialogue.scene import Scene

CRISIS = ("suicidal", "suicide_plan")
_POISON = ("overdose", "poison", "ingestion_child", "button_battery", "double_dose")


def tell(scene: Scene) -> bool:
    """The instruction, as soon as the decision is an emergency, and again when it becomes a graver one."""
    state = scene.state
    disposition = brief.disposition(state)
    if disposition.level is not Level.EMERGENCY or (state.raised and state.raised.at_least(disposition)):
        return False
    scene.tell(_instruction(scene, disposition))
    if disposition is Disposition.CALL_911 and any(_yes(scene, concept) for concept in CRISIS):
        scene.tell(f"emergency.crisis{_of_whom(scene)}")
    if any(_yes(scene, concept) for concept in _POISON):
        scene.tell("emergency.poison")
    scene.update(raised=disposition, raised_turn=state.raised_turn or state.turn)
    scene.note("emergency", disposition)
    record = brief.triage_record(scene.state, complete=False)
    scene.do(f"emergency:{disposition}", RaiseEmergency(brief.summary(scene.setup, scene.state), record))
    return False


def follow_up(scene: Scene) -> bool:
    """Where, which number, what has been done, anything else, goodbye."""
    state = scene.state
    if state.raised is None:
        return False
    other = state.identity.relation not in (None, "self")
    if state.hearing is Hearing.OPEN and state.identity.location is None and not _tried(scene, Goal.LOCATION):
        return scene.ask(Goal.LOCATION, f"emergency.location{'_third' if other else ''}", Expect.OPEN)
    if _ask_number(scene):
        return True
    if scene.waiting():
        return True
    _report(scene)
    asked = state.has("last words") or _tried(scene, Goal.LAST_WORDS) or in_crisis(scene)
    if not asked and state.hearing is Hearing.OPEN:
        return scene.ask(Goal.LAST_WORDS, "emergency.stay", Expect.OPEN)
    if not state.has("brief amended"):
        scene.tick("brief amended")
        summary = brief.summary(scene.setup, scene.state)
        scene.do("brief", AmendBrief(summary, brief.triage_record(scene.state, complete=True)))
        return True
    if in_crisis(scene):
        return scene.ask(Goal.LAST_WORDS, "emergency.with_you", Expect.OPEN)
    scene.tell("emergency.goodbye")
    return scene.finish("emergency told")


def in_crisis(scene: Scene) -> bool:
    """Whether this caller is one we never hang up on: somebody thinks of ending their life."""
    return scene.state.raised is not None and any(_yes(scene, concept) for concept in CRISIS)


def _ask_number(scene: Scene) -> bool:
    state = scene.state
    if state.identity.callback_number is not None or _tried(scene, Goal.EMERGENCY_NUMBER):
        return False
    number = scene.setup.caller_number
    if scene.setup.channel is Channel.PHONE and len(number) >= 4 and not state.has("caller id refused"):
        return scene.ask(Goal.EMERGENCY_NUMBER, "emergency.number_known", Expect.YES_NO, tail=" ".join(number[-4:]))
    if state.hearing is Hearing.OPEN:
        return scene.ask(Goal.CALLBACK, "emergency.number", Expect.DIGITS)
    return scene.ask(Goal.CALLBACK, "keys.number", Expect.DIGITS)


def _report(scene: Scene) -> None:
    """What was done is spoken only from what is committed."""
    for key, wanted in scene.state.deeds.items():
        if key.startswith("emergency:") and not scene.state.has("emergency reported"):
            scene.tick("emergency reported")
            scene.tell("emergency.alerted" if wanted.progress is Progress.DONE else "emergency.not_alerted")


def _instruction(scene: Scene, disposition: Disposition) -> str:
    ending = _of_whom(scene)
    crisis = any(_yes(scene, concept) for concept in CRISIS)
    if crisis and disposition is not Disposition.CALL_911:
        return f"emergency.crisis{ending}"
    if disposition is Disposition.CALL_911:
        return f"emergency.call_911{ending}"
    weeks = scene.state.facts.number("pregnant_weeks")
    if weeks is not None and weeks >= 20:
        return "emergency.labor_ward"
    return f"emergency.ed_now{ending}"


def _of_whom(scene: Scene) -> str:
    return "" if scene.state.identity.relation in (None, "self") else "_third"


def _yes(scene: Scene, concept: str) -> bool:
    return scene.state.facts.reply(concept) in (Reply.YES, Reply.UNSURE)


def _tried(scene: Scene, goal: Goal) -> bool:
    return scene.state.has(f"gave up {goal}")
