"""What to say or do next: the first move in the list that has something to do. Each returns True when the step ends with it.

A move looks only at the state, so whatever the caller volunteered is never asked again and an interrupted contact goes on
where it stood. The order is the order of care: greeting, danger, a person, the story, the questions, who is calling, the
errands, delivery, and only then goodbye.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from careline.core import triage
from careline.core.clinical import Level
from careline.core.contact import Channel, Expect, Hearing
from careline.core.dialogue import company, delivery, doubt, emergency, identity, memory
from careline.core.dialogue.brief import disposition
from careline.core.dialogue.listen import unwell
from careline.core.dialogue.state import Goal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from careline.core.dialogue.scene import Scene
    from careline.core.triage import Question


def next_move(scene: Scene) -> None:
    """Make the next move, unless the contact is over, a question is open, or the world has yet to answer."""
    if scene.state.finished or scene.state.awaiting is not None or scene.state.company:
        return
    moves = OPEN_MOVES if scene.state.hearing is Hearing.OPEN else CLOSED_MOVES
    for move in moves:
        if move(scene):
            return


def hello(scene: Scene) -> bool:
    """The first ten seconds: whose line this is, and what to do in an emergency."""
    state = scene.state
    if state.has("hello"):
        return False
    scene.tick("hello")
    practice = scene.setup.practice
    scene.record()
    scene.tell_text("greeting.practice", practice.greeting.get(state.language) or practice.name)
    scene.tell("greeting.emergency")
    return False


def greet(scene: Scene) -> bool:
    """That an assistant answers, that the call is recorded, and in which languages."""
    state = scene.state
    if state.has("greeted"):
        return False
    scene.tick("greeted")
    practice = scene.setup.practice
    phone = scene.setup.channel is Channel.PHONE
    scene.tell("greeting.assistant")
    if phone and scene.setup.recorded and not scene.setup.ask_consent:
        scene.tell("greeting.recorded")
    elif not phone:
        scene.tell("greeting.written")
    if len(practice.languages) > 1 and state.hearing is Hearing.OPEN:
        scene.tell("greeting.languages" if phone else "greeting.languages_chat")
    if phone and scene.setup.recorded and scene.setup.ask_consent:
        return scene.ask(Goal.CONSENT, "consent.record", Expect.YES_NO)
    return False


def consent_elsewhere(scene: Scene) -> bool:
    """Where they say they are may want all parties to agree, though their number did not tell so."""
    setup, said = scene.setup, scene.state.identity.state
    if setup.law is None or said is None or setup.ask_consent or scene.state.has("not recording"):
        return False
    if (
        scene.state.has("consent asked")
        or not setup.law.need(setup.practice.state, setup.caller_number, said).all_parties
    ):
        return False
    scene.tick("consent asked")
    return setup.channel is Channel.PHONE and scene.ask(Goal.CONSENT, "consent.elsewhere", Expect.YES_NO)


def opening(scene: Scene) -> bool:
    if scene.state.has("opened"):
        return False
    scene.tick("opened")
    return scene.ask(Goal.OPENING, "open.how_help", Expect.OPEN)


def wait_for_deeds(scene: Scene) -> bool:
    """Nothing is claimed, asked or closed while a deed is on its way (emergencies go on: nothing there waits for a form)."""
    return scene.waiting()


def comfort(scene: Scene) -> bool:
    if scene.state.distress and not scene.state.has("comforted"):
        scene.tick("comforted")
        scene.tell("empathy.fear")
    return False


def story(scene: Scene) -> bool:
    """Let them tell it: open questions first, until they say that this is all."""
    state = scene.state
    if not state.symptomatic or state.has("story"):
        return False
    told = len(state.open_turns)
    key = "open.symptom" if told <= 1 else "open.more" if told == 2 else "open.more_short"
    return scene.ask(Goal.STORY, key, Expect.OPEN)


def questions(scene: Scene) -> bool:
    state = scene.state
    if not state.symptomatic or state.has("asked enough"):
        return False
    question = _next_question(scene)
    if question is None:
        scene.tick("asked enough")
        return False
    expect = {"flag": Expect.YES_NO, "choice": Expect.MENU}.get(question.kind, Expect.DIGITS)
    text = question.words.get(state.language) or next(iter(question.words.values()))
    return scene.ask(
        Goal.FACT, f"fact.{question.concept}", expect, detail=question.id, text=text, question=question,
        options=question.choices,
    )  # fmt: skip


def _next_question(scene: Scene) -> Question | None:
    state, setup = scene.state, scene.setup
    done = {asked.question for asked in state.asked}
    for question in triage.screen(
        setup.library, state.facts, settings=setup.practice.settings, packs=setup.practice.packs
    ):
        if question.id not in done and (state.hearing is Hearing.OPEN or _by_keys(question)):
            return question
    if state.hearing is not Hearing.OPEN:
        return None
    return triage.next_question(
        setup.library, state.facts, done, settings=setup.practice.settings, packs=setup.practice.packs
    )


def unclear(scene: Scene) -> bool:
    """Neither a symptom nor an errand was understood: ask once more openly, then plainly whether somebody is unwell."""
    state = scene.state
    if state.symptomatic or state.errands or state.person_wanted or state.has("errand other"):
        return False
    if not state.has("clarified"):
        scene.tick("clarified")
        return scene.ask(Goal.CLARIFY, "open.clarify", Expect.OPEN)
    if not state.has("health asked") and not state.has(f"gave up {Goal.HEALTH}"):
        return scene.ask(Goal.HEALTH, "health.about", Expect.YES_NO)
    if state.has(f"gave up {Goal.HEALTH}"):
        unwell(scene)
        return questions(scene)
    scene.tick("errand other")
    return False


# ---------------------------------------------------------------- closed ears and keys


def _by_keys(question: Question) -> bool:
    """With closed ears only the danger questions are asked; whether somebody is pregnant would need weeks to follow."""
    return question.danger and not question.concept.endswith(("pregnant_or_recent", "pregnant"))


def choose_language(scene: Scene) -> bool:
    if scene.state.has("language") or scene.state.has(f"gave up {Goal.LANGUAGE}"):
        return False
    if len(scene.setup.practice.languages) < 2:
        scene.tick("language")
        return False
    return scene.ask(Goal.LANGUAGE, "keys.language", Expect.MENU, options=("english", "spanish"))


def health(scene: Scene) -> bool:
    state = scene.state
    if state.symptomatic or state.has("health asked"):
        return False
    if state.has(f"gave up {Goal.HEALTH}"):
        unwell(scene)
        scene.tick("health asked")
        return False
    return scene.ask(Goal.HEALTH, "health.about", Expect.YES_NO)


def speak_freely(scene: Scene) -> bool:
    """Speech these ears cannot understand is recorded for a person to hear; that person is then a clinician if somebody is
    unwell, because nobody has understood yet what was said."""
    if scene.state.has("speech asked"):
        return False
    scene.tick("speech asked", "free speech", "errand other")
    return scene.ask(Goal.SPEAK, "keys.speak", Expect.OPEN)


def anything_else(scene: Scene) -> bool:
    state = scene.state
    if state.has("nothing else"):
        return False
    level = disposition(state).level
    if level is Level.EMERGENCY:
        return False
    scene.update(errands=tuple(replace(errand, settled=True) for errand in state.errands))
    return scene.ask(Goal.ANYTHING_ELSE, "open.anything_else", Expect.OPEN)


OPEN_MOVES: Sequence[Callable[[Scene], bool]] = (
    hello,
    greet,
    doubt.ask,
    emergency.tell,
    company.attend,
    opening,
    comfort,
    emergency.follow_up,
    wait_for_deeds,
    delivery.wrong_number,
    identity.person,
    story,
    questions,
    unclear,
    identity.who,
    consent_elsewhere,
    memory.recall,
    memory.go_on,
    delivery.errands,
    delivery.read_back,
    delivery.deliver,
    delivery.results,
    anything_else,
    delivery.goodbye,
)

CLOSED_MOVES: Sequence[Callable[[Scene], bool]] = (
    hello,
    emergency.tell,
    company.attend,
    choose_language,
    greet,
    emergency.follow_up,
    wait_for_deeds,
    identity.person,
    health,
    questions,
    speak_freely,
    identity.number_only,
    identity.birth_by_keys,
    memory.recall,
    memory.go_on,
    delivery.deliver,
    delivery.results,
    delivery.goodbye,
)
