"""Every contact leaves a record, however it ended, and whoever is owed a call is on the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from night import Night

from careline.actions.close_message import accept_message, close_message
from careline.actions.commands import (
    AnswerOrder,
    AppendRecord,
    AwaitOrders,
    Beat,
    CloseContact,
    ContactOpened,
    EventLine,
    FinishRecording,
    OpenContact,
    Order,
    Picture,
    RecordingStarted,
    StartRecording,
    TurnLine,
)  # fmt: skip
from careline.actions.keep_deadlines import finish_callback
from careline.actions.lost_calls import mark_lost_calls
from careline.actions.orders import Asked, order
from careline.actions.perform import perform
from careline.core.clinical import Disposition
from careline.core.contact import Channel, Hearing
from careline.core.dialogue.deeds import AmendBrief, MessageKind, PageClinician, RequestCallback, TakeMessage
from careline.core.errors import Refused
from careline.core.people import Private
from careline.storage.models import (
    Alarm,
    CallbackTask,
    Contact,
    ContactEvent,
    LiveCall,
    Membership,
    Message,
    MessageAmendment,
    Page,
    Patient,
    Recording,
    Triage,
    Turn,
)  # fmt: skip
from careline.testing.callers import IDENTITY, a_summary, a_triage

BY_DESK_TIME = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # Monday 09:00 in New York: the office is closed on weekends


def closed(night: Night, call: ContactOpened, outcome: str = "completed", unfinished: str = "") -> None:
    perform(CloseContact(call.practice, call.contact, night.clock.now(), outcome, unfinished))


def beat(night: Night) -> None:
    perform(Beat("node-1", night.clock.now()))


def person(night: Night, staff: str) -> UUID:
    with night.look():
        found: UUID = Membership.objects.get(staff_id=staff).person_id
        return found


def test_a_number_nobody_answers_is_refused_and_leaves_nothing(night: Night) -> None:
    strange = OpenContact("x", night.clock.now(), "n", Channel.PHONE, "+19995550100", None, Hearing.KEYS, "en")
    with pytest.raises(Refused):
        perform(strange)


def test_a_chat_opens_by_the_practices_name(night: Night) -> None:
    opened = perform(OpenContact("x", night.clock.now(), "n", Channel.CHAT, "demo", None, Hearing.OPEN, "en"))
    assert opened.practice == night.practice
    assert 'id = "demo"' in opened.source


def test_the_same_call_opened_twice_is_one_contact_and_two_calls_of_one_caller_are_two(night: Night) -> None:
    assert night.a_call("a") == night.a_call("a")
    assert night.a_call("a").contact != night.a_call("b").contact


def test_lines_sent_again_stand_once(night: Night) -> None:
    call = night.a_call()
    batch = AppendRecord(
        call.practice,
        call.contact,
        night.clock.now(),
        (TurnLine(1, "caller", Private("I have a fever"), "en", 0.5, 2.0, 0.9),),
        (EventLine(1, 0.4, "heard", {"confidence": 0.9}),),
        Picture(language="es", disposition=Disposition.WITHIN_24H, red_flag=True),
    )
    perform(batch)
    perform(replace(batch, picture=Picture(red_flag=False)))
    with night.look() as tx:
        tx.journal("test", "contact")
        assert (Turn.objects.count(), ContactEvent.objects.count()) == (1, 1)
        assert (Turn.objects.get().started_ms, Turn.objects.get().text) == (500, Private("I have a fever"))
        contact = Contact.objects.get()
        assert (contact.language, contact.level, contact.red_flag) == ("es", "urgent", True)


def test_a_contact_that_ends_is_complete_in_the_same_transaction(night: Night) -> None:
    call = night.a_call()
    night.clock.move(seconds=90)
    summary, triage = a_summary(Disposition.ROUTINE), a_triage(Disposition.ROUTINE)
    perform(CloseContact(call.practice, call.contact, night.clock.now(), "completed", "", summary, triage))
    closed(night, call, "failed")
    with night.look() as tx:
        tx.journal("test", "contact")
        contact = Contact.objects.get()
        assert (contact.state, contact.outcome, contact.ended_at) == ("closed", "completed", night.clock.now())
        assert contact.reason == summary.reason
        assert Triage.objects.get().rule == "spreading"
        assert not LiveCall.objects.exists()
        assert not CallbackTask.objects.exists()


def test_who_hangs_up_in_the_middle_is_called_back_by_desk_time(night: Night) -> None:
    call = night.a_call(caller="+12125550177")
    closed(night, call, "left", "caller hung up")
    with night.look() as tx:
        tx.journal("test", "callback_task")
        task = CallbackTask.objects.get()
        assert (task.why, task.urgent, task.due_at) == ("caller_hung_up", False, BY_DESK_TIME)
        assert task.number == Private("+12125550177")


def test_who_hangs_up_with_a_red_flag_and_no_page_is_called_back_soon(night: Night) -> None:
    call = night.a_call()
    perform(AppendRecord(call.practice, call.contact, night.clock.now(), picture=Picture(red_flag=True)))
    closed(night, call, "left", "caller hung up")
    with night.look() as tx:
        tx.journal("test", "callback_task")
        task = CallbackTask.objects.get()
        assert (task.urgent, task.due_at) == (True, night.clock.now() + timedelta(minutes=60))


def test_a_callback_nobody_makes_sounds_the_alarm_and_one_that_was_made_does_not(night: Night) -> None:
    for key in ("made", "forgotten"):
        closed(night, night.a_call(key), "left", "caller hung up")
    with night.look() as tx:
        tx.journal("test", "callback_task")
        made = CallbackTask.objects.order_by("id")[0].id
    finish_callback(night.practice, made, person(night, "brooks"), "no_answer", night.clock.now())
    finish_callback(night.practice, made, person(night, "brooks"), "reached", night.clock.now())
    night.pass_time(days=3)
    with night.look():
        assert [alarm.kind for alarm in Alarm.objects.all()] == ["callback_overdue"]


def test_a_machine_that_dies_leaves_complete_records_and_callbacks_within_seconds(night: Night) -> None:
    beat(night)
    call = night.a_call()
    perform(StartRecording(call.practice, call.contact, night.clock.now(), 0.0, "announced"))
    night.clock.move(seconds=4)
    assert mark_lost_calls(night.clock.now()) == 0
    beat(night)
    night.clock.move(seconds=4)
    assert mark_lost_calls(night.clock.now()) == 0
    night.clock.move(seconds=2)
    assert mark_lost_calls(night.clock.now()) == 1
    assert mark_lost_calls(night.clock.now()) == 0
    with night.look() as tx:
        tx.journal("test", "contact")
        contact = Contact.objects.get()
        assert (contact.state, contact.outcome, contact.ended_at) == ("lost", "lost", night.clock.now())
        assert Recording.objects.get().state == "lost"
        assert CallbackTask.objects.get().why == "call_was_cut_off"
        assert Alarm.objects.get().kind == "call_lost"


def test_a_call_on_a_node_that_never_lived_is_lost_too(night: Night) -> None:
    night.a_call()
    assert mark_lost_calls(night.clock.now()) == 1


def test_a_recording_starts_once_and_a_deleted_one_loses_its_key(night: Night) -> None:
    call = night.a_call()
    start = StartRecording(call.practice, call.contact, night.clock.now(), 1.5, "asked: yes")
    first: RecordingStarted = perform(start)
    assert perform(start) == first
    assert len(first.key) == 32
    perform(FinishRecording(call.practice, first.recording, night.clock.now(), 7, deleted=True))
    with night.look() as tx:
        tx.journal("test", "recording")
        row = Recording.objects.get()
        assert (row.state, row.chunks, row.key, row.starts_ms, row.consent) == ("deleted", 7, None, 1500, "asked_yes")


def test_a_message_waits_in_the_inbox_wakes_nobody_and_is_raised_when_nobody_looks(night: Night) -> None:
    due = night.clock.now() + timedelta(hours=20)
    deed = TakeMessage(MessageKind.REFILL, a_summary(Disposition.ADMINISTRATIVE), (("medicine", Private("x")),), due)
    call = night.a_call()
    assert night.do(call, "message:refill", deed) == night.do(call, "message:refill", deed)
    night.pass_time(hours=19)
    assert night.phone.rung == []
    with night.look():
        assert not Alarm.objects.exists()
    night.pass_time(hours=2)
    with night.look() as tx:
        assert Alarm.objects.get().kind == "message_overdue"
        message = Message.objects.get()
        assert (message.kind, message.state, message.details) == ("refill", "sent", {"medicine": "x"})
        assert len(message.reference) == 6
        tx.journal("test", "message")


def test_staff_take_a_message_over_and_close_it(night: Night) -> None:
    deed = TakeMessage(MessageKind.BILLING, a_summary(Disposition.ADMINISTRATIVE), (), night.clock.now())
    message = night.do(night.a_call(), "message:billing", deed).message
    assert message is not None
    brooks, lindgren = person(night, "brooks"), person(night, "lindgren")
    assert accept_message(night.practice, message, brooks, night.clock.now())
    assert not accept_message(night.practice, message, lindgren, night.clock.now())
    close_message(night.practice, message, brooks, night.clock.now(), Private("told her the amount"))
    close_message(night.practice, message, brooks, night.clock.now())
    with night.look() as tx:
        tx.journal("test", "message")
        assert Message.objects.get().state == "closed"
        assert MessageAmendment.objects.get().body["note"] == "told her the amount"
    night.pass_time(hours=1)
    with night.look():
        assert not Alarm.objects.exists()


def test_a_paged_message_cannot_be_closed_before_its_outcome(night: Night) -> None:
    night.a_page()
    with night.look() as tx:
        tx.journal("test", "message")
        message = Message.objects.get().id
    with pytest.raises(Refused):
        close_message(night.practice, message, person(night, "brooks"), night.clock.now())


def test_who_accepts_sees_the_newest_and_the_first_words_stay_on_record(night: Night) -> None:
    call = night.a_call()
    night.do(call, "clinical", PageClinician(a_summary(Disposition.WITHIN_4H), a_triage(Disposition.WITHIN_4H)))
    later = a_summary(Disposition.WITHIN_4H, location=Private("12 Example Street"))
    night.do(call, "brief", AmendBrief(later, a_triage(Disposition.WITHIN_4H)))
    with night.look() as tx:
        tx.journal("test", "message")
        assert Message.objects.get().identity["location"] == "12 Example Street"
        assert MessageAmendment.objects.get().body["before"]["identity"]["location"] is None
        assert Page.objects.get().round == 0


def test_a_patient_is_known_again_by_name_and_birth_date_together_only(night: Night) -> None:
    born, due = IDENTITY.date_of_birth, night.clock.now()
    assert born is not None
    for key, who in (
        ("a", IDENTITY),
        ("b", replace(IDENTITY, patient_name=Private("  EXAMPLE, Pat "))),
        ("c", replace(IDENTITY, date_of_birth=born + timedelta(days=1))),
        ("d", replace(IDENTITY, patient_name=Private("Sam Example"))),
        ("e", replace(IDENTITY, date_of_birth=None)),
    ):
        summary = replace(a_summary(Disposition.ADMINISTRATIVE), identity=who)
        night.do(night.a_call(key), "m", TakeMessage(MessageKind.OTHER, summary, (), due))
    with night.look() as tx:
        tx.journal("test", "patient")
        patients = [message.patient_id for message in Message.objects.order_by("id")]
        assert Patient.objects.count() == 3
    assert patients[0] == patients[1]
    assert patients[4] is None


def test_a_promised_callback_stands_once_with_its_time(night: Night) -> None:
    due = night.clock.now() + timedelta(minutes=30)
    deed = RequestCallback(a_summary(Disposition.WITHIN_4H), due, "asked for a person")
    call = night.a_call()
    night.do(call, "message:other", deed)
    night.do(call, "message:other", deed)
    with night.look() as tx:
        tx.journal("test", "callback_task")
        task = CallbackTask.objects.get()
        assert (task.due_at, task.urgent, task.number) == (due, True, Private("+12125550123"))


def test_an_operators_order_reaches_the_node_that_holds_the_call_once(night: Night) -> None:
    call, by = night.a_call(), person(night, "brooks")
    row = order(night.practice, by, Asked(call.contact, "take_over", "key-1", 1), night.clock.now())
    assert order(night.practice, by, Asked(call.contact, "take_over", "key-1", 1), night.clock.now()) == row
    found: tuple[Order, ...] = perform(AwaitOrders("node-1", night.clock.now(), 0.0))
    assert [(one.order, one.kind, one.expected_version, one.by) for one in found] == [(row, "take_over", 1, by)]
    assert perform(AwaitOrders("node-1", night.clock.now(), 0.0)) == ()
    assert perform(AnswerOrder(night.practice, row, night.clock.now(), "done", "operator")) == 2
    with night.look():
        assert LiveCall.objects.get().state == "operator"


def test_an_order_nobody_claimed_in_time_is_not_carried_out_later(night: Night) -> None:
    call = night.a_call()
    order(night.practice, person(night, "brooks"), Asked(call.contact, "hang_up", "key-1", 1), night.clock.now())
    night.clock.move(seconds=6)
    assert perform(AwaitOrders("node-1", night.clock.now(), 0.0)) == ()
