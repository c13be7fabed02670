"""What a practice buys: an urgent contact ends with a named person who accepted it, or with louder and louder alarms."""

from __future__ import annotations

from uuid import UUID

import pytest
from night import LINDGREN, OKAFOR, RIVERA, Night

from careline.actions.accept_page import accept_page
from careline.actions.decline_page import decline_page
from careline.actions.record_outcome import record_outcome
from careline.core.clinical import Disposition
from careline.core.dialogue.deeds import PageClinician, RaiseEmergency
from careline.core.errors import Refused
from careline.ports import Outcome
from careline.storage.models import Alarm, CallCommand, Membership, Message, Page, PromiseAttempt
from careline.testing.callers import CHEST_PAIN, a_summary, a_triage
from database import ROOT, load_text


def person(night: Night, staff: str) -> UUID:
    with night.look():
        found: UUID = Membership.objects.get(staff_id=staff).person_id
        return found


def the_page(night: Night) -> Page:
    with night.look():
        return Page.objects.get()


def alarms(night: Night) -> list[str]:
    with night.look():
        return list(Alarm.objects.filter(cleared_at=None).order_by("id").values_list("kind", flat=True))


def test_the_doctors_phone_rings_time_passes_and_another_phone_rings(night: Night) -> None:
    night.clock.move(days=2)  # Monday afternoon: Rivera is on call, Okafor the backup
    night.a_page()
    night.pass_time(seconds=1)
    assert night.phone.numbers == [RIVERA]
    night.pass_time(seconds=118)
    assert set(night.phone.numbers) == {RIVERA}, "rung again while the step lasts, and nobody else yet"
    night.pass_time(seconds=2)
    assert sorted(night.phone.numbers[-2:]) == [RIVERA, OKAFOR]
    night.pass_time(minutes=6)
    assert night.phone.numbers[-1] == LINDGREN


def test_nobody_ever_answers_and_it_never_ends(night: Night) -> None:
    night.a_page()
    night.pass_time(minutes=30)
    page = the_page(night)
    assert page.state == "open"
    assert page.round >= 2
    assert alarms(night).count("page_unaccepted") >= 2
    assert {letter.to for letter in night.mail.letters} == {"okafor@cedarhill.example", "manager@cedarhill.example"}


def test_pressing_one_after_the_pin_ends_it(night: Night) -> None:
    night.phone.answers[OKAFOR] = Outcome.ACCEPTED
    night.a_page()
    night.pass_time(seconds=5)
    page = the_page(night)
    assert (page.state, page.accepted_by_id, page.accepted_via) == ("accepted", person(night, "okafor"), "phone")
    assert len(night.phone.rung) == 1
    night.pass_time(minutes=20)
    assert len(night.phone.rung) == 1, "nothing more is rung once somebody has accepted"


def test_voicemail_and_delivered_mail_are_no_acceptance(night: Night) -> None:
    night.phone.answers[OKAFOR] = Outcome.DELIVERED
    night.a_page()
    night.pass_time(seconds=130)
    assert the_page(night).state == "open"
    assert the_page(night).step >= 1


@pytest.mark.parametrize("answer", [Outcome.DECLINED, Outcome.FAILED, Outcome.LOCKED])
def test_who_hands_on_or_cannot_be_reached_is_not_waited_for(night: Night, answer: Outcome) -> None:
    night.phone.answers[OKAFOR] = answer
    night.a_page()
    night.pass_time(seconds=2)
    assert LINDGREN in night.phone.numbers, "Okafor is on call and backup: the supervisor is next, at once"
    assert ("pin_locked" in alarms(night)) == (answer is Outcome.LOCKED)


def test_the_mail_holds_no_patient_data_and_asks_to_sign_in(night: Night) -> None:
    night.a_page()
    night.pass_time(seconds=1)
    (letter,) = night.mail.letters
    text = letter.subject + letter.body
    assert the_page(night).reference in text
    assert "http://localhost:8000/pages/" in text
    for secret in (CHEST_PAIN, "Pat", "Example,", "5550123", "1961"):
        assert secret not in text


def test_the_opening_holds_no_patient_data_and_the_message_does(night: Night) -> None:
    night.a_page()
    night.pass_time(seconds=1)
    (script,) = night.phone.heard
    assert "Cedar Hill" in script.opening
    assert CHEST_PAIN not in script.opening + script.menu
    assert CHEST_PAIN in script.message


def test_the_first_to_accept_wins_and_the_others_are_told(night: Night) -> None:
    page = night.a_page()
    night.pass_time(seconds=1)
    rivera, okafor = person(night, "rivera"), person(night, "okafor")
    first = accept_page(night.practice, page, rivera, "web", night.clock.now())
    second = accept_page(night.practice, page, okafor, "web", night.clock.now())
    again = accept_page(night.practice, page, rivera, "web", night.clock.now())
    assert (first.mine, second.mine, again.mine) == (True, False, True)
    assert second.name == "Dr. Ana Rivera"
    night.mail.letters.clear()
    night.pass_time(seconds=1)
    (told,) = night.mail.letters
    assert told.to == "okafor@cedarhill.example"
    assert "Dr. Ana Rivera" in told.body


