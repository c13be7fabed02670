"""What a caller may rely on of people: key 0 rings one, whoever comes is let speak, and nobody coming is said and made good."""

from __future__ import annotations

import pytest

from careline.core.contact import Channel, Hearing
from careline.core.dialogue import Goal, Setup
from careline.core.dialogue.deeds import (
    CallPerson,
    DeskRings,
    Failed,
    Joined,
    PageClinician,
    PersonLeft,
    RaiseEmergency,
    RequestCallback,
)
from careline.testing.caller import END, TestCaller, phone, setup_of

CHEST = "There's a tight band around my chest and it goes down my left arm"
REFILL = "I need a refill of my lisinopril"


@pytest.fixture
def desk(chat: Setup) -> Setup:
    return setup_of(phone(chat), desk_open=True)


def calls(caller: TestCaller) -> list[str]:
    return [key for key, deed in caller.deeds.items() if isinstance(deed, CallPerson)]


@pytest.mark.parametrize("hearing", list(Hearing))
def test_zero_rings_the_desk_whatever_is_being_asked(desk: Setup, hearing: Hearing) -> None:
    caller = TestCaller(desk, hold=True, hearing=hearing)
    told = caller.presses("0")
    assert calls(caller) == ["person"]
    assert not told, "nothing is said of ringing before telephones ring"
    assert "ringing the practice's desk" in caller.hear(DeskRings("person"))[0]


def test_while_it_rings_the_caller_may_say_why_and_silence_is_filled(desk: Setup) -> None:
    caller = TestCaller(desk, hold=True)
    caller.presses("0")
    caller.hear(DeskRings("person"))
    assert caller.asked is Goal.WHY_PERSON
    assert caller.is_silent() == ["It is still ringing. Thank you for waiting."]


def test_danger_told_while_it_rings_is_answered_at_once(desk: Setup) -> None:
    caller = TestCaller(desk, hold=True)
    caller.presses("0")
    caller.hear(DeskRings("person"))
    assert "call 911" in caller.says(CHEST)[0]
    assert caller.asked is Goal.LOCATION


def test_when_nobody_answers_it_is_said_at_once_and_a_callback_is_promised(desk: Setup) -> None:
    caller = TestCaller(desk, REFILL, END, "lisinopril", "Elm pharmacy", hold=True)
    caller.presses("0")
    caller.hear(DeskRings("person"))
    told = caller.hear(Failed("person"))
    assert told[0] == "Nobody at the desk has picked up."
    caller.hold = False
    caller.says("it is about my bill")
    caller.to_the_end()
    assert any(isinstance(deed, RequestCallback) for deed in caller.deeds.values()) or caller.deeds
    assert caller.over


def test_with_nobody_available_no_ringing_is_claimed(desk: Setup) -> None:
    caller = TestCaller(desk, hold=True)
    caller.presses("0")
    assert caller.hear(Failed("person"))[0] == "Nobody is at the desk right now."
    assert not caller.was_told("ringing")


def test_asked_again_the_desk_is_rung_again(desk: Setup) -> None:
    caller = TestCaller(desk, hold=True)
    caller.presses("0")
    caller.hear(Failed("person"))
    caller.presses("0")
    assert calls(caller) == ["person", "person:1"]


def test_the_assistant_is_silent_while_a_person_speaks_with_the_caller(desk: Setup) -> None:
    caller = TestCaller(desk, hold=True)
    caller.presses("0")
    caller.hear(DeskRings("person"))
    assert caller.hear(Joined("Toni Brooks")) == []
    assert caller.says(REFILL) == []
    assert caller.is_silent() == []
    assert caller.presses("5") == []


def test_danger_told_to_a_person_pages_and_alarms_without_a_word(desk: Setup) -> None:
    caller = TestCaller(desk)
    caller.hear(Joined("Toni Brooks"))
    assert caller.says(CHEST) == []
    assert any(isinstance(deed, RaiseEmergency) for deed in caller.deeds.values())
    assert any("call 911" in text for text in caller.hear(PersonLeft()))


def test_a_caller_given_back_goes_on_with_the_assistant(desk: Setup) -> None:
    caller = TestCaller(desk)
    caller.hear(Joined("Toni Brooks"))
    assert "automated assistant" in caller.hear(PersonLeft(gave_back=True))[0]
    assert caller.asked is not None


def test_whoever_was_served_by_a_person_is_only_asked_whether_there_is_more(desk: Setup) -> None:
    for hearing in (Hearing.OPEN, Hearing.KEYS):
        caller = TestCaller(desk, hearing=hearing)
        caller.hear(Joined("Toni Brooks"))
        caller.hear(PersonLeft())
        caller.to_the_end()
        assert caller.over == "served"
        assert not [deed for deed in caller.deeds.values() if not isinstance(deed, CallPerson)]


def test_a_caller_who_hangs_up_on_a_person_is_owed_nothing_unless_unwell(desk: Setup) -> None:
    served = TestCaller(desk)
    served.hear(Joined("Toni Brooks"))
    served.says(REFILL)
    served.hangs_up()
    assert not served.deeds
    unwell = TestCaller(desk)
    unwell.hear(Joined("Toni Brooks"))
    unwell.says("I feel a bit dizzy")
    unwell.hangs_up()
    assert any(isinstance(deed, PageClinician) for deed in unwell.deeds.values())


def test_a_person_is_rung_for_a_caller_in_crisis_who_did_not_ask(desk: Setup) -> None:
    caller = TestCaller(desk, hold=True)
    told = caller.says("I want to kill myself, I have the pills here")
    assert "988" in " ".join(told) or "911" in " ".join(told)
    assert calls(caller) == ["person"]
    assert caller.asked is Goal.LOCATION, "nothing waits for the ringing"


def test_in_writing_the_patient_sees_that_a_person_is_there(chat: Setup) -> None:
    caller = TestCaller(setup_of(chat, channel=Channel.CHAT, desk_open=True))
    assert caller.hear(Joined("Toni Brooks")) == [
        "Toni Brooks from the practice is here now. You are writing with a person."
    ]
