"""Calls out by the carrier: placed once, known how they ended, and a machine has never accepted a page."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

import pytest
from twilio_house import House, house, run

from careline.calls.mouth import SoundCache
from careline.calls.paging import PagingDialler
from careline.ports import DialFailed, Key, Machine, Outcome, PageScript
from careline.telephony.twilio import Timing
from careline.telephony.twilio.media import MediaLeg
from careline.testing.carrier_calls import NUMBER, CarriedCall, Mood

DOCTOR, SALT = "+12125550111", b"salt of a test"
SCRIPT = PageScript(
    language="en",
    opening="A page for you. Key your PIN.",
    message="A patient has chest pain.",
    menu="Press 1 to accept.",
    pin_salt=SALT,
    pin_hash=hashlib.pbkdf2_hmac("sha256", b"4711", SALT, 200_000),
)
PATIENT = Timing(answer_s=2.0, return_s=2.0, stall_s=2.0, api_s=0.5)


class Beeps:
    """A tenth of a second of sound for each sentence."""

    async def render(self, text: str, language: str, pace: float) -> AsyncIterator[bytes]:
        yield b"\x00\x10" * 800


async def stays(call: CarriedCall) -> None:
    await call.over.wait()


async def accepts(call: CarriedCall) -> None:
    await call.connected()
    await call.stream.hears_sound()
    await call.stream.presses("4711#")
    await call.stream.hears_sound()
    await call.stream.presses("1")
    await call.over.wait()


async def speaks_a_greeting(call: CarriedCall) -> None:
    await call.connected()
    call.stream.says(b"\x00\x10" * 8000)
    await call.stream.hears_sound()
    call.hung_up = True
    await call.stream.socket.close()
    await call.over.wait()


def dialler(it: House) -> PagingDialler:
    return PagingDialler(it.telephone, Beeps(), SoundCache(), NUMBER)


def test_a_page_is_accepted_by_pin_and_key() -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            it.carrier.people[DOCTOR] = accepts
            pages = dialler(it)
            attempt = await pages.ring(DOCTOR, SCRIPT, 20.0, "page-1")
            assert attempt.outcome is Outcome.ACCEPTED
            await pages.settled("page-1", None)
            assert attempt.reference == it.carrier.calls[0].sid
            form = it.carrier.calls[0].form
            assert (form["MachineDetection"], form["AsyncAmd"]) == ("Enable", "true")
            assert "Record" not in form
            async with asyncio.timeout(5):
                await it.carrier.calls[0].over.wait()
            assert it.telephone.live == 0

    run(story())


def test_an_answering_machine_never_counts_as_accepted() -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            it.carrier.answered_by = "machine_start"
            it.carrier.people[DOCTOR] = speaks_a_greeting
            attempt = await dialler(it).ring(DOCTOR, SCRIPT, 20.0, "page-1")
            assert attempt.outcome is Outcome.NO_ANSWER
            assert attempt.reason == "an answering machine"

    run(story())


def test_a_person_who_is_taken_for_a_machine_may_still_accept() -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            it.carrier.answered_by = "machine_end_beep"
            it.carrier.people[DOCTOR] = accepts
            assert (await dialler(it).ring(DOCTOR, SCRIPT, 20.0, "page-1")).outcome is Outcome.ACCEPTED

    run(story())


@pytest.mark.parametrize(("who", "told"), [("machine_start", 1), ("fax", 1), ("human", 0), ("unknown", 0), ("", 0)])
def test_who_answered_is_told_as_far_as_it_is_known(who: str, told: int) -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            it.carrier.answered_by = who
            it.carrier.people[DOCTOR] = stays
            leg = await it.telephone.dial(DOCTOR, NUMBER, 5.0)
            assert isinstance(leg, MediaLeg)
            await it.carrier.calls[0].connected()
            if who:
                await it.carrier.post(
                    it.carrier.calls[0].form["AsyncAmdStatusCallback"], it.carrier.calls[0].fields(AnsweredBy=who)
                )
            await it.carrier.calls[0].stream.presses("1")
            machines = 0
            async for event in leg.events():
                machines += isinstance(event, Machine)
                if isinstance(event, Key):
                    break
            assert bool(machines) == bool(told)
            await leg.hang_up()

    run(story())


@pytest.mark.parametrize(
    ("end", "failed"),
    [
        ("busy", DialFailed.BUSY),
        ("no-answer", DialFailed.NO_ANSWER),
        ("canceled", DialFailed.NO_ANSWER),
        ("failed", DialFailed.UNREACHABLE),
    ],
)
def test_a_call_that_is_not_answered_says_why(end: str, failed: DialFailed) -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            it.carrier.people[DOCTOR] = end
            if end == "no-answer":
                assert await it.telephone.dial(DOCTOR, NUMBER, 0.5) is failed
                async with asyncio.timeout(5):
                    await it.carrier.calls[0].over.wait()
            else:
                assert await it.telephone.dial(DOCTOR, NUMBER, 5.0) is failed
            assert it.telephone.live == 0

    run(story())


def test_a_number_that_cannot_be_dialled_is_told_as_such() -> None:
    async def story() -> None:
        async with house() as it:
            assert await it.telephone.dial("+12125550199", NUMBER, 5.0) is DialFailed.BAD_NUMBER

    run(story())


@pytest.mark.parametrize("mood", [Mood.BUSY, Mood.BROKEN, Mood.DENIED, Mood.SILENT])
def test_an_interface_that_fails_is_no_refusal_and_leaves_no_call(mood: Mood) -> None:
    async def story() -> None:
        async with house() as it:
            it.carrier.people[DOCTOR] = stays
            it.carrier.moods = [mood]
            attempt = await dialler(it).ring(DOCTOR, SCRIPT, 5.0, "page-1")
            assert attempt.outcome is Outcome.RETRY
            assert not it.carrier.calls
            assert it.telephone.live == 0

    run(story())


def test_a_call_that_was_placed_without_a_word_of_it_is_not_placed_again() -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            it.carrier.people[DOCTOR] = accepts
            it.carrier.moods = [Mood.FORGETFUL]
            attempt = await dialler(it).ring(DOCTOR, SCRIPT, 20.0, "page-1")
            assert attempt.outcome is Outcome.ACCEPTED
            assert len(it.carrier.calls) == 1

    run(story())


def test_a_person_whom_an_earlier_try_is_ringing_is_not_rung_a_second_time() -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            it.carrier.people[DOCTOR] = stays
            earlier = it.carrier.new_call(NUMBER, DOCTOR, {"To": DOCTOR})  # by a process that has died since
            attempt = await dialler(it).ring(DOCTOR, SCRIPT, 5.0, "page-1")
            assert (attempt.outcome, attempt.reason) == (Outcome.NO_ANSWER, "busy")
            assert it.carrier.calls == [earlier]
            earlier.state = "completed"
            leg = await it.telephone.dial(DOCTOR, NUMBER, 5.0)
            assert isinstance(leg, MediaLeg)
            await leg.hang_up()

    run(story())


def test_reports_about_a_call_out_in_any_order_do_not_confuse_it() -> None:
    async def story() -> None:
        async with house(timing=PATIENT) as it:
            it.carrier.people[DOCTOR] = stays
            leg = await it.telephone.dial(DOCTOR, NUMBER, 5.0)
            assert isinstance(leg, MediaLeg)
            call = it.carrier.calls[0]
            for state, number in (("ringing", 1), ("initiated", 0), ("in-progress", 2), ("in-progress", 2)):
                await it.carrier.report(call, state, number)
            assert it.telephone.live == 1
            await leg.hang_up()
            async with asyncio.timeout(5):
                await call.over.wait()

    run(story())
