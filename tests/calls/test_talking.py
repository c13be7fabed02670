"""What a caller and the dialogue may rely on in a telephone conversation: keys, silence, interruption, leaving."""

from __future__ import annotations

import asyncio

import pytest
from calls_telephone import LETTER_S, ToneVoice, call, loud, seconds, tone

from careline.core.contact import Expect, Heard, Hearing, HearingChanged, Left, Say, Silence, Spoken
from careline.speech.keys import KeyEars
from careline.testing.legs import MemoryLeg
from careline.testing.swift_loop import run_swiftly

QUESTION = Say("q1", "Is this about your health now?", "en", expect=Expect.YES_NO)
NUMBER = Say("q2", "Please key your number.", "en", expect=Expect.DIGITS)
LONG = Say("s1", "This sentence is rather long and may be interrupted by whoever likes.", "en")
STERN = Say("s2", "Hang up now and call nine one one.", "en", interruptible=False)


def length(sentence: Say) -> float:
    return len(sentence.text) * LETTER_S


def test_one_key_answers_a_question_and_stops_the_talking() -> None:
    async def talk():
        async with call() as it:
            await it.conversation.say(QUESTION)
            await it.person.listen(0.5)
            await it.person.press("1")
            heard = await it.told(Heard)
            assert heard.keys == "1"
            assert not loud(await it.person.listen(1.0))

    run_swiftly(talk())


def test_digits_are_gathered_until_the_hash_or_a_pause() -> None:
    async def talk():
        async with call() as it:
            await it.conversation.say(NUMBER)
            await it.told(Spoken)
            await it.person.press("2125550123#")
            assert (await it.told(Heard)).keys == "2125550123"
            await it.conversation.say(NUMBER)
            await it.told(Spoken, 2)
            await it.person.press("03141985")
            pressed = it.leg.now
            assert (await it.told(Heard, 2)).keys == "03141985"
            assert it.leg.now - pressed < 3.5

    run_swiftly(talk())


def test_a_key_zero_alone_is_heard_even_where_digits_are_wanted() -> None:
    async def talk():
        async with call() as it:
            await it.conversation.say(NUMBER)
            await it.told(Spoken)
            await it.person.press("0")
            assert (await it.told(Heard)).keys == "0"

    run_swiftly(talk())


def test_whoever_speaks_is_not_talked_over_and_we_know_how_far_they_heard() -> None:
    async def talk():
        async with call(KeyEars()) as it:
            await it.conversation.say(LONG)
            await it.person.listen(1.5)
            await it.person.say(tone(0.25, 300, 5000))
            stopped = await it.person.listen(0.05)
            assert not loud(await it.person.listen(1.0)), "talking must stop within 200 ms of speech and its detection"
            spoken = await it.told(Spoken)
            assert abs(spoken.upto * LETTER_S - (1.5 + 0.25 + seconds(stopped))) < 0.25

    run_swiftly(talk())


def test_a_cough_of_a_tenth_of_a_second_does_not_stop_us() -> None:
    async def talk():
        async with call(KeyEars()) as it:
            await it.conversation.say(LONG)
            await it.person.listen(1.0)
            await it.person.say(tone(0.1, 300, 5000))
            assert (await it.told(Spoken)).upto == len(LONG.text)

    run_swiftly(talk())


def test_what_must_be_heard_whole_is_said_to_the_end() -> None:
    async def talk():
        async with call(KeyEars()) as it:
            await it.conversation.say(STERN)
            await it.person.listen(0.5)
            it.person.say_now(tone(1.0, 300, 5000))
            await it.person.press("12")
            assert (await it.told(Spoken)).upto == len(STERN.text)
            assert sum(seconds(frame) for frame in pieces(it.person.heard) if loud(frame)) >= length(STERN) - 0.1

    run_swiftly(talk())


def test_an_interruption_drops_what_was_queued_but_never_what_must_be_heard() -> None:
    async def talk():
        async with call() as it:
            for sentence in (LONG, STERN, QUESTION):
                await it.conversation.say(sentence)
            await it.person.listen(0.5)
            await it.person.press("5")
            spoken = {event.id: event.upto for event in [await it.told(Spoken, n) for n in (1, 2, 3)]}
            assert 0 < spoken["s1"] < len(LONG.text)
            assert spoken["s2"] == len(STERN.text)
            assert spoken["q1"] == 0

    run_swiftly(talk())


def test_silence_after_a_question_is_told_and_speech_in_between_starts_it_anew() -> None:
    async def talk():
        async with call() as it:
            await it.conversation.say(QUESTION)
            await it.told(Spoken)
            asked = it.leg.now
            silence = await it.told(Silence)
            assert abs(it.leg.now - asked - silence.seconds) < 0.2

    run_swiftly(talk())


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.21, 0.5, 1.4, 1.6, 2.5, 4.0, 9.0])
def test_a_caller_may_hang_up_at_any_moment(moment: float) -> None:
    async def talk():
        async with call(KeyEars()) as it:
            for sentence in (QUESTION, STERN, NUMBER):
                await it.conversation.say(sentence)
            it.person.say_now(tone(0.4))
            await it.person.listen(moment)
            it.person.hang_up()
            assert (await it.told(Left)).reason == "remote"

    run_swiftly(talk())


def test_a_voice_that_fails_or_hangs_costs_its_sentence_and_not_the_call() -> None:
    async def talk():
        voice = ToneVoice()
        async with call(voice=voice) as it:
            voice.away = True
            await it.conversation.say(QUESTION)
            assert (await it.told(Spoken)).upto == 0
            voice.away, voice.hangs = False, True
            await it.conversation.say(NUMBER)
            assert (await it.told(Spoken, 2)).upto == 0
            voice.hangs = False
            await it.conversation.say(STERN)
            assert (await it.told(Spoken, 3)).upto == len(STERN.text)

    run_swiftly(talk())


def test_ears_that_go_away_leave_the_keys() -> None:
    class ShortEars:
        async def listen(self, language, hints):
            return Short()

    class Short:
        hearing = Hearing.CLOSED

        def __init__(self):
            self.frames, self.gone = 0, asyncio.Event()

        def expect(self, kind, options, language):
            pass

        def feed(self, frame):
            self.frames += 1
            if self.frames == 50:
                self.gone.set()

        async def events(self):
            await self.gone.wait()
            for nothing in ():
                yield nothing

        async def close(self):
            pass

    async def talk():
        async with call(ShortEars()) as it:
            assert it.conversation.hearing is Hearing.CLOSED
            assert (await it.told(HearingChanged)).hearing is Hearing.KEYS
            await it.conversation.say(QUESTION)
            await it.person.press("2")
            assert (await it.told(Heard)).keys == "2"

    run_swiftly(talk())


def test_we_hang_up_once_all_was_said() -> None:
    async def talk():
        async with call() as it:
            await it.conversation.say(STERN)
            await it.conversation.finish()
            assert (await it.told(Left)).reason == "local"
            assert sum(seconds(frame) for frame in pieces(it.person.heard) if loud(frame)) >= length(STERN) - 0.1

    run_swiftly(talk())


def pieces(pcm: bytes) -> list[bytes]:
    return [bytes(pcm[start : start + 320]) for start in range(0, len(pcm), 320)]


def test_a_leg_in_memory_keeps_time() -> None:
    async def listen():
        leg = MemoryLeg()
        leg.play(tone(0.5))
        heard = await leg.person.listen(1.0)
        leg.end("remote")
        assert sum(loud(frame) for frame in pieces(heard)) in (25, 26)
        assert abs(seconds(heard) - 1.0) < 0.03

    run_swiftly(listen())
