"""What an operator does to contacts that are up, in a real browser: what the holder of the call answers is told plainly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import invented
from django.db import connections
from playwright.sync_api import expect

from careline.actions.commands import AnswerOrder, AwaitOrders, Order
from careline.actions.desk_commands import FindDesk, SetCallState
from careline.actions.perform import perform
from careline.storage.listening import leave
from careline.storage.models import LiveCall
from careline.storage.transactions import practice
from conftest import OpenPage


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def holder(do: Callable[[Order], str]) -> Iterator[list[Order]]:
    """The voice process that holds the calls: claims the next order and answers as told."""
    orders: list[Order] = []

    def work() -> None:
        try:
            for order in perform(AwaitOrders("test-node", now(), 10.0)):
                orders.append(order)
                perform(AnswerOrder(order.practice, order.order, now(), do(order)))
        finally:
            leave()
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    yield orders
    thread.join(15)


def takes(order: Order) -> str:
    perform(SetCallState(order.practice, order.contact, now(), "person", order.by))
    return "done"


def test_a_call_is_taken_and_the_telephone_rings(with_passwords: UUID, open_page: OpenPage) -> None:
    invented.write_contact(with_passwords, invented.CHEST, now(), live=True)
    desk = open_page("operator")
    with holder(lambda _: "ringing") as orders:
        desk.get_by_role("button", name="Take this call").click()
        expect(desk.get_by_text("Your telephone is ringing")).to_be_visible()
    assert [(one.kind, one.expected_version, one.number, one.name) for one in orders] == [
        ("take_over", 1, "+12125550114", "Toni Brooks")
    ]


def test_a_call_somebody_has_shows_who_and_what_can_be_done(with_passwords: UUID, open_page: OpenPage) -> None:
    contact = invented.write_contact(with_passwords, invented.CHEST, now(), live=True)
    operator = invented.person(with_passwords, "brooks")
    perform(SetCallState(with_passwords, contact, now(), "person", operator))
    desk, other = open_page("operator"), open_page("manager")
    expect(desk.get_by_text("With Toni Brooks")).to_be_visible()
    expect(other.get_by_role("button", name="Take this call")).to_have_count(0)
    expect(other.get_by_role("button", name="Hang up")).to_have_count(0)
    with holder(lambda _: "done"):
        desk.get_by_role("button", name="Hold").click()
        expect(desk.get_by_text("The caller is on hold.")).to_be_visible()


def test_an_owner_that_does_not_answer_is_told_of_plainly(with_passwords: UUID, open_page: OpenPage) -> None:
    invented.write_contact(with_passwords, invented.CHEST, now(), live=True)
    desk = open_page("operator")
    desk.get_by_role("button", name="Hang up").click()
    expect(desk.get_by_text("did not answer within 5 seconds")).to_be_visible(timeout=9_000)


def test_a_chat_is_taken_and_written_in(with_passwords: UUID, open_page: OpenPage) -> None:
    contact = invented.write_contact(with_passwords, invented.REFILL, now(), live=True)
    desk = open_page("operator", width=390, height=780)
    with holder(takes):
        desk.get_by_role("button", name="Take this chat").click()
        expect(desk.get_by_text("You are writing with the patient now.")).to_be_visible()
    desk.get_by_role("link", name="Write").click()
    with holder(lambda _: "done") as orders:
        desk.get_by_label("You are writing with the patient").fill("Good evening, which pharmacy?")
        desk.get_by_label("You are writing with the patient").press("Enter")
        expect(desk.get_by_text("Sent.")).to_be_visible()
    assert orders[0].contact == contact
    assert orders[0].text is not None
    assert orders[0].text.reveal() == "Good evening, which pharmacy?"


def test_an_operator_says_that_they_take_calls(with_passwords: UUID, open_page: OpenPage) -> None:
    contact = invented.write_contact(with_passwords, invented.CHEST, now(), live=True)
    desk = open_page("operator")
    expect(desk.get_by_text("You take no calls")).to_be_visible()
    desk.get_by_label("Your telephone").fill("+1 212 555 0177")
    desk.get_by_role("button", name="Take calls").click()
    expect(desk.get_by_text("You take calls")).to_be_visible()
    assert [one.number for one in perform(FindDesk(with_passwords, contact, now(), "en"))] == ["+12125550177"]
    desk.get_by_role("button", name="Sign out").click()
    expect(desk.get_by_role("heading", name="Sign in")).to_be_visible()
    assert perform(FindDesk(with_passwords, contact, now(), "en")) == ()
    with practice(with_passwords, actor=invented.VOICE, purpose="test", now=now()):
        assert LiveCall.objects.count() == 1
