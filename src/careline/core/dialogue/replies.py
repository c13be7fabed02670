"""Reads the reply to the question that is open. One reader per goal; each says whether it understood.

A reply that was not understood is asked for again, twice at most; then not knowing becomes the answer, with its consequence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from careline.core import language
from careline.core.clinical import Quote, Reply
from careline.core.contact import Expect
from careline.core.dialogue.deeds import Asked
from careline.core.dialogue.listen import MOST_CHARACTERS, answer, learn, unwell
from careline.core.dialogue.state import Goal
from careline.core.people import Private

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from careline.core.contact import Heard
    from careline.core.dialogue.scene import Scene
    from careline.core.language import Understanding

_KEY_REPLY = {"1": Reply.YES, "2": Reply.NO, "3": Reply.UNSURE}
_MOST_TRIES = 2
_OPEN_PROMPTS = 4


@dataclass(frozen=True, slots=True)
class Turn:
    """One caller's turn as heard and as understood."""

    heard: Heard
    understood: Understanding


def read_reply(scene: Scene, turn: Turn) -> None:
    """Give the turn to the open question's reader. Closes the question, or leaves it open to be asked again."""
    awaiting = scene.state.awaiting
    if awaiting is None:
        return
    if READERS[awaiting.goal](scene, turn):
        scene.update(awaiting=None, misheard=0)
        return
    tries = awaiting.tries + 1
    scene.update(misheard=scene.state.misheard + 1)
    if tries >= _MOST_TRIES:
        if awaiting.goal is Goal.FACT:
            _answer(scene, None, turn)
        if awaiting.goal is Goal.CONSENT:
            scene.record(on=False)  # who was asked and has not agreed is not recorded
        scene.tick(f"gave up {awaiting.goal}")
        scene.update(awaiting=None)
        _give_up(scene)
    else:
        scene.update(awaiting=replace(awaiting, tries=tries))
        _ask_again(scene)


def yes_no(scene: Scene, turn: Turn) -> Reply | None:
    if turn.heard.keys:
        return _KEY_REPLY.get(turn.heard.keys[-1])
    return language.reply(scene.setup.lexicons, turn.heard.text, scene.state.language)


def _ask_again(scene: Scene) -> None:
    awaiting = scene.state.awaiting
    if awaiting is None:
        return
    if awaiting.expect is Expect.YES_NO:
        text = f"{scene.words('ask.yes_no_again')} {awaiting.words}"
    elif awaiting.goal in (Goal.CALLBACK, Goal.EMERGENCY_NUMBER):
        text = scene.words("identity.again_number")
    elif awaiting.goal is Goal.BIRTH:
        text = scene.words("identity.again_birth")
    else:
        text = f"{scene.words('open.repeat_slowly')} {awaiting.words}"
    scene.ask(awaiting.goal, "again", awaiting.expect, detail=awaiting.detail, text=text, question=awaiting.question)


def _give_up(scene: Scene) -> None:
    """Not understood twice: the ears step down by their owner, the question gets "unknown", and a person is offered."""
    if not scene.state.has("offered person"):
        scene.tick("offered person")
        scene.tell("open.repeat_person")


# ---------------------------------------------------------------- readers


def _fact(scene: Scene, turn: Turn) -> bool:
    awaiting = scene.state.awaiting
    if awaiting is None or awaiting.question is None:
        return True
    question = awaiting.question
    known = scene.state.facts.get(question.concept)
    value: Reply | float | str | None
    if question.kind == "number":
        value = scene.state.facts.number(question.concept)
        if value is None:
            value = language.number(
                scene.setup.lexicons, turn.heard.keys or turn.heard.text, scene.state.language, question.concept
            )
    elif question.kind == "choice":
        value = language.choice(scene.setup.lexicons, turn.heard.text, question.concept, scene.state.language)
        value = value or (str(known.value) if known else None)
    else:
        value = yes_no(scene, turn)
        if known is not None and known.value is Reply.YES:
            value = Reply.YES
    if value is None and not _shrug(scene, turn):
        return False
    _answer(scene, value, turn)
    return True


def _shrug(scene: Scene, turn: Turn) -> bool:
    """ "I don't know" to a question that wants a number or a choice."""
    return language.reply(scene.setup.lexicons, turn.heard.text, scene.state.language) is not None


