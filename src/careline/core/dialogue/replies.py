"""Reads the reply to the question that is open. One reader per goal; each says whether it understood.

A reply that was not understood is asked for again, twice at most; then not knowing becomes the answer, with its consequence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from careline.core import language
from careline.core.clinical import Fact, Quote, Reply
from careline.core.contact import Expect
from careline.core.dialogue.deeds import Asked
from careline.core.dialogue.listen import settle_fact
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

def read_reply(scene: Scene, heard: Heard, understood: Understanding) -> None:
    """Give the turn to the open question's reader. Closes the question, or leaves it open to be asked again."""
    awaiting = scene.state.awaiting
    if awaiting is None:
        return
    if READERS[awaiting.goal](scene, heard, understood):
        scene.update(awaiting=None, misheard=0)
        return
    tries = awaiting.tries + 1
    scene.update(misheard=scene.state.misheard + 1)
    if tries >= _MOST_TRIES:
        if awaiting.goal is Goal.FACT:
            _answer(scene, None, heard)
        scene.tick(f"gave up {awaiting.goal}")
        scene.update(awaiting=None)
        _give_up(scene)
    else:
        scene.update(awaiting=replace(awaiting, tries=tries))
        _ask_again(scene)


def yes_no(scene: Scene, heard: Heard) -> Reply | None:
    if heard.keys:
        return _KEY_REPLY.get(heard.keys[-1])
    return language.reply(scene.setup.lexicons, heard.text, scene.state.language)


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


