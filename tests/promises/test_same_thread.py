"""A patient rings again: two identifiers open what is open, the second call joins the first page, and worse begins it anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from night import Night

from careline.actions.accept_page import accept_page
from careline.actions.commands import ContactOpened
from careline.core.clinical import Disposition
from careline.core.dialogue.deeds import Earlier, PageClinician, Recall, Summary
from careline.core.people import Identity, Private
from careline.storage.models import Alarm, CallCommand, Membership, Message, MessageAmendment, Page, PageNotice, Patient
from careline.testing.callers import IDENTITY, a_summary, a_triage

BORN, NUMBER = IDENTITY.date_of_birth, IDENTITY.callback_number


def recalled(night: Night, call: ContactOpened, identity: Identity = IDENTITY) -> tuple[Earlier, ...]:
    return night.do(call, f"recall {id(identity)}", Recall(identity)).earlier


def again(night: Night, matter: str, *, worse: bool, disposition: Disposition = Disposition.CLINICIAN_NOW) -> Summary:
    return replace(a_summary(disposition), thread=matter, worse=worse)


def rivera_accepts(night: Night, page: UUID) -> None:
    with night.look():
        doctor = Membership.objects.get(staff_id="rivera").person_id
    accept_page(night.practice, page, doctor, "web", night.clock.now())


@pytest.mark.parametrize(
    "identity",
    [
        IDENTITY,
        Identity(caller_name=Private("EXAMPLE, pat"), relation="self", date_of_birth=BORN),
        Identity(date_of_birth=BORN, callback_number=Private("(212) 555-0123")),
    ],
    ids=["all", "own name in another order", "birth and number"],
)
def test_two_identifiers_that_match_open_what_is_open(night: Night, identity: Identity) -> None:
    night.a_page()
    (found,) = recalled(night, night.a_call("call-2"), identity)
    assert (found.paged, found.accepted_by) == (True, "")


@pytest.mark.parametrize(
    "identity",
    [
        Identity(caller_name=Private("Pat Example"), relation="self", callback_number=NUMBER),
        Identity(date_of_birth=BORN),
        Identity(patient_name=Private("Pat Example"), date_of_birth=date(1961, 5, 18), callback_number=NUMBER),
        Identity(patient_name=Private("Kim Example"), date_of_birth=BORN, callback_number=NUMBER),
        Identity(caller_name=Private("Pat Example"), relation="mother", date_of_birth=BORN),
    ],
    ids=["name and number", "birth alone", "another birth", "a twin", "a caller of the patient's name"],
)
def test_nothing_is_found_without_a_match(night: Night, identity: Identity) -> None:
    night.a_page()
    assert recalled(night, night.a_call("call-2"), identity) == ()


def test_who_accepted_and_in_what_role_is_known(night: Night) -> None:
    rivera_accepts(night, night.a_page())
    (found,) = recalled(night, night.a_call("call-2"))
    assert (found.accepted_by, found.role, found.accepted_at) == ("Dr. Ana Rivera", "clinician", night.clock.now())


def test_the_second_call_joins_the_first_page_and_begins_nothing_anew(night: Night) -> None:
    first = night.a_page()
    call = night.a_call("call-2")
    (found,) = recalled(night, call)
    done = night.do(call, "clinical", PageClinician(again(night, found.matter, worse=False), a_triage()))
    assert done.page == first
    with night.look() as tx:
        tx.journal("test", "message")
        page = Page.objects.get()
        assert (page.round, page.worsened_at) == (0, None)
        assert Message.objects.count() == Patient.objects.count() == 1
        assert MessageAmendment.objects.get().kind == "called_again"


def test_worse_begins_a_new_round_at_once_marked_as_worse_whoever_had_accepted(night: Night) -> None:
    first = night.a_page()
    rivera_accepts(night, first)
    night.clock.move(minutes=20)
    call = night.a_call("call-2")
    (found,) = recalled(night, call)
    deed = PageClinician(again(night, found.matter, worse=True), a_triage())
    assert night.do(call, "clinical", deed).page == night.do(call, "clinical", deed).page == first
    with night.look() as tx:
        tx.journal("test", "message")
        page = Page.objects.get()
        assert (page.state, page.round, page.worsened_at) == ("open", 1, night.clock.now())
        assert PageNotice.objects.filter(round=1, at=night.clock.now()).exists()
        assert Alarm.objects.filter(kind="page_worsened").count() == 1
        assert Message.objects.get().state == "sent"
    night.pass_time(seconds=5)
    assert "has become worse" in night.phone.heard[-1].opening


def test_a_less_urgent_second_call_does_not_lower_the_first(night: Night) -> None:
    night.a_page(Disposition.CALL_911)
    call = night.a_call("call-2")
    (found,) = recalled(night, call)
    night.do(call, "clinical", PageClinician(again(night, found.matter, worse=True), a_triage()))
    with night.look() as tx:
        tx.journal("test", "message")
        assert Page.objects.get().disposition == Message.objects.get().disposition == "call_911"


def test_the_caller_who_joined_hears_that_it_was_accepted(night: Night) -> None:
    first = night.a_page()
    call = night.a_call("call-2")
    (found,) = recalled(night, call)
    night.do(call, "clinical", PageClinician(again(night, found.matter, worse=False), a_triage()))
    rivera_accepts(night, first)
    with night.look() as tx:
        tx.journal("test", "call_command")
        told = set(CallCommand.objects.filter(kind="page_accepted").values_list("contact_id", flat=True))
    assert call.contact in told
    assert len(told) == 2


def test_another_patients_matter_cannot_be_joined(night: Night) -> None:
    night.a_page()
    (found,) = recalled(night, night.a_call("call-2"))
    stranger = replace(IDENTITY, patient_name=Private("Kim Other"), date_of_birth=date(1990, 1, 1))
    summary = replace(again(night, found.matter, worse=True), identity=stranger)
    night.do(night.a_call("call-3"), "clinical", PageClinician(summary, a_triage()))
    with night.look() as tx:
        tx.journal("test", "message")
        assert Message.objects.count() == Page.objects.count() == 2
