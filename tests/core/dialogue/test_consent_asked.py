"""Consent to the recording: announced or asked inside it, refused at any time, asked anew where the caller turns out to be."""

from __future__ import annotations

import pytest

from careline.bootstrap import data
from careline.core.contact import Hearing
from careline.core.dialogue import Goal, Setup
from careline.testing.caller import TestCaller, phone, setup_of

LAW = data.consent_law()
COUGH = "I've had a cough for two days"


def by_law(chat: Setup, number: str, *, law: bool = True) -> Setup:
    need = LAW.need("NY", number)
    return setup_of(phone(chat, number), consent=need, law=LAW if law else None, ask_consent=need.all_parties)


@pytest.fixture
def asking(chat: Setup) -> Setup:
    return by_law(chat, "+14155550190")


def test_the_recording_is_on_before_the_announcement_and_says_why(chat: Setup) -> None:
    caller = TestCaller(by_law(chat, "+12125550190"))
    (started,) = caller.records
    assert (started.on, started.consent) == (True, "announced one party NY")
    assert caller.was_told("This call is recorded")


def test_where_all_must_agree_it_is_asked_inside_the_recording(asking: Setup) -> None:
    caller = TestCaller(asking)
    assert (caller.records[0].on, caller.records[0].consent) == (True, "asked all parties NY CA")
    assert caller.asked is Goal.CONSENT
    caller.says("yes")
    assert len(caller.records) == 1
    assert caller.asked is Goal.OPENING


@pytest.mark.parametrize("reply", ["no", "I'm not sure"])
def test_a_refusal_deletes_and_the_call_goes_on(asking: Setup, reply: str) -> None:
    caller = TestCaller(asking, COUGH, answers={Goal.CONSENT: reply, "age": "30"})
    caller.says(reply)
    assert (caller.records[-1].on, caller.records[-1].delete) == (False, True)
    assert caller.was_told("deleted what was recorded")
    caller.to_the_end()
    assert "clinical" in caller.deeds
    assert len(caller.records) == 2


def test_who_is_not_understood_has_not_agreed(asking: Setup) -> None:
    caller = TestCaller(asking)
    caller.says("purple elephants")
    caller.says("the weather is nice")
    assert caller.records[-1].delete


def test_danger_is_heard_while_consent_is_asked(asking: Setup) -> None:
    caller = TestCaller(asking)
    told = caller.says("my husband can't breathe and his lips are blue")
    assert "911" in told[0]


@pytest.mark.parametrize("hearing", list(Hearing))
def test_nine_ends_the_recording_however_well_we_hear(chat: Setup, hearing: Hearing) -> None:
    caller = TestCaller(by_law(chat, "+12125550190"), hearing=hearing)
    caller.presses("9")
    assert caller.records[-1].delete
    assert caller.asked is not None


def test_where_they_say_they_are_may_need_asking_after_all(chat: Setup) -> None:
    answers = {Goal.STATE: "I'm in Los Angeles, California", "age": "30", Goal.CONSENT: "no"}
    caller = TestCaller(by_law(chat, "+12125550190"), COUGH, answers=answers)
    caller.until(Goal.CONSENT)
    assert caller.was_told("Where you are, everybody on a call must agree")
    caller.to_the_end()
    assert caller.records[-1].delete
    assert "clinical" in caller.deeds


def test_a_practice_that_announces_everywhere_is_not_asked_of(chat: Setup) -> None:
    setup = setup_of(by_law(chat, "+12125550190", law=False))
    caller = TestCaller(setup, COUGH, answers={Goal.STATE: "California", "age": "30"})
    caller.to_the_end()
    assert not caller.was_told("everybody on a call must agree")


def test_a_practice_that_records_nothing_says_nothing_of_it(chat: Setup) -> None:
    caller = TestCaller(setup_of(phone(chat), recorded=False))
    assert not caller.records
    assert not caller.was_told("recorded")