def _fact(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    awaiting = scene.state.awaiting
    if awaiting is None or awaiting.question is None:
        return True
    question = awaiting.question
    known = scene.state.facts.get(question.concept)
    value: Reply | float | str | None
    if question.kind == "number":
        value = scene.state.facts.number(question.concept)
        if value is None:
            value = language.number(scene.setup.lexicons, heard.keys or heard.text, scene.state.language, question.concept)
    elif question.kind == "choice":
        value = language.choice(scene.setup.lexicons, heard.text, question.concept, scene.state.language)
        value = value or (str(known.value) if known else None)
    else:
        value = yes_no(scene, heard)
        if known is not None and known.value is Reply.YES:
            value = Reply.YES
    if value is None and awaiting.tries + 1 < _MOST_TRIES and heard.confidence > 0 and not _shrug(scene, heard):
        return False
    _answer(scene, value, heard)
    return True


def _shrug(scene: Scene, heard: Heard) -> bool:
    """ "I don't know" to a question that wants a number or a choice."""
    return language.reply(scene.setup.lexicons, heard.text, scene.state.language) is not None


def _answer(scene: Scene, value: Reply | float | str | None, heard: Heard) -> None:
    awaiting = scene.state.awaiting
    if awaiting is None or awaiting.question is None:
        return
    question = awaiting.question
    text = heard.text or heard.keys
    quote = Quote(scene.state.turn, 0, len(text), text)
    if value is None and question.kind == "flag":
        value = Reply.UNSURE
    if value is not None:
        settle_fact(scene, question.concept, value, (quote,))
    asked = Asked(question.id, awaiting.words, value, quote, question.protocol)
    scene.update(asked=(*scene.state.asked, asked))


def _story(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    told = len(scene.state.open_turns)
    if _nothing_more(scene, heard, understood) or told > _OPEN_PROMPTS:
        scene.tick("story")
    return True


def _nothing_more(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    if "done" in understood.commands:
        return True
    no = language.reply(scene.setup.lexicons, heard.text, scene.state.language) is Reply.NO
    return not heard.text.strip() or (no and not understood.findings and not understood.intents)


def _opening(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    return True


def _health(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    reply = yes_no(scene, heard)
    if reply is None:
        return False
    scene.tick("health asked")
    if reply is not Reply.NO:
        scene.update(symptomatic=True)
        scene.tick("health unclear")
    return True


def _language(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    chosen = {"1": "en", "2": "es"}.get(heard.keys[-1:]) or understood.language
    if chosen:
        scene.update(language=chosen)
        scene.tick("language")
    return bool(chosen)


def _consent(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    reply = yes_no(scene, heard)
    if reply is None:
        return False
    scene.record(on=reply is Reply.YES, delete=reply is not Reply.YES)
    scene.note("consent", reply)
    return True


def _text_into(field: str) -> Callable[[Scene, Heard, Understanding], bool]:
    def read(scene: Scene, heard: Heard, understood: Understanding) -> bool:
        text = heard.text.strip()
        if not text:
            return False
        if field.endswith("name"):
            text = language.name(scene.setup.lexicons, text, scene.state.language) or text
        scene.update(identity=replace(scene.state.identity, **{field: Private(text)}))
        return True

    return read


def _for_whom(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    relation = understood.relation or scene.state.identity.relation
    if relation is None:
        relation = language.relation(scene.setup.lexicons, heard.text, scene.state.language)
    if relation is None:
        return False
    scene.update(identity=replace(scene.state.identity, relation=relation))
    return True


def _birth(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    text = heard.keys or heard.text
    born = language.date_of_birth(scene.setup.lexicons, text, scene.state.language, scene.now.date())
    if born is None:
        return False
    scene.update(identity=replace(scene.state.identity, date_of_birth=born))
    if scene.state.facts.number("age") is None:
        years = (scene.now.date() - born).days / 365.25
        settle_fact(scene, "age", round(years, 2))
    return True


def _number(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    digits = language.phone_number(scene.setup.lexicons, heard.keys or heard.text, scene.state.language)
    if digits is None:
        return False
    scene.update(identity=replace(scene.state.identity, callback_number=Private(digits)))
    return True


def _number_known(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    other = language.phone_number(scene.setup.lexicons, heard.keys or heard.text, scene.state.language)
    if other is not None:
        return _number(scene, heard, understood)
    reply = yes_no(scene, heard)
    if reply is Reply.YES:
        number = Private(scene.setup.caller_number)
        scene.update(identity=replace(scene.state.identity, callback_number=number))
        scene.tick("number read back")
    elif reply is not None:
        scene.tick("caller id refused")
    return reply is not None


def _number_back(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    reply = yes_no(scene, heard)
    if reply is Reply.NO:
        scene.update(identity=replace(scene.state.identity, callback_number=None))
    elif reply is not None:
        scene.tick("number read back")
    return reply is not None


def _state(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    found = language.us_state(scene.setup.lexicons, heard.text, scene.state.language)
    where = Private(heard.text.strip())
    scene.update(identity=replace(scene.state.identity, state=found, location=where))
    scene.tick("state asked")
    return True


def _safe(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    reply = yes_no(scene, heard)
    if reply is None:
        return False
    safe = reply is Reply.YES
    identity = scene.state.identity
    scene.update(identity=replace(identity, safe_to_call=safe, safe_to_text=safe, safe_to_leave_message=safe))
    return True


def _detail(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    awaiting = scene.state.awaiting
    if awaiting is None or not heard.text.strip():
        return False
    kind, _, field = awaiting.detail.partition(":")
    errands = tuple(
        replace(errand, details=(*errand.details, (field, Private(heard.text.strip()))))
        if errand.intent.kind == kind and not errand.settled
        else errand
        for errand in scene.state.errands
    )
    scene.update(errands=errands)
    return True


def _speak(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    scene.tick("spoken freely")
    return True


def _last_words(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    scene.tick("last words")
    return True


def _why_person(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    scene.tick("why person asked")
    if heard.text.strip():
        scene.update(open_turns=(*scene.state.open_turns, heard.text))
    return True


def _readback(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    reply = yes_no(scene, heard)
    if reply is None:
        return False
    scene.tick("read back")
    if reply is Reply.NO:
        scene.tick("correct")
    return True


def _correction(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    scene.update(open_turns=(*scene.state.open_turns, heard.text))
    scene.state = scene.state.untick("correct")
    return True


def _anything_else(scene: Scene, heard: Heard, understood: Understanding) -> bool:
    if _nothing_more(scene, heard, understood):
        scene.tick("nothing else")
    else:
        scene.state = scene.state.untick("read back")
    return True


READERS: Mapping[Goal, Callable[[Scene, Heard, Understanding], bool]] = {
    Goal.LANGUAGE: _language,
    Goal.CONSENT: _consent,
    Goal.OPENING: _opening,
    Goal.HEALTH: _health,
    Goal.STORY: _story,
    Goal.CLARIFY: _opening,
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
    Goal.READBACK: _readback,
    Goal.CORRECTION: _correction,
    Goal.ANYTHING_ELSE: _anything_else,
}
