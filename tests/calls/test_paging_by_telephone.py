"""What the house promises of a page by telephone: only the right PIN and then a 1 is an acceptance."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from uuid import UUID

import pytest
from calls_telephone import ToneVoice, loud, tone

from careline.calls.mouth import SoundCache
from careline.calls.paging import PagingDialler
from careline.core.oncall.paged import Paged
from careline.ports import DialFailed, Outcome, PageScript
from careline.testing.legs import MemoryTelephone, Person
from careline.testing.swift_loop import run_swiftly

NUMBER, SALT = "+12125550111", b"salt of a test"
SCRIPT = PageScript(
    language="en",
    opening="A page for you. Key your PIN and hash.",
    message="A patient has chest pain.",
    menu="Press 1 to accept, 3 to hand on, 4 to hear it again.",
    pin_salt=SALT,
    pin_hash=hashlib.pbkdf2_hmac("sha256", b"4711", SALT, 200_000),
)


MINE = Paged(UUID(int=1), UUID(int=2), UUID(int=3), mine=True, holder="Dr. Ana Rivera")


def page(person, deadline_s: float = 120.0, paged: Paged | None = MINE):
    """Ring a person (or a way to fail); returns the attempt, what was said, and the telephone."""

    async def ring():
        telephone, voice = MemoryTelephone({NUMBER: person}), ToneVoice()
        dialler = PagingDialler(telephone, voice, SoundCache(), "+12125550100")
        began = asyncio.get_running_loop().time()
        attempt = await dialler.ring(NUMBER, SCRIPT, deadline_s, "page-1")
        assert asyncio.get_running_loop().time() - began <= deadline_s + 1
        if attempt.outcome is Outcome.ACCEPTED:
            assert not telephone.legs[0].over, "whoever accepts is told what became of it"
            await dialler.settled("page-1", paged)
            await telephone.legs[0].person.line_is_dead.wait()
        assert all(leg.over for leg in telephone.legs)
        return attempt, voice.said, telephone

    return run_swiftly(ring())


def keys(*presses: str, after: float = 3.0):
    async def press(person: Person) -> None:
        for each in presses:
            await person.listen(after)
            await person.press(each)

    return press


def test_pin_and_one_accept() -> None:
    attempt, said, _ = page(keys("4711#", "1"))
    assert attempt.outcome is Outcome.ACCEPTED
    assert said[:2] == [SCRIPT.opening, SCRIPT.message]


def test_whoever_was_second_hears_who_was_first_and_one_that_was_not_saved_is_said() -> None:
    _, said, _ = page(keys("4711#", "1"), paged=replace(MINE, mine=False))
    assert said[-1] == "Dr. Ana Rivera was first and has this page. Nothing more is needed from you."
    _, said, _ = page(keys("4711#", "1"), paged=None)
    assert "could not be saved" in said[-1]


def test_two_accepts_too() -> None:
    attempt, _, _ = page(keys("4711#", "2"))
    assert (attempt.outcome, attempt.keys) == (Outcome.ACCEPTED, "2")


def test_pin_and_three_hand_on() -> None:
    assert page(keys("4711#", "3"))[0].outcome is Outcome.DECLINED


def test_four_says_it_again_and_then_one_accepts() -> None:
    attempt, said, _ = page(keys("4711#", "4", "1"))
    assert attempt.outcome is Outcome.ACCEPTED
    assert said.count(SCRIPT.message) == 2


def test_a_wrong_pin_may_be_mended_and_nothing_of_the_patient_is_said_before_the_right_one() -> None:
    attempt, said, _ = page(keys("4712#", "4711#", "1"))
    assert attempt.outcome is Outcome.ACCEPTED
    assert said.index(SCRIPT.message) > 1


def test_five_wrong_pins_lock_and_tell_nothing() -> None:
    attempt, said, _ = page(keys("1#", "2#", "1#", "4710#", "0000#", "4711#", "1"))
    assert attempt.outcome is Outcome.LOCKED
    assert SCRIPT.message not in said


async def voicemail(person: Person) -> None:
    await person.say(tone(8.0, 350))
    await person.say(tone(0.5, 1000))
    await person.listen(300)


async def hangs_up_at_once(person: Person) -> None:
    person.hang_up()


async def hangs_up_after_the_pin(person: Person) -> None:
    await keys("4711#")(person)
    await person.listen(1.0)
    person.hang_up()


async def presses_one_without_a_pin(person: Person) -> None:
    await keys("1", "1", "1")(person)
    await person.listen(60)


@pytest.mark.parametrize(
    "person", [voicemail, hangs_up_at_once, hangs_up_after_the_pin, presses_one_without_a_pin, keys("4711#")]
)
def test_whatever_picks_up_without_deciding_has_not_accepted(person) -> None:
    attempt, said, _ = page(person)
    assert attempt.outcome in (Outcome.NO_ANSWER, Outcome.LOCKED)
    if person in (voicemail, hangs_up_at_once, presses_one_without_a_pin):
        assert SCRIPT.message not in said


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (DialFailed.BUSY, Outcome.NO_ANSWER),
        (DialFailed.NO_ANSWER, Outcome.NO_ANSWER),
        (DialFailed.REFUSED, Outcome.NO_ANSWER),
        (DialFailed.UNREACHABLE, Outcome.RETRY),
        (DialFailed.BAD_NUMBER, Outcome.FAILED),
    ],
)
def test_a_call_that_does_not_come_about_says_why(failure: DialFailed, outcome: Outcome) -> None:
    assert page(failure)[0].outcome is outcome


def test_the_deadline_holds_whoever_talks_on() -> None:
    async def talks(person: Person) -> None:
        await person.press("12345")
        while not person.line_is_dead.is_set():
            await person.press("9")

    attempt, said, _ = page(talks, deadline_s=40.0)
    assert attempt.outcome is Outcome.NO_ANSWER
    assert SCRIPT.message not in said


def test_the_message_is_heard_after_the_pin() -> None:
    ears: list[bytes] = []

    async def listens(person: Person) -> None:
        await keys("4711#")(person)
        ears.append(await person.listen(1.0))
        await person.press("1")

    assert page(listens)[0].outcome is Outcome.ACCEPTED
    assert loud(ears[0])
