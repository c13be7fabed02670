"""A call by ConversationRelay: what was heard comes in, what was said is known to the word, and a broken socket loses nothing."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from aiohttp import WSMsgType
from twilio_house import CALL_911, HELLO, QUICK, House, Served, house, run

from careline.core.contact import Expect, Heard, Hearing, Left, Say, Silence, Spoken
from careline.core.errors import TryAgain
from careline.telephony.twilio import Timing, TwilioConfig
from careline.telephony.twilio.relay import LONGEST_TURN, RelayConversation
from careline.testing.carrier_calls import CarriedCall
from careline.testing.swift_loop import run_swiftly
from careline.wire.twilio_signature import HEADER, signature

YES_NO = Say("3:sure", "Is that right?", "en", expect=Expect.YES_NO)
BIRTH = Say("4:birth", "When were you born?", "en", expect=Expect.DIGITS)
SPANISH = Say("5:hola", "¿En qué puedo ayudarle?", "es", expect=Expect.OPEN)
PATIENT = Timing(answer_s=0.5, return_s=5.0, stall_s=5.0, api_s=0.5)


async def begin(it: House) -> tuple[CarriedCall, Served]:
    call = await it.carrier.ring()
    return call, await it.takes()


def test_what_is_said_is_spoken_and_what_is_spoken_is_heard() -> None:
    async def story() -> None:
        async with house() as it:
            call, served = await begin(it)
            assert served.talk.hearing is Hearing.OPEN
            await served.talk.say(HELLO)
            assert (await call.relay.hears())["token"] == HELLO.text
            spoken = await served.told(Spoken)
            assert (spoken.id, spoken.upto) == (HELLO.id, len(HELLO.text))
            await call.relay.says("my chest", last=False)
            await call.relay.says("my chest hurts")
            heard = await served.told(Heard)
            assert (heard.text, heard.confidence) == ("my chest hurts", 1.0)
            assert heard.started <= heard.ended
            await call.hang_up()
            assert await served.over() == "remote"
            assert not call.relay.complaints

    run(story())


def test_hints_are_given_to_the_carrier_s_recognition() -> None:
    async def story() -> None:
        async with house() as it:
            call, _ = await begin(it)
            assert 'hints="Cedar Hill,Dr. Ana Rivera"' in call.documents[0]
            await call.hang_up()

    run(story())


def test_an_interruption_tells_what_was_not_heard() -> None:
    async def story() -> None:
        async with house() as it:
            it.carrier.holds = True
            call, served = await begin(it)
            await served.talk.say(HELLO)
            await served.talk.say(YES_NO)
            await call.relay.hears()
            await call.relay.hears()
            await call.relay.interrupts("Thank you for")
            await call.relay.says("it is urgent")
            assert (await served.told(Heard)).text == "it is urgent"
            assert [(one.id, one.upto) for one in served.all(Spoken)] == [(HELLO.id, 13), (YES_NO.id, 0)]
            await call.hang_up()

    run(story())


def test_911_is_said_uninterruptibly_and_after_what_is_being_said() -> None:
    async def story() -> None:
        async with house() as it:
            it.carrier.holds = True
            call, served = await begin(it)
            await served.talk.say(HELLO)
            await served.talk.say(CALL_911)
            assert (await call.relay.hears())["interruptible"] is True
            await call.relay.send(type="info", name="tokensPlayed", value=HELLO.text)
            told = await call.relay.hears()
            assert (told["token"], told["interruptible"]) == (CALL_911.text, False)
            await call.relay.interrupts("Please hang")
            assert (await call.relay.hears())["token"] == CALL_911.text, "broken off all the same: again"
            await call.hang_up()

    run(story())


def test_the_language_is_switched_before_a_sentence_in_it_and_back() -> None:
    async def story() -> None:
        async with house() as it:
            call, served = await begin(it)
            for sentence in (HELLO, SPANISH, SPANISH, YES_NO):
                await served.talk.say(sentence)
                assert (await call.relay.hears())["lang"] == ("es-US" if sentence.language == "es" else "en-US")
            switches = [one for one in call.relay.others if one["type"] == "language"]
            assert [one["ttsLanguage"] for one in switches] == ["es-US", "en-US"]
            assert [one["transcriptionLanguage"] for one in switches] == ["es-US", "en-US"]
            await call.relay.says("no hablo inglés")
            assert (await served.told(Heard)).text == "no hablo inglés"
            await call.hang_up()

    run(story())


def test_keys_are_single_or_collected_by_what_was_asked() -> None:
    async def story() -> None:
        async with house() as it:
            call, served = await begin(it)
            await served.talk.say(YES_NO)
            await call.relay.hears()
            await call.relay.presses("1")
            assert (await served.told(Heard)).keys == "1"
            await served.talk.say(BIRTH)
            await call.relay.hears()
            await call.relay.presses("0704")
            await call.relay.presses("1980#")
            assert (await served.told(Heard, 2)).keys == "07041980"
            await call.hang_up()

    run(story())


def test_saying_goodbye_ends_the_call_once_it_was_heard() -> None:
    async def story() -> None:
        async with house() as it:
            call, served = await begin(it)
            await served.talk.say(CALL_911)
            await served.talk.finish()
            assert await served.over() == "finished"
            assert (await call.relay.hears())["token"] == CALL_911.text
            async with asyncio.timeout(5):
                await call.over.wait()
            assert call.relay.others[-1]["type"] == "end"
            assert "<Hangup/>" in call.documents[-1]
            assert it.telephone.live == 0

    run(story())


def test_a_socket_dropped_amid_a_sentence_is_taken_up_and_the_sentence_said_again() -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            it.carrier.holds = True
            call, served = await begin(it)
            await served.talk.say(HELLO)
            await served.talk.say(CALL_911)
            await call.relay.hears()
            first = call.session
            it.carrier.holds = False
            await call.relay.drop()
            await call.connected(first)
            assert (await call.relay.hears())["token"] == HELLO.text
            assert (await call.relay.hears())["token"] == CALL_911.text
            await served.told(Spoken, 2)
            assert all(
                one.upto == len(said.text) for one, said in zip(served.all(Spoken), (HELLO, CALL_911), strict=True)
            )
            assert it.rung == 1
            await call.hang_up()
            assert await served.over() == "remote"

    run(story())


def test_a_caller_whose_answer_was_lost_with_the_socket_is_asked_again() -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            call, served = await begin(it)
            await served.talk.say(YES_NO)
            await served.told(Spoken)
            first = call.session
            await call.relay.drop()
            await call.connected(first)
            assert (await call.relay.hears())["token"] == YES_NO.text
            await call.relay.says("yes")
            assert (await served.told(Heard)).text == "yes"
            await call.hang_up()

    run(story())


def test_a_socket_that_does_not_come_back_is_a_caller_who_was_lost() -> None:
    async def story() -> None:
        async with house() as it:
            it.carrier.holds = True
            call, served = await begin(it)
            await served.talk.say(HELLO)
            await call.relay.hears()
            call.vanishes = True
            await call.relay.drop()
            assert (await served.told(Spoken)).upto == 0
            assert await served.over() == "lost"
            assert it.telephone.live == 0

    run(story())


def test_a_socket_that_breaks_again_and_again_is_not_taken_up_for_ever() -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            call, served = await begin(it)
            for _ in range(5):
                session = call.session
                await call.relay.drop()
                await call.connected(session)
            await call.relay.drop()
            await served.over()
            assert "<Hangup/>" in call.documents[-1]

    run(story())


@pytest.mark.parametrize(
    "junk", ["", "hello", "[]", "{}", '{"type":"prompt"}', '{"type":"new"}', '{"type":"prompt","voicePrompt":7}']
)
def test_garbage_is_not_heard_and_ends_nothing(junk: str) -> None:
    async def story() -> None:
        async with house() as it:
            call, served = await begin(it)
            for _ in range(10):
                await call.relay.send_raw(junk)
            await call.relay.says("still here")
            assert (await served.told(Heard)).text == "still here"
            assert len(served.events) == 1
            await call.hang_up()

    run(story())


def test_text_of_a_megabyte_is_cut_to_a_turn() -> None:
    async def story() -> None:
        async with house() as it:
            call, served = await begin(it)
            await call.relay.says("my chest hurts \x00\x1b[2J" + "x" * 1_000_000)
            heard = await served.told(Heard)
            assert len(heard.text) == LONGEST_TURN
            assert heard.text.startswith("my chest hurts [2Jxxx")
            await call.hang_up()

    run(story())


def test_a_socket_that_floods_is_closed_and_the_caller_is_not_lost() -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            call, served = await begin(it)
            await served.talk.say(HELLO)
            first = call.session
            for _ in range(2000):
                await call.relay.send(type="info", name="clientSpeaking", value="on")
            await call.connected(first)
            await call.relay.says("now it is quiet")
            assert (await served.told(Heard)).text == "now it is quiet"
            await call.hang_up()

    run(story())


def test_a_socket_that_begins_with_another_call_or_with_nothing_is_not_this_one() -> None:
    async def story() -> None:
        async with house() as it, aiohttp.ClientSession() as http:
            for first in ('{"type":"setup","callSid":"CA99"}', '{"type":"prompt","voicePrompt":"hello"}', "junk"):
                call = it.carrier.new_call("+12125550143", "+12125550100")
                answer = await it.carrier.post(f"{it.carrier.hooks}/twilio/voice", call.fields())
                url = answer.text.partition('<ConversationRelay url="')[2].partition('"')[0]
                socket = await http.ws_connect(url, headers={HEADER: signature(it.carrier.token, url)})
                await socket.send_str(first)
                assert (await socket.receive(5)).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
                assert isinstance(await it.failed.get(), TryAgain)
            assert it.answered.empty()
            assert it.telephone.live == 0

    run(story())


def test_a_complaint_of_the_carrier_stops_no_call() -> None:
    async def story() -> None:
        async with house() as it:
            call, served = await begin(it)
            await call.relay.send(type="error", description="Invalid message received: {}")
            await call.relay.says("hello")
            assert (await served.told(Heard)).text == "hello"
            await call.hang_up()

    run(story())


# ------------------------------------------------------------ without a carrier, on a clock that leaps


class Wire:
    """A link in memory."""

    def __init__(self) -> None:
        self.sent: list[dict[str, object]] = []

    def send(self, text: str) -> None:
        self.sent.append(json.loads(text))

    def close(self) -> None:
        """Nothing to close."""


def relayed(story) -> None:
    """Play `story(conversation, say, served)` where `say(**message)` is the carrier's."""

    async def whole() -> None:
        config = TwilioConfig("AC1", ("t",), "http://x", ("http://y",), timing=QUICK)
        conversation, wire = RelayConversation(config), Wire()
        conversation.attach(wire)  # type: ignore[arg-type]
        served = Served(conversation)
        listening = asyncio.create_task(served.listen())
        loop = asyncio.get_running_loop()

        def say(**message: object) -> None:
            conversation.take(json.dumps(message), loop.time())

        await story(conversation, say, served)
        conversation.gone("remote")
        await listening
        assert len(served.all(Left)) == 1

    run_swiftly(whole())


