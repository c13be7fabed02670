"""Every answer says how it may be used: kept nowhere, framed nowhere, loading nothing foreign, running no inline script."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

import invented
import pytest
from django.test import Client

from conftest import SignIn

ANYONE = (
    "/account/login/",
    "/chat/demo/",
    "/chat/demo/token/",
    "/call/demo/",
    "/call/demo/token/",
    "/nowhere",
    "/health/live",
    "/health/ready",
    "/p/demo/desk/",
)
INLINE = re.compile(rb"<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=|javascript:", re.IGNORECASE)
SHAPED = re.compile(rb'(?:src|href|action)="(https?:)?//')


@pytest.fixture
def answers(with_passwords: UUID, sign_in: SignIn) -> dict[str, object]:
    began = datetime.now(UTC)
    contact = invented.write_contact(with_passwords, invented.CHEST, began, live=True)
    invented.write_page(with_passwords, invented.CHEST, contact, began)
    client = sign_in("manager")
    console = [
        f"/p/demo/{page}"
        for page in ("desk/", "messages/", "on-call/", f"contacts/{contact}/", "pages/", "journal/", "people/")
    ]
    stranger = Client(SERVER_NAME="localhost")
    return {address: client.get(address) for address in console} | {
        f"{address} ": stranger.get(address) for address in ANYONE
    }


def test_nothing_is_kept_and_nothing_foreign_is_loaded(answers: dict[str, object]) -> None:
    for address, answer in answers.items():
        headers = answer.headers
        assert headers["Cache-Control"] == "no-store", address
        assert headers["X-Content-Type-Options"] == "nosniff", address
        assert headers["Referrer-Policy"] == "same-origin", address
        said = headers["Content-Security-Policy"]
        assert "default-src 'none'" in said
        assert "script-src 'self';" in said
        assert "style-src 'self';" in said
        assert "unsafe" not in said
        assert "frame-ancestors 'none'" in said or address.startswith("/chat/demo/ ")


def test_no_page_needs_what_the_policy_forbids(answers: dict[str, object]) -> None:
    for address, answer in answers.items():
        assert not INLINE.search(answer.content), address
        if "/contacts/" not in address:  # where a rule names the address of its source
            assert not SHAPED.search(answer.content), address


def test_the_chat_page_reaches_the_voice_process_and_nobody_else(with_passwords: UUID) -> None:
    said = Client(SERVER_NAME="localhost").get("/chat/demo/").headers["Content-Security-Policy"]
    assert re.search(r"connect-src 'self' ws://localhost:\d+;", said)
    assert "frame-ancestors 'self'" in said


def test_the_microphone_is_asked_for_by_the_telephones_only(answers: dict[str, object], sign_in: SignIn) -> None:
    telephones = {"/call/demo/": Client(SERVER_NAME="localhost"), "/p/demo/softphone/": sign_in("operator")}
    for address, client in telephones.items():
        headers = client.get(address).headers
        assert "microphone=(self)" in headers["Permissions-Policy"]
        assert "camera=()" in headers["Permissions-Policy"]
        assert re.search(r"connect-src 'self' ws://localhost:\d+;", headers["Content-Security-Policy"])
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    for address, answer in answers.items():
        if not address.startswith("/call/demo/ "):
            assert "microphone=()" in answer.headers["Permissions-Policy"], address


def test_cookies_are_out_of_a_scripts_reach(sign_in: SignIn) -> None:
    cookie = sign_in("operator").cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"] or 0) <= 12 * 3600


def test_errors_say_nothing_of_a_patient(with_passwords: UUID, sign_in: SignIn) -> None:
    client = sign_in("operator")
    contact = invented.write_contact(with_passwords, invented.CHEST, datetime.now(UTC), live=True)
    for address, status in ((f"/p/demo/messages/{contact}/", 404), ("/p/demo/journal/", 403), ("/p/other/desk/", 404)):
        answer = client.get(address)
        assert answer.status_code == status
        assert invented.CANARY.encode() not in answer.content
        assert b"Cedar Hill" not in answer.content


def test_health_tells_of_the_process_only(db: object) -> None:
    client = Client(SERVER_NAME="localhost")
    assert client.get("/health/live").json() == {"live": True}
    assert client.get("/health/ready").json()["missing"] == ["work", "voice"]
