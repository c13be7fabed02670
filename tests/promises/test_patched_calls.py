"""What the record promises of a clinician and a patient on one call: who may, what was said of it, and who is woken again."""

from __future__ import annotations

from uuid import UUID

import pytest
from night import Night

from careline.actions.accept_page import accept_page
from careline.actions.patch_commands import NotePatch, PatchOutcome, PreparePatch
from careline.actions.patching import call_patient
from careline.actions.perform import perform
from careline.core.errors import Refused
from careline.storage.models import Alarm, Membership, Page, PatchedCall, Promise


def person(night: Night, staff: str) -> UUID:
    with night.look():
        return Membership.objects.values_list("person_id", flat=True).get(staff_id=staff)


def talked(night: Night, page: UUID, by: UUID, seconds: float) -> UUID:
    order = perform(PreparePatch(night.practice, page, by, "patch-1", night.clock.now()))
    perform(NotePatch(night.practice, order.patch, night.clock.now(), "talking", "relay"))
    night.clock.move(seconds=seconds)
    perform(NotePatch(night.practice, order.patch, night.clock.now(), "ended"))
    return order.patch


def state(night: Night, page: UUID) -> str:
    with night.look() as tx:
        tx.journal("test", "page", page)
        return Page.objects.get(id=page).state


def test_only_whoever_holds_the_page_is_joined_to_the_patient(night: Night) -> None:
    page, okafor = night.a_page(), person(night, "okafor")
    with pytest.raises(Refused):
        perform(PreparePatch(night.practice, page, okafor, "patch-1", night.clock.now()))
    accept_page(night.practice, page, okafor, "web", night.clock.now())
    order = perform(PreparePatch(night.practice, page, okafor, "patch-1", night.clock.now()))
    assert order.number.reveal() == "+12125550123"
    assert order.line == "+12125550100"
    assert not order.needed


def test_the_outcome_by_key_ends_the_page(night: Night) -> None:
    page, okafor = night.a_page(), person(night, "okafor")
    accept_page(night.practice, page, okafor, "phone", night.clock.now())
    order = perform(PreparePatch(night.practice, page, okafor, "patch-1", night.clock.now()))
    perform(PatchOutcome(night.practice, order.patch, night.clock.now(), "spoke_with_patient"))
    assert state(night, page) == "done"


def test_could_not_reach_never_closes_an_urgent_page(night: Night) -> None:
    page, okafor = night.a_page(), person(night, "okafor")
    accept_page(night.practice, page, okafor, "phone", night.clock.now())
    order = perform(PreparePatch(night.practice, page, okafor, "patch-1", night.clock.now()))
    perform(PatchOutcome(night.practice, order.patch, night.clock.now(), "could_not_reach"))
    assert state(night, page) == "open"


@pytest.mark.parametrize(("seconds", "after"), [(200.0, "accepted"), (5.0, "open")])
def test_whoever_spoke_to_the_patient_is_not_woken_for_paperwork(night: Night, seconds: float, after: str) -> None:
    page, okafor = night.a_page(), person(night, "okafor")
    accept_page(night.practice, page, okafor, "phone", night.clock.now())
    talked(night, page, okafor, seconds)
    night.pass_time(minutes=31)
    assert state(night, page) == after
    with night.look():
        assert Alarm.objects.filter(kind="outcome_missing").exists() is (after == "accepted")


def test_asking_twice_at_the_page_rings_once(night: Night) -> None:
    page, okafor = night.a_page(), person(night, "okafor")
    with pytest.raises(Refused):
        call_patient(night.practice, page, okafor, night.clock.now())
    accept_page(night.practice, page, okafor, "web", night.clock.now())
    for _ in range(2):
        call_patient(night.practice, page, okafor, night.clock.now())
        night.clock.move(seconds=2)
    with night.look():
        assert PatchedCall.objects.count() == 1
        assert Promise.objects.filter(kind="page.relay").count() == 1
