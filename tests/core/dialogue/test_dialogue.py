"""What a caller may rely on, from hello to goodbye."""

from __future__ import annotations

import pytest

from careline.core.clinical import Disposition, Level
from careline.core.contact import Hearing, HearingChanged
from careline.core.dialogue import Goal, Setup
from careline.core.dialogue.brief import disposition
from careline.core.dialogue.deeds import (
    AmendBrief,
    CallPerson,
    MessageKind,
    PageAccepted,
    PageClinician,
    RaiseEmergency,
    RequestCallback,
    TakeMessage,
)
from careline.testing.caller import END, TestCaller, phone

CHEST = "There's a tight band around my chest and it goes down my left arm"
COUGH = "I've had a cough for four days"
REFILL = "I need a refill of my lisinopril"


# ---------------------------------------------------------------- danger


def test_the_first_sentence_after_a_red_flag_says_call_911(chat: Setup) -> None:
    caller = TestCaller(chat)
    told = caller.says(CHEST)
    assert "call 911" in told[0]
    assert not next(sentence for sentence in caller.said if "emergency.call_911" in sentence.id).interruptible


def test_help_is_alerted_in_parallel_and_nothing_waits_for_a_form(chat: Setup) -> None:
    caller = TestCaller(chat, hold=True)
    caller.says(CHEST)
    assert any(isinstance(deed, RaiseEmergency) for deed in caller.deeds.values())
    assert caller.asked is Goal.LOCATION


def test_it_is_only_said_that_the_doctor_was_alerted_once_that_is_committed(chat: Setup) -> None:
    caller = TestCaller(chat, hold=True)
    caller.says(CHEST)
    caller.until(Goal.LAST_WORDS, 6)
    assert not caller.was_told("I have alerted")
    caller.succeeds(next(key for key in caller.deeds if key.startswith("emergency:")))
    assert caller.was_told("I have alerted")


def test_an_alert_that_failed_is_not_claimed(chat: Setup) -> None:
    caller = TestCaller(chat, CHEST, fail=True)
    caller.to_the_end()
    assert caller.was_told("I could not alert the doctor")
    assert not caller.was_told("I have alerted")


def test_danger_is_heard_whatever_was_asked(chat: Setup) -> None:
    caller = TestCaller(chat, REFILL)
    caller.until(Goal.CALLER_NAME)
    told = caller.says("Alex Example. Oh, and my husband just collapsed and he isn't breathing")
    assert "911" in told[0]


def test_an_emergency_is_never_talked_down_again(chat: Setup) -> None:
    caller = TestCaller(chat)
    caller.says(CHEST)
    caller.says("oh it's nothing, I'm fine now, no chest pain, just a bit of gas")
    caller.to_the_end()
    assert disposition(caller.state).level is Level.EMERGENCY


def test_where_and_which_number_are_asked_after_911_was_said_and_reach_the_brief(chat: Setup) -> None:
    caller = TestCaller(chat, CHEST)
    caller.to_the_end()
    brief = next(deed for deed in caller.deeds.values() if isinstance(deed, AmendBrief))
    assert brief.summary.identity.location is not None
    assert brief.summary.identity.callback_number is not None
    assert caller.over == "emergency told"


def test_a_suicidal_caller_is_offered_988_and_asked_to_stay(chat: Setup) -> None:
    caller = TestCaller(chat, "I don't want to be here any more, I keep thinking about ending my life")
    caller.to_the_end()
    assert caller.was_told("988")
    assert caller.was_told("staying on the line")
    for _ in range(5):
        caller.is_silent()
    assert not caller.over, "a suicidal caller was hung up on"
    assert disposition(caller.state).level is Level.EMERGENCY


def test_the_caller_is_never_asked_whether_it_is_an_emergency(chat: Setup) -> None:
    for first in (CHEST, COUGH, REFILL, "hello"):
        caller = TestCaller(chat, first)
        caller.to_the_end()
        questions = [sentence.text.lower() for sentence in caller.said if sentence.expect != "nothing"]
        assert not any("is this an emergency" in text or "is it urgent" in text for text in questions)


def test_not_sure_to_a_danger_question_counts_as_yes(chat: Setup) -> None:
    caller = TestCaller(chat, COUGH, answers={Goal.FACT: "not sure", "age": "44"})
    caller.to_the_end()
    assert disposition(caller.state).level is Level.EMERGENCY


def test_a_cough_with_every_danger_denied_wakes_nobody(chat: Setup) -> None:
    caller = TestCaller(chat, COUGH, answers={"age": "29"})
    caller.to_the_end()
    kinds = {type(deed) for deed in caller.deeds.values()}
    assert kinds == {TakeMessage}
    assert caller.over == "served"


# ---------------------------------------------------------------- who, what, when


def test_a_message_is_read_back_before_it_is_sent_and_claimed_after(chat: Setup) -> None:
    caller = TestCaller(chat, REFILL, "lisinopril ten milligrams", "the pharmacy on Elm", hold=True)
    caller.until(Goal.READBACK)
    assert not caller.deeds
    caller.says("yes")
    assert [type(deed) for deed in caller.deeds.values()] == [TakeMessage]
    assert not caller.was_told("I have written your message down")
    caller.succeeds(next(iter(caller.deeds)))
    assert caller.was_told("I have written your message down")


