"""Ears that are killed in the middle of a call: the next ones go on within two seconds, with what was just said."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import asdict

import pytest
import uvloop
from calls_telephone import Call, ToneVoice

from careline.bootstrap.speech import EarSettings, HouseEars
from careline.calls.audio import AudioConversation
from careline.calls.mouth import SoundCache
from careline.core.contact import Expect, Heard, Hearing, HearingChanged, Say, Spoken
from careline.speech.espeak import EspeakVoice
from careline.testing.legs import MemoryLeg
from careline.testing.recogniser import Line

QUESTION = Say("q", "Is it about your health?", "en", expect=Expect.YES_NO)
OPEN = Say("o", "What now?", "en", expect=Expect.OPEN)
WITHIN_S = 2.0


@pytest.fixture(scope="module")
def loop():
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner


@pytest.fixture(scope="module")
def caller(loop):
    voice = EspeakVoice({"en": "en-us+f2"})
    loop.run(voice.start())
    yield voice
    loop.run(voice.stop())


@pytest.fixture
def server(tmp_path, loop, caller):
    """A recogniser as a process of its own, which can be killed; it knows two lines."""
    lines = [Line.of(text, loop.run(words(caller, text))) for text in ("yes I am", "my chest hurts")]
    script = tmp_path / "lines.json"
    script.write_text(json.dumps([asdict(line) for line in lines]))
    command = [sys.executable, "-m", "careline.testing.recogniser", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.port = int(process.stdout.readline())  # type: ignore[attr-defined]
        yield process
        process.kill()


async def words(voice: EspeakVoice, text: str) -> bytes:
    return b"".join([pcm async for pcm in voice.render(text, "en", 1.0)])


def settings(protocol: str, port: int) -> EarSettings:
    if protocol == "openai":
        return EarSettings("openai", f"http://127.0.0.1:{port}/v1")
    return EarSettings("deepgram", f"ws://127.0.0.1:{port}/v1/listen")


async def ring(ears: HouseEars, talk) -> None:
    await ears.start()
    leg, voice = MemoryLeg(), ToneVoice()
    conversation = AudioConversation(leg, ears, voice, SoundCache())
    await conversation.start("en")
    it = Call(conversation, leg, voice)
    gathering = asyncio.create_task(it.gather())
    try:
        await talk(it)
    finally:
        leg.person.hang_up()
        await asyncio.wait([gathering], timeout=2)
        gathering.cancel()
        await conversation.close()
        await ears.stop()


@pytest.mark.parametrize("protocol", ["openai", "deepgram"])
@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_an_answer_survives_the_recogniser_it_was_given_to(loop, caller, server, protocol, how):
    """Killed, or stopped so that it holds its sockets open and answers nothing, while the caller says yes."""

    async def talk(it):
        yes = await words(caller, "yes I am")
        assert it.conversation.hearing is Hearing.OPEN
        await it.conversation.say(QUESTION)
        await it.told(Spoken)
        it.person.say_now(yes)
        await it.person.listen(0.3)
        server.send_signal(9 if how == "killed" else 19)
        await it.person.listen(len(yes) / 16000 - 0.3)
        over = it.leg.now
        changed, heard = await it.told(HearingChanged), await it.told(Heard)
        assert it.leg.now - over < WITHIN_S
        assert changed.hearing is Hearing.CLOSED
        assert (heard.text, changed.answering) == ("yes", True)

    loop.run(ring(HouseEars(settings(protocol, server.port)), talk))


def test_down_to_the_keys_when_one_recogniser_after_the_other_is_killed(loop, caller, server):
    ears = HouseEars(settings("deepgram", server.port))

    async def talk(it):
        await it.conversation.say(OPEN)
        await it.told(Spoken)
        it.person.say_now(await words(caller, "yes I am"))
        assert (await it.told(Heard)).text == "yes I am"
        server.kill()
        await it.conversation.say(QUESTION)
        await it.told(Spoken, 2)
        it.person.say_now(await words(caller, "no thank you"))
        assert (await it.told(Heard, 2)).text == "no"
        assert it.conversation.hearing is Hearing.CLOSED
        await ears.closed.stop()
        await it.conversation.say(QUESTION)
        await it.told(Spoken, 3)
        it.person.say_now(await words(caller, "yes I am"))
        assert (await it.told(HearingChanged, 2)).hearing is Hearing.KEYS
        await it.person.press("1")
        assert (await it.told(Heard, 3)).keys == "1"

    loop.run(ring(ears, talk))


def test_a_recogniser_that_is_away_from_the_beginning_is_passed_over(loop):
    async def talk(it):
        assert it.conversation.hearing is Hearing.CLOSED

    loop.run(ring(HouseEars(EarSettings("deepgram", "ws://127.0.0.1:9/v1/listen")), talk))