def test_a_caller_who_says_nothing_is_noticed_again_and_again() -> None:
    async def story(conversation, say, served) -> None:
        await conversation.say(HELLO)
        say(type="info", name="tokensPlayed", value=HELLO.text)
        assert (await served.told(Silence)).seconds == 11.0
        await served.told(Silence, 2)

    relayed(story)


def test_a_caller_who_is_speaking_is_not_silent() -> None:
    async def story(conversation, say, served) -> None:
        await conversation.say(HELLO)
        say(type="info", name="tokensPlayed", value=HELLO.text)
        loop = asyncio.get_running_loop()
        began = loop.time()
        say(type="info", name="clientSpeaking", value="on")
        await served.told(Silence)
        assert loop.time() - began > 19.0, "a television holds it back only for a while"

    relayed(story)


def test_words_that_were_never_made_final_are_heard_all_the_same() -> None:
    async def story(conversation, say, served) -> None:
        await conversation.say(HELLO)
        say(type="info", name="tokensPlayed", value=HELLO.text)
        say(type="prompt", voicePrompt="I cannot", last=False)
        say(type="prompt", voicePrompt="I cannot breathe", last=False)
        heard = await served.told(Heard)
        assert heard.text == "I cannot breathe"
        assert heard.confidence < 1

    relayed(story)