def test_the_caller_who_is_still_there_is_told(night: Night) -> None:
    page = night.a_page()
    accept_page(night.practice, page, person(night, "rivera"), "web", night.clock.now())
    with night.look() as tx:
        tx.journal("test", "call_command")
        news = CallCommand.objects.get()
        assert (news.node, news.kind, news.args) == ("node-1", "page_accepted", {"by": "Dr. Ana Rivera"})


def test_an_operator_cannot_accept_for_a_clinician(night: Night) -> None:
    page = night.a_page()
    with pytest.raises(Refused):
        accept_page(night.practice, page, person(night, "brooks"), "web", night.clock.now())
    assert the_page(night).state == "open"


def test_accepted_and_then_nothing_raises_the_page_again(night: Night) -> None:
    night.phone.answers[OKAFOR] = Outcome.ACCEPTED
    night.a_page()
    night.pass_time(seconds=1)
    night.phone.answers.clear()
    night.pass_time(minutes=31)
    assert the_page(night).state == "open"
    assert the_page(night).raised_again == 1
    assert "page_raised_again" in alarms(night)
    assert len(night.phone.rung) > 1


def test_an_outcome_ends_it_and_could_not_reach_does_not(night: Night) -> None:
    page = night.a_page()
    okafor = person(night, "okafor")
    accept_page(night.practice, page, okafor, "web", night.clock.now())
    message = the_page(night).message_id
    record_outcome(night.practice, message, okafor, "could_not_reach", night.clock.now())
    assert (the_page(night).state, the_page(night).raised_again) == ("open", 1)
    accept_page(night.practice, page, okafor, "web", night.clock.now())
    record_outcome(night.practice, message, okafor, "spoke_with_patient", night.clock.now())
    rung = len(night.phone.rung)
    night.pass_time(hours=1)
    assert the_page(night).state == "done"
    assert len(night.phone.rung) == rung


def test_an_emergency_alarms_the_desk_beside_the_page(night: Night) -> None:
    call = night.a_call()
    emergency = RaiseEmergency(a_summary(Disposition.CALL_911), a_triage(Disposition.CALL_911))
    night.do(call, "emergency:call_911", emergency)
    assert alarms(night) == ["emergency"]
    night.pass_time(seconds=1)
    assert night.phone.numbers == [OKAFOR]


def test_the_same_deed_twice_is_one_message_and_one_page(night: Night) -> None:
    call = night.a_call()
    deed = PageClinician(a_summary(), a_triage())
    first, second = night.do(call, "clinical", deed), night.do(call, "clinical", deed)
    assert first == second
    night.pass_time(seconds=1)
    assert len(night.phone.rung) == 1


def test_getting_worse_raises_the_page_at_once_even_when_somebody_had_accepted(night: Night) -> None:
    call = night.a_call()
    summary = a_summary(Disposition.WITHIN_4H)
    page = night.do(call, "clinical", PageClinician(summary, a_triage(Disposition.WITHIN_4H))).page
    assert page is not None
    accept_page(night.practice, page, person(night, "okafor"), "web", night.clock.now())
    worse = RaiseEmergency(a_summary(Disposition.CALL_911), a_triage(Disposition.CALL_911))
    assert night.do(call, "emergency:call_911", worse).page == page
    night.pass_time(seconds=1)
    assert night.phone.numbers[-1] == OKAFOR
    with night.look():
        found = Page.objects.get()
        assert (found.state, found.level, found.round) == ("open", "emergency", 1)


def test_handing_on_by_the_web_begins_the_next_step(night: Night) -> None:
    page = night.a_page()
    night.pass_time(seconds=1)
    decline_page(night.practice, page, person(night, "okafor"), night.clock.now())
    night.pass_time(seconds=1)
    assert the_page(night).step >= 1


def test_the_record_proves_every_try(night: Night) -> None:
    night.a_page()
    night.pass_time(seconds=45)
    with night.look() as tx:
        tries = PromiseAttempt.objects.filter(promise__kind="page.phone").order_by("n")
        assert [(one.n, one.outcome, one.repeat) for one in tries] == [
            (1, "no_answer", False), (2, "no_answer", False), (3, "no_answer", False),
        ]  # fmt: skip
        assert all(one.provider_ref.startswith("call-") and one.finished_at for one in tries)
        assert Message.objects.get().state == "sent"
        tx.journal("test", "message")


def test_a_page_under_way_keeps_the_policy_it_began_with(night: Night) -> None:
    night.a_page()
    source = (ROOT / "practices" / "demo" / "practice.toml").read_text()
    load_text(source.replace("seconds = 120", "seconds = 3000"), night.clock)
    night.pass_time(seconds=121)
    assert the_page(night).step == 1
