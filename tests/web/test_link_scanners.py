"""Programs that open every link in a mail accept nothing, and neither does anybody who is not signed in or was led here."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import invented
import pytest
from django.test import Client

from careline.storage.models import Page
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
