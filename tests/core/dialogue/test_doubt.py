"""An emergency that sounds like none is asked about once; only a clear no puts it aside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from careline.core.clinical import Level
from careline.core.contact import Hearing, HearingChanged
from careline.core.dialogue import Goal, Setup
from careline.core.dialogue.brief import disposition
from careline.core.dialogue.deeds import PageClinician, RaiseEmergency
from careline.core.language import SecondListener
from careline.testing.caller import TestCaller

FORM = "Does my insurance cover poisoning? I'm reading the accident rider of the plan, page four. Which plan do you have on file?"
CAR = "I need to cancel my appointment next week, we are on the bus tour to the seizure museum in the city, any day after works"
CHEST = "There's a tight band around my chest and it goes down my left arm"


def raised(caller: TestCaller) -> bool:
    return any(isinstance(deed, RaiseEmergency) for deed in caller.deeds.values())


@pytest.mark.parametrize("text", [FORM, CAR])
def test_words_of_danger_said_of_papers_and_cars_are_asked_about_first(chat: Setup, text: str) -> None:
    caller = TestCaller(chat)
    told = caller.says(text)
    assert caller.asked is Goal.NOW
    assert "in danger right now" in told[-1]
    assert not raised(caller)


def test_a_clear_no_puts_it_aside_and_the_errand_is_served(chat: Setup) -> None:
    caller = TestCaller(chat)
    caller.says(CAR)
    caller.says("no, nobody")
    caller.to_the_end()
    assert not raised(caller)
    assert disposition(caller.state).level is Level.ROUTINE
    assert any(errand.intent.kind == "appointment_cancel" for errand in caller.state.errands)


@pytest.mark.parametrize("answer", ["yes", "I'm not sure", "well, sort of", "my husband, he took the whole bottle"])
def test_anything_but_a_clear_no_is_an_emergency_at_once(chat: Setup, answer: str) -> None:
    caller = TestCaller(chat)
    caller.says(FORM)
    told = caller.says(answer)
    assert "911" in told[0]
    assert raised(caller)


def test_a_no_with_new_danger_in_it_is_no_clear_no(chat: Setup) -> None:
    caller = TestCaller(chat)
    caller.says(CAR)
    caller.says(f"no, not the car. {CHEST}")
    assert raised(caller)


def test_silence_is_no_answer_and_counts_as_yes(chat: Setup) -> None:
    caller = TestCaller(chat)
    caller.says(FORM)
    caller.is_silent()
    assert raised(caller)


def test_a_caller_who_hangs_up_at_the_question_is_followed_up_as_in_danger(chat: Setup) -> None:
    caller = TestCaller(chat)
    caller.says(FORM)
    caller.hangs_up()
    assert any(isinstance(deed, PageClinician) for deed in caller.deeds.values())


def test_pressing_0_at_the_question_counts_as_yes(chat: Setup) -> None:
    caller = TestCaller(chat)
    caller.says(FORM)
    caller.presses("0")
    assert raised(caller)


def test_ears_that_fail_at_the_question_count_as_yes(chat: Setup) -> None:
    caller = TestCaller(chat)
    caller.says(FORM)
    caller.hear(HearingChanged(Hearing.KEYS))
    assert raised(caller)


@pytest.mark.parametrize(
    "text",
    [
        CHEST,
        "my baby is not breathing",
        "this is an emergency, I can't breathe",
        "no puedo respirar, me estoy poniendo morado",
        "I took all my pills, I want to die",
        "I'm calling about my appointment on Tuesday and the bill, I won't need it, I won't be here, I've decided to kill myself",
    ],
)
def test_what_sounds_like_danger_is_never_asked_about_first(chat: Setup, text: str) -> None:
    caller = TestCaller(chat)
    caller.says(text)
    assert raised(caller)


def test_without_a_second_listener_nothing_is_asked_first(chat: Setup) -> None:
    silent = replace(chat, lexicons=replace(chat.lexicons, second=SecondListener.silent()))
    caller = TestCaller(silent)
    caller.says(FORM)
    assert raised(caller)
