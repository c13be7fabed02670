"""A person in the conversation: rung for, present, and gone again.

    0, or asked for ──► rings (told so; stays with the assistant) ──► joined: the assistant is silent, and listens for danger
                          │ nobody                                       │ given back, or hung up
                          └──► page or callback (`identity.person`)      └──► the assistant goes on where it stood

While a person speaks with the caller nothing is said by the assistant; danger that is heard pages and alarms as ever. What was
raised in silence is told as soon as the assistant has the caller back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.contact import Channel, Expect, Hearing, Say
from careline.core.dialogue import emergency
from careline.core.dialogue.deeds import CallPerson, DeskRings, Joined, PersonLeft
from careline.core.dialogue.listen import decide, listen
from careline.core.dialogue.state import Goal, Progress

if TYPE_CHECKING:
    from careline.core.contact import Heard
    from careline.core.dialogue.scene import Scene

SERVED = "served by a person"
_RAISED = "raised in company"


def take(scene: Scene, event: DeskRings | Joined | PersonLeft) -> None:
    """News of a person. The caller is told only what is so: that it rings, who is there, that they have gone."""
    state = scene.state
    if state.finished:
        return
    match event:
        case DeskRings():
            scene.tick("desk rings")
            scene.tell("person.ringing")
        case Joined(by=by):
            scene.update(company=by, awaiting=None, silences=0)
            scene.tick("person settled")
            if scene.setup.channel is not Channel.PHONE:
                scene.tell("person.joined", name=by)
        case PersonLeft(gave_back=gave_back):
            scene.update(company="", person_wanted=not gave_back, awaiting=None)
            if not gave_back:  # whoever was with them has served them; the assistant only asks whether there is more
                scene.tick(SERVED, "health asked", "speech asked")
            if state.has(_RAISED):
                scene.update(raised=None)
                scene.state = scene.state.untick(_RAISED)
            scene.tell("person.back" if gave_back else "person.left")


def listen_along(scene: Scene, heard: Heard) -> None:
    """What the caller says to the person: danger is raised, nothing is answered."""
    before = scene.state.raised
    listen(scene, heard)
    decide(scene)
    emergency.tell(scene)
    if scene.state.raised is not before:
        scene.tick(_RAISED)
    hush(scene)


def hush(scene: Scene) -> None:
    """Take back what would have been said."""
    scene.outputs = [output for output in scene.outputs if not isinstance(output, Say)]


def attend(scene: Scene) -> bool:
    """Ring the desk before anything else is asked, and stay with the caller meanwhile; an emergency goes on in parallel. A
    caller in crisis is rung for without having asked."""
    state = scene.state
    if state.has("person settled") or not scene.setup.desk_open:
        return False
    if not state.person_wanted and not emergency.in_crisis(scene):
        return False
    key = state.person_key
    progress = scene.progress(key)
    if progress is Progress.FAILED:
        return False
    if progress is None:
        why = "caller asked for a person" if state.person_wanted else "caller in crisis"
        scene.do(key, CallPerson(why))
    elif state.raised is None and state.has("desk rings") and _why_unknown(scene):
        return scene.ask(Goal.WHY_PERSON, "person.meanwhile", Expect.OPEN)
    return state.raised is None


def nobody(scene: Scene) -> None:
    """Said as soon as it is certain, whatever question is open."""
    state = scene.state
    if state.finished or state.has("told nobody") or not (state.person_wanted or state.has("desk rings")):
        return
    scene.tick("told nobody")
    scene.tell("person.no_answer" if state.has("desk rings") else "person.nobody")
    awaiting = state.awaiting
    if awaiting is not None and awaiting.goal is Goal.WHY_PERSON:
        scene.ask(Goal.WHY_PERSON, "person.why", Expect.OPEN)


def still_ringing(scene: Scene) -> bool:
    """Silence while it rings is ours to fill, and no sign that the caller has gone."""
    if scene.progress(scene.state.person_key) is not Progress.WANTED or not scene.state.has("desk rings"):
        return False
    scene.tell("person.still_ringing")
    return True


def _why_unknown(scene: Scene) -> bool:
    state = scene.state
    if state.hearing is not Hearing.OPEN or state.has("why person asked") or state.has(f"gave up {Goal.WHY_PERSON}"):
        return False
    return not (state.open_turns and (state.symptomatic or state.errands))