def _answer(scene: Scene, value: Reply | float | str | None, turn: Turn) -> None:
    awaiting = scene.state.awaiting
    if awaiting is None or awaiting.question is None:
        return
    question = awaiting.question
    text = turn.heard.text or turn.heard.keys
    quote = Quote(scene.state.turn, 0, len(text), text)
    value = Reply.UNSURE if value is None else value
    answer(scene, question, value, (quote,))
    asked = Asked(question.id, awaiting.words, value, quote, question.protocol)
    scene.update(asked=(*scene.state.asked, asked))


def _story(scene: Scene, turn: Turn) -> bool:
    if _nothing_more(scene, turn):
        scene.tick("story")
        return True
    _take_words(scene, turn)
    if len(scene.state.open_turns) > _OPEN_PROMPTS:
        scene.tick("story")
    return True


def _take_words(scene: Scene, turn: Turn) -> None:
    """Keep free speech as the caller's reason, word for word."""
    text = turn.heard.text.strip()[:MOST_CHARACTERS]
    if text:
        scene.update(open_turns=(*scene.state.open_turns, text))


def _nothing_more(scene: Scene, turn: Turn) -> bool:
    if any(command.kind == "goodbye" for command in turn.understood.commands):
        return True
    no = language.reply(scene.setup.lexicons, turn.heard.text, scene.state.language) is Reply.NO
    return not turn.heard.text.strip() or (no and not turn.understood.findings and not turn.understood.intents)


def _opening(scene: Scene, turn: Turn) -> bool:
    _take_words(scene, turn)
    return True


def _clarify(scene: Scene, turn: Turn) -> bool:
    if not _nothing_more(scene, turn):
        _take_words(scene, turn)
    return True


def _health(scene: Scene, turn: Turn) -> bool:
    reply = yes_no(scene, turn)
    if reply is None:
        return False
    scene.tick("health asked")
    if reply is not Reply.NO:
        unwell(scene)
    return True


def _language(scene: Scene, turn: Turn) -> bool:
    chosen = {"1": "en", "2": "es"}.get(turn.heard.keys[-1:]) or turn.understood.language
    if chosen:
        scene.update(language=chosen)
        scene.tick("language")
    return bool(chosen)


def _consent(scene: Scene, turn: Turn) -> bool:
    reply = yes_no(scene, turn)
    if reply is None:
        return False
    if reply is Reply.YES:
        scene.note("consent", "given")
    else:
        scene.record(on=False)
    return True


def _text_into(field: str) -> Callable[[Scene, Turn], bool]:
    def read(scene: Scene, turn: Turn) -> bool:
        text = turn.heard.text.strip()
        if not text:
            return False
        if field.endswith("name"):
            text = language.name(scene.setup.lexicons, text, scene.state.language) or text
        scene.update(identity=replace(scene.state.identity, **{field: Private(text)}))
        return True

    return read


def _for_whom(scene: Scene, turn: Turn) -> bool:
    relation = turn.understood.relation or scene.state.identity.relation
    if relation is None:
        relation = language.relation(scene.setup.lexicons, turn.heard.text, scene.state.language)
    if relation is None:
        return False
    scene.update(identity=replace(scene.state.identity, relation=relation))
    return True


def _birth(scene: Scene, turn: Turn) -> bool:
    if turn.heard.keys == "#":  # nothing keyed: they do not know it, or would rather not
        scene.tick(f"gave up {Goal.BIRTH}")
        return True
    text = turn.heard.keys or turn.heard.text
    born = language.date_of_birth(scene.setup.lexicons, text, scene.state.language, scene.now.date())
    if born is None:
        return False
    scene.update(identity=replace(scene.state.identity, date_of_birth=born))
    years = (scene.now.date() - born).days / 365.25
    learn(scene, "age", round(years, 2))
    return True


def _number(scene: Scene, turn: Turn) -> bool:
    digits = language.phone_number(scene.setup.lexicons, turn.heard.keys or turn.heard.text, scene.state.language)
    if digits is None:
        return False
    scene.update(identity=replace(scene.state.identity, callback_number=Private(digits)))
    return True


def _number_known(scene: Scene, turn: Turn) -> bool:
    other = language.phone_number(scene.setup.lexicons, turn.heard.keys or turn.heard.text, scene.state.language)
    if other is not None:
        return _number(scene, turn)
    reply = yes_no(scene, turn)
    if reply is Reply.YES:
        number = Private(scene.setup.caller_number)
        scene.update(identity=replace(scene.state.identity, callback_number=number))
        scene.tick("number read back")
    elif reply is not None:
        scene.tick("caller id refused")
    return reply is not None