def test_words_half_said_when_the_caller_is_lost_are_on_record() -> None:
    async def story(conversation, say, served) -> None:
        say(type="prompt", voicePrompt="I cannot bre", last=False)
        conversation.gone("lost")
        assert (await served.told(Heard)).text == "I cannot bre"

    relayed(story)


def test_the_same_message_twice_is_heard_once_and_a_repeated_answer_twice() -> None:
    async def story(conversation, say, served) -> None:
        for _ in range(2):
            say(type="prompt", voicePrompt="yes", last=True)
        await conversation.say(YES_NO)
        say(type="info", name="tokensPlayed", value=YES_NO.text)
        await served.told(Silence)
        say(type="prompt", voicePrompt="yes", last=True)
        await served.told(Heard, 2)
        assert len(served.all(Heard)) == 2

    relayed(story)


def test_keys_end_by_a_pause() -> None:
    async def story(conversation, say, served) -> None:
        await conversation.say(BIRTH)
        say(type="info", name="tokensPlayed", value=BIRTH.text)
        for digit in "0704":
            say(type="dtmf", digit=digit)
        assert (await served.told(Heard)).keys == "0704"

    relayed(story)


def test_a_carrier_that_tells_nothing_of_its_voice_holds_nothing_up() -> None:
    async def story(conversation, say, served) -> None:
        await conversation.say(HELLO)
        await conversation.say(CALL_911)
        await conversation.finish()
        await served.told(Left)
        assert [one.id for one in served.all(Spoken)] == [HELLO.id, CALL_911.id]

    relayed(story)
