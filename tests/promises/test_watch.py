"""The dead-man's switch: test contacts go the whole way, and when they do not, the operator of the installation is paged."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from night import Night

from careline.actions.accept_page import accept_page
from careline.actions.commands import CheckWatch
from careline.actions.perform import perform
from careline.bootstrap import watch as installed
from careline.calls.watch import SelfAnswering
from careline.core import watch
from careline.core.errors import DataFileError
from careline.ports import Outcome, PageScript
from careline.settings import OperatorReached
from careline.storage.models import Contact, Membership, Page, Practice
from careline.storage.transactions import Actor, practice

OPERATOR = OperatorReached("+12125550190", "operator@example.com", "4190")


@pytest.fixture
def watched(night: Night) -> Night:
    installed.set_up(OPERATOR, night.clock.now())
    night.phone.answers[watch.NUMBER] = Outcome.ACCEPTED
    return night


def of(slug: str) -> UUID:
    return Practice.objects.get(slug=slug).id


def pages(night: Night, slug: str) -> list[str]:
    with practice(of(slug), actor=Actor.service("test"), purpose="test", now=night.clock.now()):
        return list(Page.objects.order_by("raised_at").values_list("state", flat=True))


def failing(night: Night, since: timedelta) -> int:
    failed: int = perform(CheckWatch(night.clock.now() - since, night.clock.now()))
    return failed


def test_every_five_minutes_a_test_contact_goes_the_whole_way_to_an_outcome(watched: Night) -> None:
    watched.pass_time(minutes=16)
    assert pages(watched, watch.TESTS) == ["done", "done", "done", "accepted"]
    assert failing(watched, timedelta(minutes=16)) == 0
    assert set(watched.phone.numbers) == {watch.NUMBER}


def test_no_practice_sees_a_test_contact(watched: Night) -> None:
    watched.pass_time(minutes=11)
    with watched.look() as tx:
        tx.journal("test", "contact")
        assert not Contact.objects.exists()
        assert not Page.objects.exists()
    with practice(of(watch.TESTS), actor=Actor.service("test"), purpose="test", now=watched.clock.now()) as tx:
        tx.journal("test", "contact")
        assert set(Contact.objects.values_list("state", flat=True)) == {"closed"}


def test_one_failure_is_not_enough_and_two_page_the_operator_until_somebody_accepts(watched: Night) -> None:
    watched.phone.answers[watch.NUMBER] = Outcome.RETRY
    since = watched.clock.now()
    watched.pass_time(minutes=4)
    assert failing(watched, watched.clock.now() - since) == 1
    assert pages(watched, watch.OPERATOR) == []
    watched.pass_time(minutes=4)
    assert failing(watched, watched.clock.now() - since) == 2
    assert failing(watched, watched.clock.now() - since) == 2
    watched.pass_time(minutes=6)
    assert pages(watched, watch.OPERATOR) == ["open"]
    assert watched.phone.numbers.count(OPERATOR.phone) > 1
    with practice(of(watch.OPERATOR), actor=Actor.service("test"), purpose="test", now=watched.clock.now()):
        page, who = Page.objects.get().id, Membership.objects.get().person_id
    accept_page(of(watch.OPERATOR), page, who, "phone", watched.clock.now())
    rung = watched.phone.numbers.count(OPERATOR.phone)
    failing(watched, watched.clock.now() - since)
    watched.pass_time(minutes=10)
    assert watched.phone.numbers.count(OPERATOR.phone) == rung


def test_when_nobody_makes_test_contacts_any_more_that_is_a_failure_too(watched: Night) -> None:
    """`work` is dead: nothing is kept, and `voice` looks."""
    watched.pass_time(seconds=1)
    since = watched.clock.now() - timedelta(seconds=1)
    watched.clock.move(minutes=13)
    assert failing(watched, watched.clock.now() - since) == 2


def test_a_night_switched_off_is_not_held_against_the_morning(watched: Night) -> None:
    watched.pass_time(seconds=1)
    watched.clock.move(hours=9)
    assert failing(watched, timedelta(seconds=30)) == 0
    watched.pass_time(minutes=6)
    assert failing(watched, timedelta(minutes=6)) == 0


def test_a_test_page_is_accepted_without_a_telephone_and_every_other_call_is_made(night: Night) -> None:
    script = PageScript("en", "", "", "", b"", b"")
    answering = SelfAnswering(night.phone)
    assert asyncio.run(answering.ring(watch.NUMBER, script, 1, "k")).outcome is Outcome.ACCEPTED
    assert asyncio.run(answering.ring("+12125550111", script, 1, "k")).outcome is Outcome.NO_ANSWER
    assert night.phone.numbers == ["+12125550111"]


def test_without_an_operator_nobody_is_paged_and_nothing_breaks(night: Night) -> None:
    installed.set_up(None, night.clock.now())
    night.clock.move(minutes=30)
    assert failing(night, timedelta(minutes=30)) >= watch.ENOUGH


def test_an_address_that_would_break_the_file_is_refused(night: Night) -> None:
    with pytest.raises(DataFileError):
        installed.set_up(OperatorReached("+12125550190", "nobody", "4190"), night.clock.now())
