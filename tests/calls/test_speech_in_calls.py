"""Calls with the real embedded voice and ears, in real time: understood, interrupted, and carried on when a child is killed."""

from __future__ import annotations

import asyncio

import pytest
import uvloop
from calls_telephone import Call, loud

from careline.calls.audio import AudioConversation
from careline.calls.mouth import SoundCache
from careline.core.contact import Expect, Heard, Say, Spoken
from careline.speech.espeak import EspeakVoice
from careline.speech.pocketsphinx import PocketsphinxEars
from careline.testing.legs import MemoryLeg

QUESTION = Say("q", "Is this about your health?", "en", expect=Expect.YES_NO)
LONG = Say(
    "s", "We are open on weekdays from eight in the morning until five in the afternoon, at the usual place.", "en"
)


@pytest.fixture(scope="module")
def loop():
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner


@pytest.fixture(scope="module")
def house(loop):
    """Ears and a voice of the house, and a caller's voice."""
    ears, voice, caller = PocketsphinxEars(2), EspeakVoice(), EspeakVoice({"en": "en-us+f2"})

    async def start():
        await asyncio.gather(ears.start(), voice.start(), caller.start())

    async def stop():
        await asyncio.gather(ears.stop(), voice.stop(), caller.stop())

    loop.run(start())
    yield ears, voice, caller
    loop.run(stop())


async def words(caller: EspeakVoice, text: str) -> bytes:
    return b"".join([pcm async for pcm in caller.render(text, "en", 1.0)])


async def ring(house, talk) -> None:
    ears, voice, caller = house
    leg = MemoryLeg()
    conversation = AudioConversation(leg, ears, voice, SoundCache())
    await conversation.start("en")
    it = Call(conversation, leg, voice)
    gathering = asyncio.create_task(it.gather())
    try:
        await talk(it, caller)
    finally:
        leg.person.hang_up()
        await asyncio.wait([gathering], timeout=2)
        gathering.cancel()
        await conversation.close()


def test_a_spoken_yes_is_heard_and_answered(loop, house):
    async def talk(it, caller):
        yes, no = await words(caller, "yes"), await words(caller, "no thank you")
        await it.conversation.say(QUESTION)
        await it.told(Spoken)
        await it.person.say(yes)
        heard = await it.told(Heard)
        assert heard.text == "yes"
        assert it.leg.now - heard.ended < 1.0, "the answer is known soon after the caller has finished"
        await it.conversation.say(QUESTION)
        await it.told(Spoken, 2)
        await it.person.say(no)
        assert (await it.told(Heard, 2)).text == "no"

    loop.run(ring(house, talk))


def test_a_caller_who_speaks_stops_us(loop, house):
    async def talk(it, caller):
        await it.conversation.say(LONG)
        assert loud(await it.person.listen(1.0))
        it.person.say_now(await words(caller, "Sorry, I need something else"))
        await it.person.listen(0.7)
        assert not loud(await it.person.listen(0.3))
        assert 0 < (await it.told(Spoken)).upto < len(LONG.text)

    loop.run(ring(house, talk))


def test_killing_a_recogniser_and_the_voice_in_mid_sentence_does_not_end_the_call(loop, house):
    ears, voice, _ = house

    async def talk(it, caller):
        yes = await words(caller, "yes I am")
        await it.conversation.say(LONG)
        await it.person.listen(0.2)
        voice.child.kill()
        ears.pool.children[0].kill()
        await it.told(Spoken)
        await it.conversation.say(QUESTION)
        assert (await it.told(Spoken, 2)).upto == len(QUESTION.text)
        await it.person.say(yes)
        assert (await it.told(Heard)).text == "yes"

    loop.run(ring(house, talk))


def test_with_every_recogniser_dead_the_keys_still_answer(loop, house):
    ears, _, _ = house

    async def talk(it, caller):
        await it.conversation.say(QUESTION)
        await it.told(Spoken)
        for child in ears.pool.children:
            child.kill()
        await it.person.press("1")
        assert (await it.told(Heard)).keys == "1"

    loop.run(ring(house, talk))
