"""Nobody accepts: the caller is told what to do meanwhile, the desk is told, and what could wait is paged in the morning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from night import LINDGREN, OKAFOR, RIVERA, Night
from texting import Texting

from careline.actions.accept_page import accept_page
from careline.actions.close_message import accept_message
from careline.actions.commands import CloseContact
from careline.actions.perform import perform
from careline.bootstrap import notify
from careline.core.clinical import Disposition
from careline.core.dialogue.deeds import MessageKind, PageClinician, TakeMessage
from careline.ports import Outcome
from careline.storage.models import Alarm, CallCommand, Membership, Message, Page
from careline.testing.callers import CHEST_PAIN, a_summary, a_triage
from careline.testing.carrier import Carrier
from database import ROOT, load_text


@pytest.fixture
def texting(night: Night) -> Iterator[Texting]:
    with Carrier(now=night.clock.now) as carrier:
        it = Texting(night, carrier)
        night.mail = notify.post(it.means)  # type: ignore[assignment]
        yield it


def a_call_that_ended(night: Night, **identity: object) -> None:
    call = night.a_call()
    summary = a_summary(Disposition.CLINICIAN_NOW, **identity)
    night.do(call, "clinical", PageClinician(summary, a_triage(Disposition.CLINICIAN_NOW)))
    perform(CloseContact(call.practice, call.contact, night.clock.now(), "completed"))


def alarms(night: Night) -> set[str]:
    with night.look():
        return set(Alarm.objects.values_list("kind", flat=True))


def person(night: Night, staff: str) -> object:
    with night.look():
        return Membership.objects.get(staff_id=staff).person_id


def test_the_caller_is_rung_with_the_safety_net_words_and_the_desk_is_told(texting: Texting) -> None:
    night = texting.night
    a_call_that_ended(night)
    night.pass_time(minutes=14)
    assert night.phone.told == []
    night.pass_time(minutes=2)
    ((number, words),) = night.phone.told
    assert number == "+12125550123"
    assert words.count("call 911 now") == 2
    assert "Cedar Hill" in words
    for secret in (CHEST_PAIN, "Pat", "Example"):
        assert secret not in words
    assert {"page_late", "page_unaccepted"} <= alarms(night)
    assert texting.page().state == "open", "and nothing is over"
    night.pass_time(minutes=20)
    assert len(night.phone.told) == 1


def test_who_does_not_pick_up_is_texted(texting: Texting) -> None:
    texting.night.phone.callers = Outcome.NO_ANSWER
    a_call_that_ended(texting.night)
    texting.night.pass_time(minutes=16)
    (text,) = texting.carrier.to("+12125550123")
    assert "call 911" in text
    assert "+12125550100" in text, "and knows where to ring"
    assert "caller_not_told" not in alarms(texting.night)


def test_in_their_language(texting: Texting) -> None:
    call = texting.night.a_call()
    summary = replace(a_summary(Disposition.CLINICIAN_NOW), language="es")
    texting.night.do(call, "clinical", PageClinician(summary, a_triage(Disposition.CLINICIAN_NOW)))
    perform(CloseContact(call.practice, call.contact, texting.night.clock.now(), "completed"))
    texting.night.phone.callers = Outcome.FAILED
    texting.night.pass_time(minutes=16)
    assert "llame al 911 ahora" in texting.night.phone.told[0][1]
    (text,) = texting.carrier.texts
    assert "llame al 911" in text.body
    assert text.body.isascii(), "so that it fits"


def test_who_must_not_be_rung_or_texted_is_not_and_the_desk_knows(texting: Texting) -> None:
    a_call_that_ended(texting.night, safe_to_call=False, safe_to_text=False)
    texting.night.pass_time(minutes=16)
    assert (texting.night.phone.told, texting.carrier.texts) == ([], [])
    assert "caller_not_told" in alarms(texting.night)


def test_whoever_was_accepted_for_in_time_is_not_told_otherwise(texting: Texting) -> None:
    a_call_that_ended(texting.night)
    okafor = person(texting.night, "okafor")
    accept_page(texting.night.practice, texting.page().id, okafor, "web", texting.night.clock.now())  # type: ignore[arg-type]
    texting.night.pass_time(minutes=16)
    assert texting.night.phone.told == []
    assert "page_late" not in alarms(texting.night)


def test_a_caller_who_is_still_on_the_line_is_told_there(night: Night) -> None:
    night.a_page()
    night.pass_time(minutes=16)
    assert night.phone.told == []
    with night.look() as tx:
        tx.journal("test", "call_command")
        assert "page_late" in set(CallCommand.objects.values_list("kind", flat=True))


def test_the_time_is_the_practices_own(night: Night) -> None:
    source = (ROOT / "practices" / "demo" / "practice.toml").read_text()
    load_text(source.replace("outcome_minutes = 30", "outcome_minutes = 30\nunaccepted_minutes = 5"), night.clock)
    a_call_that_ended(night)
    night.pass_time(minutes=6)
    assert len(night.phone.told) == 1


def urgent_that_can_wait(night: Night) -> None:
    """Saturday 15:00; the office opens on Monday at 8:00, and the message may wait 24 hours."""
    night.clock.move(days=1, hours=12)  # Monday 03:00
    due = night.clock.now() + timedelta(hours=6)
    summary = a_summary(Disposition.WITHIN_24H)
    night.do(night.a_call(), "clinical", TakeMessage(MessageKind.CLINICAL, summary, (), due, None))


def test_what_is_urgent_but_can_wait_wakes_nobody_and_is_paged_when_the_office_opens(night: Night) -> None:
    urgent_that_can_wait(night)
    night.pass_time(hours=4, minutes=59)
    assert (night.phone.rung, night.mail.letters) == ([], [])
    night.pass_time(minutes=2)
    assert RIVERA in night.phone.numbers or OKAFOR in night.phone.numbers
    with night.look():
        assert Page.objects.get().disposition == "within_24h"


def test_what_somebody_took_from_the_queue_is_not_paged(night: Night) -> None:
    urgent_that_can_wait(night)
    with night.look() as tx:
        message = Message.objects.get().id
        tx.journal("test", "message")
    accept_message(night.practice, message, person(night, "rivera"), night.clock.now())  # type: ignore[arg-type]
    night.pass_time(hours=8)
    assert night.phone.rung == []


def test_routine_wakes_nobody_and_is_never_paged(night: Night) -> None:
    due = night.clock.now() + timedelta(hours=6)
    summary = a_summary(Disposition.ROUTINE)
    night.do(night.a_call(), "refill", TakeMessage(MessageKind.REFILL, summary, (), due, None))
    night.pass_time(hours=8)
    assert night.phone.rung == []
    assert alarms(night) == {"message_overdue"}


def test_quiet_hours_leave_the_phone_silent_and_the_next_person_is_reached_at_once(night: Night) -> None:
    source = (ROOT / "practices" / "demo" / "practice.toml").read_text()
    quiet = '\n[[quiet]]\nstaff = "okafor"\nfor = ["within_4h"]\nhours = "14:00-16:00"\n'
    load_text(source + quiet, night.clock)
    night.a_page(Disposition.WITHIN_4H)
    night.pass_time(seconds=1)
    assert night.phone.numbers == [LINDGREN], "Okafor is on call and back-up, and sleeps"
    assert night.mail.letters[0].to == "okafor@cedarhill.example", "but finds it when awake"
    night.pass_time(minutes=7)
    assert OKAFOR in night.phone.numbers, "after a whole round without anybody, nobody sleeps"


def test_no_quiet_hours_for_what_cannot_wait(night: Night) -> None:
    source = (ROOT / "practices" / "demo" / "practice.toml").read_text()
    quiet = '\n[[quiet]]\nstaff = "okafor"\nfor = ["within_4h"]\nhours = "14:00-16:00"\n'
    load_text(source + quiet, night.clock)
    night.a_page(Disposition.CLINICIAN_NOW)
    night.pass_time(seconds=1)
    assert night.phone.numbers == [OKAFOR]