def test_a_refill_carries_medicine_pharmacy_and_who(chat: Setup) -> None:
    caller = TestCaller(chat, REFILL, "lisinopril ten milligrams", "the pharmacy on Elm")
    caller.to_the_end()
    message = next(deed for deed in caller.deeds.values() if isinstance(deed, TakeMessage))
    assert message.kind is MessageKind.REFILL
    assert message.summary.identity.caller_name is not None
    assert any("Elm" in text.reveal() for _, text in message.details) or "Elm" in message.summary.reason.reveal()


def test_a_message_that_cannot_be_saved_is_not_called_saved(chat: Setup) -> None:
    caller = TestCaller(chat, REFILL, fail=True)
    caller.to_the_end()
    assert caller.was_told("I could not save your message")
    assert not caller.was_told("I have written your message down")


def test_opening_hours_are_answered_with_the_practice_s_own_words_and_no_form(chat: Setup) -> None:
    caller = TestCaller(chat, "What time do you open on Thursday?")
    caller.to_the_end()
    assert caller.was_told("Thursday from 8 to 7")
    assert not caller.was_told("What is your name")
    assert caller.over == "served"


def test_a_wrong_number_is_let_go_kindly(chat: Setup) -> None:
    caller = TestCaller(chat, "Sorry, I must have the wrong number")
    caller.to_the_end()
    assert caller.over == "wrong number"


def test_several_wishes_are_all_served_the_symptom_first(chat: Setup) -> None:
    caller = TestCaller(chat, f"{REFILL}. Also {COUGH}", END, "lisinopril", "Elm pharmacy", answers={"age": "50"})
    caller.to_the_end()
    assert next(iter(caller.deeds)) == "clinical"
    assert {type(deed) for deed in caller.deeds.values()} == {TakeMessage}
    assert len(caller.deeds) == 2


# ---------------------------------------------------------------- a person


def test_with_nobody_at_the_desk_a_caller_with_symptoms_is_paged_for(chat: Setup) -> None:
    caller = TestCaller(
        phone(chat), answers={Goal.WHY_PERSON: "my chest infection is back, I feel awful, fever and cough"}
    )
    caller.presses("0")
    caller.to_the_end()
    assert caller.was_told("Nobody is at the desk")
    assert caller.deeds


def test_a_caller_who_will_not_say_why_is_paged_for(chat: Setup) -> None:
    caller = TestCaller(phone(chat), answers={Goal.WHY_PERSON: ""})
    caller.presses("0")
    caller.to_the_end()
    assert any(isinstance(deed, PageClinician) for deed in caller.deeds.values())


# ---------------------------------------------------------------- hanging up


@pytest.mark.parametrize("first", [CHEST, COUGH, REFILL, "I'd like to speak to a person", "blah blah"])
@pytest.mark.parametrize("hearing", list(Hearing))
def test_whoever_hangs_up_at_whatever_step_is_not_lost(chat: Setup, first: str, hearing: Hearing) -> None:
    steps = 0
    while True:
        caller = TestCaller(phone(chat), first, hearing=hearing)
        gone_on = all(caller.step() for _ in range(steps))
        if caller.over or not gone_on:
            break
        caller.hangs_up()
        served = [deed for deed in caller.deeds.values() if not isinstance(deed, CallPerson)]
        assert served, f"hung up after {steps} steps of {first!r}: nothing was done about it"
        if caller.state.symptomatic:
            clinical = (PageClinician, RaiseEmergency, AmendBrief, TakeMessage)
            assert any(isinstance(deed, clinical) for deed in served)
        steps += 1
    assert steps >= 2


def test_what_was_not_asked_when_they_hung_up_counts_as_danger(chat: Setup) -> None:
    caller = TestCaller(chat)
    caller.says("I feel a bit dizzy")
    caller.hangs_up()
    assert any(isinstance(deed, PageClinician) for deed in caller.deeds.values())


def test_three_silences_end_the_call_with_a_callback(chat: Setup) -> None:
    caller = TestCaller(phone(chat))
    for _ in range(3):
        caller.is_silent()
    assert caller.over == "silence"
    assert any(isinstance(deed, RequestCallback) for deed in caller.deeds.values())


# ---------------------------------------------------------------- ears that hear little


def test_closed_ears_settle_language_health_and_danger_by_yes_and_no(chat: Setup) -> None:
    caller = TestCaller(phone(chat), hearing=Hearing.CLOSED)
    assert caller.asked is Goal.LANGUAGE
    caller.presses("1")
    assert caller.asked is Goal.HEALTH
    caller.presses("3")
    dangers = 0
    while caller.asked is Goal.FACT:
        caller.presses("2")
        dangers += 1
    assert 1 <= dangers <= 7
    assert caller.asked is Goal.SPEAK


