"""The same thread: what an earlier contact left open is known, told only after two identifiers match, joined, and raised."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from careline.core.clinical import Disposition
from careline.core.contact import Hearing
from careline.core.dialogue import Goal, Setup
from careline.core.dialogue.deeds import Earlier, MessageKind, PageClinician, TakeMessage
from careline.testing.caller import NIGHT, TestCaller, phone

COUGH = "I've had a cough for two days"
PAGED = Earlier("0193-matter", MessageKind.CLINICAL, Disposition.CLINICIAN_NOW, NIGHT - timedelta(hours=2), paged=True)
ACCEPTED = replace(PAGED, accepted_by="Dr. Ana Rivera", role="clinician", accepted_at=NIGHT - timedelta(hours=1))
MESSAGE = Earlier("0194-matter", MessageKind.REFILL, Disposition.ROUTINE, NIGHT - timedelta(days=1), due=NIGHT)
AGE = {"age": "29"}


def test_nothing_is_asked_of_memory_before_two_identifiers_are_known(chat: Setup) -> None:
    caller = TestCaller(chat, COUGH, answers=AGE, earlier=[PAGED])
    caller.until(Goal.BIRTH)
    assert not caller.recalled
    assert not caller.was_told("earlier")
    caller.to_the_end()
    (recall,) = caller.recalled
    assert recall.identity.date_of_birth is not None
    assert recall.identity.caller_name is not None


def test_whoever_does_not_tell_a_second_identifier_is_told_nothing(chat: Setup) -> None:
    caller = TestCaller(chat, COUGH, answers=AGE | {Goal.BIRTH: "I'd rather not say"}, earlier=[PAGED])
    caller.to_the_end()
    assert not caller.recalled
    assert not caller.was_told("earlier")
    assert isinstance(caller.deeds["clinical"], TakeMessage)


def test_a_page_still_under_way_is_said_to_be_that(chat: Setup) -> None:
    caller = TestCaller(chat, COUGH, answers=AGE, earlier=[PAGED])
    caller.until(Goal.SAME_MATTER)
    assert caller.was_told("from 1:00 AM today")
    assert caller.was_told("Nobody has accepted it yet")


def test_an_accepted_page_is_said_to_be_accepted_by_whom_and_when(chat: Setup) -> None:
    caller = TestCaller(chat, COUGH, answers=AGE, earlier=[ACCEPTED])
    caller.until(Goal.SAME_MATTER)
    assert caller.was_told("Dr. Ana Rivera (clinician) accepted it at 2:00 AM today")


def test_the_same_matter_is_joined_after_being_screened_again(chat: Setup) -> None:
    caller = TestCaller(chat, COUGH, answers=AGE | {Goal.SAME_MATTER: "yes", Goal.WORSE: "no"}, earlier=[PAGED])
    caller.to_the_end()
    deed = caller.deeds["clinical"]
    assert (deed.summary.thread, deed.summary.worse) == (PAGED.matter, False)
    assert "CALLED AGAIN" in deed.summary.brief.reveal()
    assert len(caller.state.asked) > 5, "the danger questions were asked again"


@pytest.mark.parametrize("reply", ["yes", "I'm not sure"])
def test_what_has_become_worse_is_paged_at_once_and_says_so(chat: Setup, reply: str) -> None:
    caller = TestCaller(chat, COUGH, answers=AGE | {Goal.SAME_MATTER: "yes", Goal.WORSE: reply}, earlier=[ACCEPTED])
    caller.to_the_end()
    deed = caller.deeds["clinical"]
    assert isinstance(deed, PageClinician)
    assert deed.summary.worse
    assert deed.summary.disposition.at_least(Disposition.CLINICIAN_NOW)
    assert deed.summary.brief.reveal().startswith("WORSE")
    assert caller.was_told("paging the clinician on call again")


def test_another_problem_is_a_matter_of_its_own(chat: Setup) -> None:
    caller = TestCaller(chat, COUGH, answers=AGE | {Goal.SAME_MATTER: "no"}, earlier=[PAGED])
    caller.to_the_end()
    assert caller.deeds["clinical"].summary.thread == ""
    assert not caller.was_told("become worse")


def test_who_only_asks_what_became_of_it_is_screened_again(chat: Setup) -> None:
    lines = ("Nobody has called me back", "I rang two hours ago and nobody has called")
    answers = AGE | {Goal.SAME_MATTER: "yes", Goal.WORSE: "no", Goal.HEALTH: "no"}
    caller = TestCaller(chat, *lines, answers=answers, earlier=[PAGED])
    caller.to_the_end()
    assert caller.was_told("Nobody has accepted it yet")
    assert len(caller.state.asked) > 5
    assert caller.deeds["clinical"].summary.thread == PAGED.matter


def test_a_refill_that_waits_is_known_and_asks_nothing_more(chat: Setup) -> None:
    caller = TestCaller(chat, "I need a refill", "lisinopril ten", "the pharmacy on Elm", earlier=[MESSAGE])
    caller.to_the_end()
    assert caller.was_told("We have your earlier message from 3:00 AM on Monday")
    assert "message:refill" in caller.deeds


def test_with_closed_ears_birth_and_number_are_keyed_and_match(chat: Setup) -> None:
    caller = TestCaller(phone(chat), hearing=Hearing.KEYS, earlier=[PAGED])
    caller.presses("1")
    caller.presses("1")
    while caller.asked is Goal.FACT:
        caller.presses("2")
    caller.presses("#")
    caller.presses("1")
    caller.presses("03141985")
    assert caller.asked is Goal.SAME_MATTER
    assert caller.recalled[0].identity.callback_number is not None
    caller.presses("1")
    caller.presses("1")
    assert caller.deeds["clinical"].summary.worse


def test_a_memory_that_fails_stops_nobody(chat: Setup) -> None:
    caller = TestCaller(chat, COUGH, answers=AGE, fail=True)
    caller.to_the_end()
    assert caller.recalled
    assert "clinical" in caller.deeds
