"""The embedded closed ears hear what several embedded voices say over a telephone line."""

from __future__ import annotations

import asyncio

import pytest
from speech_sounds import heard, noise, quiet, spoken

from careline.core.contact import Expect, Hearing
from careline.core.errors import TryAgain
from careline.speech.espeak import EspeakVoice
from careline.speech.keys import KeyEars
from careline.speech.pocketsphinx import ClosedSession
from careline.speech.pocketsphinx.grammar import Answer

CALLERS = {"a": "en-us+f1", "b": "en-us+f2", "c": "en-us+f3"}
ANSWERS = {
    "yes": ("yes", "yes please", "yes he does"),
    "no": ("no", "no thank you", "I don't think so"),
    "unsure": ("I'm not sure", "I don't know"),
}
SOMETHING_ELSE = (
    "where are you located",
    "I need a refill of my medicine",
    "my name is Robert Miller",
    "the pharmacy on Main Street",
    "could I make an appointment on Thursday",
)


@pytest.fixture(scope="module")
def callers(loop):
    voice = EspeakVoice(CALLERS)
    loop.run(voice.start())
    yield voice
    loop.run(voice.stop())


async def ask(ears, sound, kind=Expect.YES_NO, options=(), language="en"):
    """One question to fresh ears; the caller's answer stands in a quiet line."""
    session = await ears.listen("en", ())
    session.expect(kind, options, language)
    try:
        return (await heard(session, quiet(0.5) + sound + quiet(3.0)))[-1]
    finally:
        await session.close()


def test_yes_and_no_are_understood_and_never_turned_round(loop, ears, callers):
    right, heard_as = 0, []
    for meaning, phrases in ANSWERS.items():
        for phrase in phrases:
            for caller in "bc":
                result = loop.run(ask(ears, loop.run(spoken(callers, phrase, caller))))
                right += result.text == meaning
                heard_as.append((meaning, phrase, caller, result.text))
    turned = [each for each in heard_as if {each[0], each[3]} == {"yes", "no"}]
    assert not turned
    assert right / len(heard_as) >= 0.8, heard_as


def test_what_is_no_answer_is_not_taken_for_one(loop, ears, callers):
    results = [
        loop.run(ask(ears, loop.run(spoken(callers, phrase, caller)))) for phrase in SOMETHING_ELSE for caller in "ab"
    ]
    assert sum(result.text in ANSWERS for result in results) <= 1
    assert all(result.confidence == 0.0 for result in results if not result.text)


def test_a_menu_is_chosen_by_its_word_or_its_number(loop, ears, callers):
    options = ("appointment", "prescription", "message")
    for phrase, meaning in (("option one", "appointment"), ("option two", "prescription"), ("message", "message")):
        found = [
            loop.run(ask(ears, loop.run(spoken(callers, phrase, caller)), Expect.MENU, options)).text
            for caller in "abc"
        ]
        assert meaning in found, (phrase, found)
        assert set(found) <= {meaning, ""}


def test_free_speech_is_not_understood_but_a_red_flag_in_it_raises_the_alarm(loop, ears, callers):
    danger = "my husband has chest pain and he can't breathe and I think he is having a heart attack please call an ambulance"
    ordinary = "I would like to change my appointment on Friday because I have to work in the morning"
    raised = [loop.run(ask(ears, loop.run(spoken(callers, danger, caller)), Expect.OPEN)) for caller in CALLERS]
    assert sum(result.alarm for result in raised) >= 2
    assert {(result.text, result.confidence) for result in raised} == {("", 0.0)}
    assert not any(
        loop.run(ask(ears, loop.run(spoken(callers, ordinary, caller)), Expect.OPEN)).alarm for caller in "ab"
    )


def test_whoever_begins_to_speak_is_noticed_at_once_and_noise_is_not_speech(loop, ears, callers):
    async def begin():
        session = await ears.listen("en", ())
        session.expect(Expect.YES_NO, (), "en")
        found = await heard(session, quiet(0.5) + await spoken(callers, "yes I do", "b") + quiet(1.0))
        await session.close()
        return found

    first, *_ = loop.run(begin())
    assert not first.final
    assert 0.2 <= first.started <= 0.5  # 0.3 s from before the first loud frame is kept
    assert first.ended <= 0.85  # the word begins at 0.5; its first sound is soft

    async def only_noise():
        session = await ears.listen("en", ())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await heard(session, noise(6.0, 30))
        await session.close()

    loop.run(only_noise())


def test_spanish_is_heard_by_keys_only(loop, ears, callers):
    async def spanish():
        session = await ears.listen("en", ())
        assert session.hearing is Hearing.CLOSED
        session.expect(Expect.YES_NO, (), "es")
        assert session.hearing is Hearing.KEYS
        result = (await heard(session, quiet(0.5) + await spoken(callers, "yes", "a") + quiet(2.0)))[-1]
        await session.close()
        return result

    result = loop.run(spanish())
    assert (result.text, result.confidence) == ("", 0.0)


def test_a_recogniser_killed_at_its_work_costs_no_answer(loop, ears, callers):
    sound = loop.run(spoken(callers, "yes I am", "b"))

    async def kill_and_ask():
        session = await ears.listen("en", ())
        session.expect(Expect.YES_NO, (), "en")
        asked = asyncio.create_task(heard(session, quiet(0.5) + sound + quiet(1.0)))
        while not (busy := [child for child in ears.pool.children if child.busy]):
            await asyncio.wait([asked], timeout=0.001)
        busy[0].kill()
        result = (await asked)[-1]
        await session.close()
        return result

    assert loop.run(kill_and_ask()).text == "yes"


def test_ears_that_fail_say_that_they_have_gone(loop, callers):
    async def away(_listen) -> Answer:
        raise TryAgain("gone")

    async def listen():
        session = ClosedSession(away, "en")
        session.expect(Expect.YES_NO, (), "en")
        sound = quiet(0.5) + await spoken(callers, "yes I am", "a") + quiet(1.0)
        with pytest.raises(TryAgain):
            await heard(session, sound)

    loop.run(listen())


def test_ears_for_keys_notice_speech_without_its_words(loop, callers):
    result = loop.run(ask(KeyEars(), loop.run(spoken(callers, "I would like to speak with the nurse please", "a"))))
    assert (result.text, result.confidence, result.final) == ("", 0.0, True)