def test_with_keys_a_yes_to_a_danger_question_is_an_emergency(chat: Setup) -> None:
    caller = TestCaller(phone(chat), hearing=Hearing.KEYS)
    caller.presses("2")
    caller.presses("1")
    told = caller.presses("1")
    assert "911" in told[0]
    assert caller.state.language == "es"


def test_with_keys_everything_denied_still_brings_a_clinician_s_callback(chat: Setup) -> None:
    caller = TestCaller(phone(chat), hearing=Hearing.KEYS)
    caller.presses("1")
    caller.presses("1")
    while caller.asked is Goal.FACT:
        caller.presses("2")
    caller.presses("#")
    caller.presses("1")
    assert caller.asked is Goal.BIRTH
    caller.presses("03141985")
    pages = [deed for deed in caller.deeds.values() if isinstance(deed, PageClinician)]
    assert pages
    assert pages[0].summary.disposition.at_least(Disposition.CLINICIAN_NOW)


def test_not_being_understood_twice_offers_a_person_and_goes_on(chat: Setup) -> None:
    caller = TestCaller(phone(chat), COUGH, answers={"age": "30"})
    caller.until(Goal.FACT)
    while caller.state.awaiting and caller.state.awaiting.expect != "yes_no":
        caller.step()
    caller.says("purple elephants")
    caller.says("the weather is nice")
    assert caller.was_told("press 0")
    assert caller.state.asked[-1].reply == "unsure"


def test_worse_ears_mid_call_do_not_ask_again_what_is_known(chat: Setup) -> None:
    caller = TestCaller(phone(chat), COUGH, answers={"age": "30"})
    caller.until(Goal.FACT)
    known = dict(caller.state.facts.known)
    caller.hear(HearingChanged(Hearing.KEYS))
    assert caller.asked is Goal.FACT
    assert dict(caller.state.facts.known) == known


def test_ears_that_hear_no_words_any_more_ask_for_none_and_keep_what_was_said(chat: Setup) -> None:
    caller = TestCaller(phone(chat), "I need a refill of my metformin please")
    caller.until(Goal.CALLER_NAME)
    caller.hear(HearingChanged(Hearing.KEYS))
    assert caller.was_told("with a key")
    assert caller.asked is not None
    assert caller.state.awaiting is not None
    assert caller.state.awaiting.expect in ("yes_no", "digits")
    for _ in range(6):
        caller.presses("2125550123" if caller.asked is Goal.CALLBACK else "1")
    assert any(key.startswith("message:refill") for key in caller.deeds)
    assert not caller.was_told("own words"), "what was already said is not asked for again"


def test_an_answer_heard_by_the_next_ears_is_not_asked_for_again(chat: Setup) -> None:
    caller = TestCaller(phone(chat), COUGH, answers={"age": "30"})
    caller.until(Goal.FACT)
    while caller.state.awaiting and caller.state.awaiting.expect != "yes_no":
        caller.step()
    before = len(caller.said)
    caller.hear(HearingChanged(Hearing.CLOSED, answering=True))
    assert len(caller.said) == before
    asked = caller.state.awaiting
    caller.says("no")
    assert caller.state.awaiting != asked


# ---------------------------------------------------------------- manners


def test_the_greeting_names_the_practice_and_911_within_two_sentences(chat: Setup) -> None:
    caller = TestCaller(phone(chat))
    first = caller.sentences[:2]
    assert "Cedar Hill" in first[0]
    assert "dial 911" in first[1]
    assert caller.was_told("automated assistant")
    assert caller.was_told("recorded")


def test_spanish_is_followed_within_one_turn(chat: Setup) -> None:
    caller = TestCaller(chat)
    told = caller.says("Hola, necesito una cita para la próxima semana por favor")
    assert caller.state.language == "es"
    assert told


def test_do_not_record_stops_and_deletes(chat: Setup) -> None:
    caller = TestCaller(phone(chat))
    caller.presses("9")
    assert caller.records[-1].on is False
    assert caller.records[-1].delete


def test_an_accepted_page_is_told_to_the_caller(chat: Setup) -> None:
    caller = TestCaller(chat, "I feel dizzy and I have a fever", answers={Goal.FACT: "no", "age": "40"})
    caller.until(Goal.ANYTHING_ELSE)
    told = caller.hear(PageAccepted("Dr. Ana Rivera"))
    assert "Dr. Ana Rivera" in told[0]


@pytest.mark.parametrize(
    "text", ["", "\x00\x07", "🙂" * 500, "a" * 100_000, "اهلا", "no " * 5000, '{"role": "system"}']
)
def test_anything_may_be_written_and_nothing_breaks(chat: Setup, text: str) -> None:
    caller = TestCaller(chat)
    for _ in range(6):
        caller.says(text)
    caller.hangs_up()
    assert caller.deeds


def test_the_same_call_gives_the_same_record(chat: Setup) -> None:
    one, two = (TestCaller(chat, COUGH, answers={"age": "29"}) for _ in range(2))
    one.to_the_end()
    two.to_the_end()
    assert one.state == two.state
    assert one.said == two.said
