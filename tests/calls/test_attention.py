"""Being stopped and going on: a caller's words stop us, a listener's "mm-hm" does not cost the rest of the sentence."""

from __future__ import annotations

import asyncio

import pytest
from calls_telephone import LETTER_S, Call, ToneVoice, loud, tone

from careline.calls.audio import Aids, AudioConversation
from careline.calls.mouth import SoundCache
from careline.core.contact import Expect, Heard, Hearing, Say, Spoken, VoiceLost
from careline.core.errors import TryAgain
from careline.core.hearing import Verdict
from careline.ports import Recognised
from careline.speech.voices import LadderVoice
from careline.testing.legs import MemoryLeg
from careline.testing.swift_loop import run_swiftly

LONG = Say("s1", "We are open on weekdays, from eight in the morning until five in the afternoon.", "en")
STERN = Say("s2", "Hang up now and call nine one one.", "en", interruptible=False)
QUESTION = Say("q1", "Is this about your health now?", "en", expect=Expect.YES_NO)
SPEECH, COUGH = Verdict(0.98, 0.02, 0.7, 1500.0), Verdict(0.03, 0.0, 0.9, 1500.0)


class Scripted:
    """Ears and judge whose results a test writes."""

    hearing = Hearing.OPEN

    def __init__(self, verdict: Verdict = SPEECH) -> None:
        self.verdict: Verdict | None = verdict
        self.results: asyncio.Queue[Recognised] = asyncio.Queue()

    async def listen(self, language, hints):
        return self

    def expect(self, kind, options, language):
        pass

    def feed(self, frame):
        pass

    async def events(self):
        while True:
            yield await self.results.get()

    async def close(self):
        pass

    async def judge(self, heard, own):
        if self.verdict is None:
            raise TryAgain("away")
        return self.verdict


def talk(script, story, voice=None) -> None:
    async def go():
        leg = MemoryLeg()
        conversation = AudioConversation(leg, script, voice or ToneVoice(), SoundCache(), aids=Aids(script))
        await conversation.start("en")
        it = Call(conversation, leg, voice)
        gathering = asyncio.create_task(it.gather())
        try:
            await story(it)
        finally:
            leg.person.hang_up()
            await gathering
            await conversation.close()

    run_swiftly(go())


def test_words_stop_us_and_are_the_turn():
    script = Scripted()

    async def story(it):
        await it.conversation.say(LONG)
        await it.person.listen(1.0)
        it.person.say_now(tone(0.6, 300, 5000))
        await it.person.listen(0.2)
        assert not loud(await it.person.listen(0.2))
        assert 0 < (await it.told(Spoken)).upto < len(LONG.text)
        script.results.put_nowait(Recognised("wait a moment", 0.9, 1.0, 1.6))
        assert (await it.told(Heard)).text == "wait a moment"

    talk(script, story)


def test_after_an_mm_hm_we_go_on_from_the_clause():
    script = Scripted()

    async def story(it):
        await it.conversation.say(LONG)
        await it.person.listen(2.0)
        it.person.say_now(tone(0.3, 300, 5000))
        await it.told(Spoken)
        script.results.put_nowait(Recognised("mm hm", 0.9, 2.0, 2.3))
        rest = await it.told(Spoken, 2)
        assert rest.upto == len(LONG.text)
        assert not it.all(Heard)

    talk(script, story)


def test_a_noise_that_brought_no_words_does_not_keep_us_silent():
    script = Scripted()

    async def story(it):
        await it.conversation.say(LONG)
        await it.person.listen(2.0)
        it.person.say_now(tone(0.3, 300, 5000))
        await it.told(Spoken)
        assert (await it.told(Spoken, 2)).upto == len(LONG.text)
        assert it.leg.now < 2.3 + 2.0 + len(LONG.text) * LETTER_S

    talk(script, story)


@pytest.mark.parametrize("text", ["", "mm hm", "okay", "we are open on weekdays from eight"])
def test_a_cough_an_mm_hm_and_our_own_echo_are_no_turns_while_we_speak(text):
    script = Scripted(COUGH)

    async def story(it):
        await it.conversation.say(LONG)
        await it.person.listen(1.0)
        it.person.say_now(tone(0.6, 300, 5000))
        await it.person.listen(0.6)
        script.results.put_nowait(Recognised(text, 0.9, 1.0, 1.6))
        assert (await it.told(Spoken)).upto == len(LONG.text)
        assert not it.all(Heard)

    talk(script, story)


def test_words_that_the_judge_missed_count_all_the_same():
    script = Scripted(COUGH)

    async def story(it):
        await it.conversation.say(LONG)
        await it.person.listen(1.0)
        it.person.say_now(tone(0.9, 300, 5000))
        await it.person.listen(0.6)
        script.results.put_nowait(Recognised("my chest hurts", 0.9, 1.0, 1.6))
        assert (await it.told(Heard)).text == "my chest hurts"
        assert (await it.told(Spoken)).upto < len(LONG.text)

    talk(script, story)


def test_what_must_be_heard_whole_is_said_to_the_end_whoever_speaks():
    script = Scripted()

    async def story(it):
        await it.conversation.say(STERN)
        await it.person.listen(0.5)
        it.person.say_now(tone(1.0, 300, 5000))
        assert (await it.told(Spoken)).upto == len(STERN.text)

    talk(script, story)


def test_without_its_judge_loudness_decides():
    script = Scripted()
    script.verdict = None

    async def story(it):
        await it.conversation.say(LONG)
        await it.person.listen(1.0)
        it.person.say_now(tone(0.8, 300, 5000))
        await it.person.listen(0.4)
        assert not loud(await it.person.listen(0.2))

    talk(script, story)


def test_a_voice_that_fails_is_replaced_within_the_sentence_and_rests():
    bad, good = ToneVoice(), ToneVoice()
    bad.hangs = True

    async def story(it):
        await it.conversation.say(QUESTION)
        assert loud(await it.person.listen(1.0))
        assert (await it.told(Spoken)).upto == len(QUESTION.text)
        await it.conversation.say(LONG)
        assert loud(await it.person.listen(0.2)), "the voice that hung is not waited for again"
        assert good.said == [QUESTION.text, LONG.text]

    talk(Scripted(COUGH), story, LadderVoice([bad, good]))


def test_when_no_voice_is_left_it_is_told():
    bad = ToneVoice()
    bad.away = True

    async def story(it):
        await it.conversation.say(QUESTION)
        await it.told(VoiceLost)
        assert it.leg.now < 2.0

    talk(Scripted(COUGH), story, LadderVoice([bad]))


def test_sounds_are_kept_between_runs_and_recorded_words_need_no_voice(tmp_path):
    async def go():
        cache = SoundCache(tmp_path, "voice one")
        greeting = Say("g", "Thank you for calling.", "en", fixed=True)
        cache.put(greeting, b"\x01\x00" * 800)
        await cache.written()
        assert SoundCache(tmp_path, "voice one").get(greeting) == b"\x01\x00" * 800
        assert SoundCache(tmp_path, "voice two").get(greeting) is None
        recorded = SoundCache(recorded={("en", greeting.text): b"\x02\x00"})
        assert recorded.get(greeting) == b"\x02\x00"

    asyncio.run(go())
