"""Who is calling, for whom, and how to reach them again; and the caller's standing right to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.contact import Channel, Expect, Hearing
from careline.core.dialogue import company, delivery
from careline.core.dialogue.state import Goal

if TYPE_CHECKING:
    from careline.core.dialogue.scene import Scene


def person(scene: Scene) -> bool:
    """Nobody has come (`company.attend` rings the desk): a page if there are symptoms or the caller will not say why, otherwise
    a callback with a stated time."""
    state = scene.state
    if not state.person_wanted or state.has("person settled"):
        return False
    company.nobody(scene)
    state = scene.state
    words_known = bool(state.open_turns) and (state.symptomatic or bool(state.errands))
    if not words_known and not state.has("why person asked") and state.hearing is Hearing.OPEN:
        return scene.ask(Goal.WHY_PERSON, "person.why", Expect.OPEN)
    if not state.symptomatic and not state.errands:
        said_why = len(scene.state.open_turns) > 1 or (bool(scene.state.open_turns) and state.has("why person asked"))
        scene.tick("errand other" if said_why else "health unclear")
        if not said_why:
            scene.update(symptomatic=True)
            scene.tick("story", "asked enough")
    scene.tick("person settled")
    return False


def who(scene: Scene) -> bool:
    """Name, for whom, date of birth, number (read back), and for somebody unwell where they are and what is safe."""
    state = scene.state
    if not delivery.needs_person(state):
        return False
    known = state.identity
    if known.caller_name is None and not _tried(scene, Goal.CALLER_NAME):
        return scene.ask(Goal.CALLER_NAME, "identity.caller_name", Expect.NAME)
    if known.relation is None and not _tried(scene, Goal.FOR_WHOM):
        return scene.ask(Goal.FOR_WHOM, "identity.for_whom", Expect.OPEN)
    if known.relation not in (None, "self") and known.patient_name is None and not _tried(scene, Goal.PATIENT_NAME):
        return scene.ask(Goal.PATIENT_NAME, "identity.patient_name", Expect.NAME)
    if known.date_of_birth is None and not _tried(scene, Goal.BIRTH):
        return scene.ask(Goal.BIRTH, "identity.birth", Expect.DATE)
    if _number(scene):
        return True
    if state.symptomatic and known.location is None and not state.has("state asked"):
        return scene.ask(Goal.STATE, "identity.state", Expect.OPEN)
    if state.symptomatic and known.safe_to_call is None and not _tried(scene, Goal.SAFE):
        return scene.ask(Goal.SAFE, "identity.safe", Expect.YES_NO)
    return False


def number_only(scene: Scene) -> bool:
    """With closed ears a number by keys is all that can be taken; the rest is in the recording. Whoever was served by a person
    need not leave one."""
    if scene.state.has(company.SERVED) and not scene.state.symptomatic:
        return False
    return _number(scene)


def birth_by_keys(scene: Scene) -> bool:
    """Asked of whoever somebody must get back to: with the number it tells one patient from another."""
    known = scene.state.identity
    if known.date_of_birth is not None or _tried(scene, Goal.BIRTH) or not delivery.needs_person(scene.state):
        return False
    return scene.ask(Goal.BIRTH, "keys.birth", Expect.DIGITS)


def _number(scene: Scene) -> bool:
    state, setup = scene.state, scene.setup
    number = state.identity.callback_number
    if number is None:
        if _tried(scene, Goal.CALLBACK):
            return False
        from_network = setup.channel is Channel.PHONE and sum(letter.isdigit() for letter in setup.caller_number) >= 7
        if from_network and not state.has("caller id refused") and not _tried(scene, Goal.CALLBACK_KNOWN):
            tail = " ".join(setup.caller_number[-4:])
            return scene.ask(Goal.CALLBACK_KNOWN, "identity.callback_known", Expect.YES_NO, tail=tail)
        key = "identity.callback" if state.hearing is Hearing.OPEN else "keys.number"
        return scene.ask(Goal.CALLBACK, key, Expect.DIGITS)
    if not state.has("number read back") and not _tried(scene, Goal.CALLBACK_BACK):
        digits = " ".join(letter for letter in number.reveal() if letter.isdigit())
        return scene.ask(Goal.CALLBACK_BACK, "identity.callback_back", Expect.YES_NO, digits=digits)
    return False


def _tried(scene: Scene, goal: Goal) -> bool:
    return scene.state.has(f"gave up {goal}")
