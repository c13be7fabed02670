"""A session ends: after a quarter of an hour without use, after twelve hours in any case, and when its person may no longer."""

from __future__ import annotations

import time
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.test.utils import override_settings

from careline.storage.models import Membership, Person
from careline.storage.transactions import Actor, practice
from careline.testing.clock import MovableClock
from careline.web.middleware import BACKGROUND, BEGAN, SEEN, still_open
from conftest import SignIn

MINUTE, HOUR = 60, 3600
DESK = "/p/demo/on-call/"


def _let_pass(client: Client, **seconds: float) -> None:
    """Move what the session remembers into the past, as if that much time had gone by."""
    session = SessionStore(client.cookies["sessionid"].value)
    for name, passed in seconds.items():
        session[name] = int(time.time() - passed)
    session.save()


def _signed_in(client: Client) -> bool:
    return client.get(DESK).status_code == 200


def test_a_quarter_of_an_hour_without_use_ends_it(sign_in: SignIn) -> None:
    client = sign_in("operator")
    _let_pass(client, **{SEEN: 14 * MINUTE + 50})
    assert _signed_in(client)
    _let_pass(client, **{SEEN: 15 * MINUTE})
    assert not _signed_in(client)


def test_what_a_page_fetches_by_itself_is_not_use(sign_in: SignIn) -> None:
    client = sign_in("operator")
    _let_pass(client, **{SEEN: 14 * MINUTE})
    assert client.get(DESK, headers={BACKGROUND: "1"}).status_code == 200
    assert time.time() - SessionStore(client.cookies["sessionid"].value)[SEEN] >= 14 * MINUTE
    client.post("/account/awake/")
    assert time.time() - SessionStore(client.cookies["sessionid"].value)[SEEN] < MINUTE
    _let_pass(client, **{SEEN: 15 * MINUTE})
    assert client.get(DESK, headers={BACKGROUND: "1"}).status_code == 403


def test_twelve_hours_end_it_however_busy(sign_in: SignIn) -> None:
    client = sign_in("operator")
    _let_pass(client, **{BEGAN: 12 * HOUR - MINUTE})
    assert _signed_in(client)
    _let_pass(client, **{BEGAN: 12 * HOUR})
    assert not _signed_in(client)


def test_a_stream_ends_with_its_session(sign_in: SignIn) -> None:
    client = sign_in("operator")
    key = client.cookies["sessionid"].value
    assert still_open(key)
    _let_pass(client, **{SEEN: 15 * MINUTE})
    assert not still_open(key)
    assert not still_open(None)
    assert not still_open("a-key-that-is-none")


def test_who_is_suspended_is_out_at_once(sign_in: SignIn) -> None:
    client = sign_in("operator")
    Person.objects.filter(email="operator@cedarhill.example").update(is_active=False)
    assert not _signed_in(client)


def test_who_left_the_practice_finds_nothing(with_passwords: UUID, sign_in: SignIn, clock: MovableClock) -> None:
    client = sign_in("operator")
    with practice(with_passwords, actor=Actor.service("test"), purpose="test", now=clock.now()):
        Membership.objects.filter(staff_id="brooks").update(active=False)
    assert client.get(DESK).status_code == 404
    assert client.get("/").status_code == 403


def test_outside_the_demo_a_second_factor_is_asked_of_everybody(sign_in: SignIn) -> None:
    from dataclasses import replace

    from django.conf import settings

    client = sign_in("manager")
    with override_settings(CARELINE=replace(settings.CARELINE, demo=False)):
        answer = client.get("/p/demo/journal/")
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/account/2fa/totp/activate/"
        assert b"invented people" not in client.get("/account/login/").content


def test_who_guesses_passwords_is_stopped(with_passwords: UUID, sign_in: SignIn) -> None:
    client = Client(SERVER_NAME="localhost")
    answers = [
        client.post("/account/login/", {"login": "manager@cedarhill.example", "password": "guess"}) for _ in range(12)
    ]
    assert answers[0].status_code == 200
    assert b"Too many" in answers[-1].content


def test_locking_is_a_press_not_a_link(sign_in: SignIn) -> None:
    client = sign_in("operator")
    assert client.get("/account/locked/").status_code == 405
    assert _signed_in(client)
    assert client.post("/account/locked/").status_code == 204
    assert not _signed_in(client)