def _number_back(scene: Scene, turn: Turn) -> bool:
    reply = yes_no(scene, turn)
    if reply is Reply.NO:
        scene.update(identity=replace(scene.state.identity, callback_number=None))
    elif reply is not None:
        scene.tick("number read back")
    return reply is not None


def _state(scene: Scene, turn: Turn) -> bool:
    found = language.us_state(scene.setup.lexicons, turn.heard.text, scene.state.language)
    where = Private(turn.heard.text.strip())
    scene.update(identity=replace(scene.state.identity, state=found, location=where))
    scene.tick("state asked")
    return True


def _safe(scene: Scene, turn: Turn) -> bool:
    reply = yes_no(scene, turn)
    if reply is None:
        return False
    safe = reply is Reply.YES
    identity = scene.state.identity
    scene.update(identity=replace(identity, safe_to_call=safe, safe_to_text=safe, safe_to_leave_message=safe))
    return True


def _detail(scene: Scene, turn: Turn) -> bool:
    awaiting = scene.state.awaiting
    if awaiting is None or not turn.heard.text.strip():
        return False
    kind, _, field = awaiting.detail.partition(":")
    errands = tuple(
        replace(errand, details=(*errand.details, (field, Private(turn.heard.text.strip()))))
        if errand.intent.kind == kind and not errand.settled
        else errand
        for errand in scene.state.errands
    )
    scene.update(errands=errands)
    return True


def _speak(scene: Scene, turn: Turn) -> bool:
    _take_words(scene, turn)
    return True


def _last_words(scene: Scene, turn: Turn) -> bool:
    scene.tick("last words")
    if not _nothing_more(scene, turn):
        _take_words(scene, turn)
    return True


def _why_person(scene: Scene, turn: Turn) -> bool:
    scene.tick("why person asked")
    _take_words(scene, turn)
    return True


def _same_matter(scene: Scene, turn: Turn) -> bool:
    """ "Yes" joins the open matter; whoever rang only to ask about it is screened again like anybody who is unwell."""
    awaiting, reply = scene.state.awaiting, yes_no(scene, turn)
    if awaiting is None or reply is None:
        return False
    scene.tick("same matter")
    if reply is Reply.YES:
        if not scene.state.symptomatic:
            learn(scene, "other_symptom", Reply.YES)
        scene.update(thread=awaiting.detail, symptomatic=True)
    return True


def _worse(scene: Scene, turn: Turn) -> bool:
    reply = yes_no(scene, turn)
    if reply is None:
        return False
    scene.tick("worse asked")
    scene.update(worse=reply is not Reply.NO)
    return True


def _readback(scene: Scene, turn: Turn) -> bool:
    reply = yes_no(scene, turn)
    if reply is None:
        return False
    scene.tick("read back")
    if reply is Reply.NO:
        scene.tick("correct")
    return True


def _correction(scene: Scene, turn: Turn) -> bool:
    _take_words(scene, turn)
    scene.state = scene.state.untick("correct")
    return True


def _anything_else(scene: Scene, turn: Turn) -> bool:
    if _nothing_more(scene, turn):
        scene.tick("nothing else")
    else:
        _take_words(scene, turn)
        scene.state = scene.state.untick("read back")
    return True


READERS: Mapping[Goal, Callable[[Scene, Turn], bool]] = {
    Goal.LANGUAGE: _language,
    Goal.CONSENT: _consent,
    Goal.OPENING: _opening,
    Goal.HEALTH: _health,
    Goal.NOW: _clarify,  # `doubt` has read it already: whatever was said was the answer
    Goal.STORY: _story,
    Goal.CLARIFY: _clarify,
    Goal.FACT: _fact,
    Goal.LOCATION: _text_into("location"),
    Goal.EMERGENCY_NUMBER: _number_known,
    Goal.LAST_WORDS: _last_words,
    Goal.WHY_PERSON: _why_person,
    Goal.DETAIL: _detail,
    Goal.SPEAK: _speak,
    Goal.CALLER_NAME: _text_into("caller_name"),
    Goal.FOR_WHOM: _for_whom,
    Goal.PATIENT_NAME: _text_into("patient_name"),
    Goal.BIRTH: _birth,
    Goal.CALLBACK: _number,
    Goal.CALLBACK_KNOWN: _number_known,
    Goal.CALLBACK_BACK: _number_back,
    Goal.STATE: _state,
    Goal.SAFE: _safe,
    Goal.SAME_MATTER: _same_matter,
    Goal.WORSE: _worse,
    Goal.READBACK: _readback,
    Goal.CORRECTION: _correction,
    Goal.ANYTHING_ELSE: _anything_else,
}
