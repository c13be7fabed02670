"""Programs that open every link in a mail accept nothing, and neither does anybody who is not signed in or was led here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import invented
import pytest
from django.test import Client

from careline.storage.models import Membership, Message, Page
from careline.storage.transactions import Actor, practice
from conftest import SignIn


@pytest.fixture
def page(with_passwords: UUID) -> UUID:
    began = datetime.now(UTC)
    contact = invented.write_contact(with_passwords, invented.PRESSURE, began, live=False)
    return invented.write_page(with_passwords, invented.PRESSURE, contact, began, ("okafor",))


def state(demo: UUID, page: UUID) -> str:
    with practice(demo, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)):
        return Page.objects.get(id=page).state


def test_opening_a_link_accepts_nothing(with_passwords: UUID, page: UUID, sign_in: SignIn) -> None:
    addresses = (
        f"/pages/{page}",
        f"/p/demo/pages/{page}/",
        f"/p/demo/pages/{page}/accept/",
        f"/p/demo/pages/{page}/outcome/",
    )
    for client in (Client(SERVER_NAME="localhost"), sign_in("clinician")):
        for address in addresses:
            for method in ("get", "head", "options"):
                getattr(client, method)(address)
                assert state(with_passwords, page) == "open", (method, address)


def test_a_click_counts_only_signed_in_and_from_our_own_page(with_passwords: UUID, page: UUID, sign_in: SignIn) -> None:
    accept = f"/p/demo/pages/{page}/accept/"
    assert Client(SERVER_NAME="localhost").post(accept).status_code == 302, "to the sign-in"
    led_here = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    led_here.cookies = sign_in("clinician").cookies
    assert led_here.post(accept, headers={"origin": "https://evil.example"}).status_code == 403
    assert state(with_passwords, page) == "open"
    sign_in("clinician").post(accept)
    assert state(with_passwords, page) == "accepted"


def test_what_is_settled_leaves_the_phones_and_stays_in_the_record(
    with_passwords: UUID, page: UUID, sign_in: SignIn
) -> None:
    client = sign_in("clinician")
    client.post(f"/p/demo/pages/{page}/accept/")
    client.post(f"/p/demo/pages/{page}/outcome/", {"outcome": "advice_given"})
    assert client.get(f"/p/demo/pages/{page}/").status_code == 200
    with practice(with_passwords, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)) as tx:
        tx.journal("test", "message")
        row = Page.objects.get(id=page)
        long_ago = datetime.now(UTC) - timedelta(hours=73)
        Message.objects.filter(id=row.message_id).update(outcome_at=long_ago)
    assert client.get(f"/p/demo/pages/{page}/").status_code == 404
    assert str(page) not in client.get("/p/demo/pages/").content.decode()
    assert client.get(f"/p/demo/contacts/{row.contact_id}/").status_code == 200


def test_a_manager_unlocks_who_was_locked(with_passwords: UUID, sign_in: SignIn) -> None:
    began = datetime.now(UTC)
    okafor = invented.member(with_passwords, "okafor", began)
    with practice(with_passwords, actor=Actor.service("test"), purpose="test", now=began):
        Membership.objects.filter(id=okafor).update(pin_locked_at=began, codes_locked_at=began, wrong_codes=5)
    assert sign_in("clinician").post(f"/p/demo/people/{okafor}/unlock/").status_code == 403
    manager = sign_in("manager")
    assert "telephone locked" in manager.get("/p/demo/people/").content.decode()
    manager.post(f"/p/demo/people/{okafor}/unlock/")
    with practice(with_passwords, actor=Actor.service("test"), purpose="test", now=began):
        member = Membership.objects.get(id=okafor)
    assert (member.pin_locked_at, member.codes_locked_at, member.wrong_codes) == (None, None, 0)
