"""Who may see and do what: every page against every role, other practices, and nobody at all."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import invented
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

import rotas
from careline.storage.models import JournalEntry
from careline.storage.transactions import practice
from careline.web import outside, urls
from conftest import SignIn

EVERYBODY = {"operator", "clinician", "manager"}
# Each page of a practice: how it is asked for, and who may. Those missing from the set are refused with 403.
PAGES: dict[str, tuple[str, set[str]]] = {
    "home": ("get", EVERYBODY),
    "desk": ("get", {"operator", "manager"}),
    "desk_now": ("get", {"operator", "manager"}),
    "alarm_clear": ("post", {"operator", "manager"}),
    "board_page": ("post", {"operator", "manager"}),
    "callback_tried": ("post", {"operator", "manager"}),
    "presence": ("post", {"operator", "manager"}),
    "call_order": ("post", {"operator", "manager"}),
    "live": ("get", EVERYBODY),
    "inbox": ("get", EVERYBODY),
    "message": ("get", EVERYBODY),
    "message_accept": ("post", EVERYBODY),
    "message_close": ("post", EVERYBODY),
    "oncall": ("get", EVERYBODY),
    "rota_change": ("get", {"operator", "manager"}),
    "rota_take_over": ("post", EVERYBODY),
    "rota_withdraw": ("post", {"operator", "manager"}),
    "rota_away": ("get", EVERYBODY),
    "rota_back": ("post", {"operator", "manager"}),
    "rota_swaps": ("get", EVERYBODY),
    "rota_swap_new": ("get", EVERYBODY),
    "rota_swap": ("post", EVERYBODY),
    "rota_rules": ("get", EVERYBODY),
    "rota_rule_new": ("get", {"operator", "manager"}),
    "rota_rule": ("get", {"operator", "manager"}),
    "rota_rule_end": ("post", {"operator", "manager"}),
    "rota_stand_ins": ("get", {"operator", "manager"}),
    "rota_holidays": ("get", EVERYBODY),
    "rota_holiday_gone": ("post", {"operator", "manager"}),
    "rota_import": ("get", {"operator", "manager"}),
    "rota_feeds": ("get", EVERYBODY),
    "rota_revoke": ("post", EVERYBODY),
    "contact": ("get", EVERYBODY),
    "recording": ("get", EVERYBODY),
    "proof_pdf": ("get", EVERYBODY),
    "proof_json": ("get", EVERYBODY),
    "pages": ("get", EVERYBODY),
    "page": ("get", EVERYBODY),
    "page_accept": ("post", EVERYBODY),
    "page_call": ("post", EVERYBODY),
    "page_outcome": ("post", EVERYBODY),
    "shown": ("get", EVERYBODY),
    "shown_browsers": ("post", EVERYBODY),
    "shown_browser_gone": ("post", EVERYBODY),
    "audit": ("get", {"manager"}),
    "audit_verify": ("post", {"manager"}),
    "journal_head": ("get", {"manager"}),
    "people": ("get", {"manager"}),
    "person_unlock": ("post", {"manager"}),
    "softphone": ("get", {"operator", "manager"}),
    "softphone_token": ("get", {"operator", "manager"}),
}
READS_PATIENTS = {"desk", "desk_now", "inbox", "message", "contact", "recording", "page"}


def test_every_page_of_a_practice_stands_in_the_table() -> None:
    assert {pattern.name for pattern in urls.practice if isinstance(pattern, URLPattern | URLResolver)} == set(PAGES)


@pytest.fixture
def rows(with_passwords: UUID) -> dict[str, UUID]:
    outside.use(invented.vault())
    return _rows(with_passwords, ("okafor", "brooks", "lindgren"))


def _rows(practice_id: UUID, reach: tuple[str, ...]) -> dict[str, UUID]:
    began = datetime.now(UTC)
    contact = invented.write_contact(practice_id, invented.PRESSURE, began, live=False)
    return {
        "contact_id": contact,
        "page_id": invented.write_page(practice_id, invented.PRESSURE, contact, began, reach),
        "message_id": invented.write_message(practice_id, invented.REFILL, None, began, "refill"),
        "alarm_id": invented.write_alarm(practice_id, contact, began),
        "task_id": invented.write_callback(practice_id, invented.PRESSURE, contact, began, began),
        "recording_id": invented.write_recording(practice_id, contact, began, 1, invented.vault()),
        "browser_id": invented.write_browser(practice_id, began),
        "member_id": invented.member(practice_id, "okafor", began),
        **rotas.rows(practice_id, began),
    }


def _address(slug: str, name: str, rows: dict[str, UUID]) -> str:
    pattern = next(pattern for pattern in urls.practice if pattern.name == name)
    route = str(pattern.pattern)
    for key, value in rows.items():
        route = route.replace(f"<uuid:{key}>", str(value))
    return f"/p/{slug}/{route}"


def _ask(client: Client, slug: str, name: str, rows: dict[str, UUID]) -> int:
    return getattr(client, PAGES[name][0])(_address(slug, name, rows)).status_code


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_a_role_sees_its_own_pages_and_no_other(role: str, rows: dict[str, UUID], sign_in: SignIn) -> None:
    client = sign_in(role)
    for name, (_, allowed) in PAGES.items():
        expected = (200, 302, 400) if role in allowed else (403,)  # 400: let in, and nothing was asked
        assert _ask(client, "demo", name, rows) in expected, name


def test_another_practice_is_not_even_there(sign_in: SignIn, rows: dict[str, UUID], other: UUID) -> None:
    """Neither under its own name, nor with its rows under ours: 404 everywhere, for every role."""
    theirs = _rows(other, ("okafor",))
    for role in sorted(EVERYBODY):
        client = sign_in(role)
        for name, (_, allowed) in PAGES.items():
            assert _ask(client, "other", name, theirs) == 404, (role, name)
            assert _ask(client, "nowhere", name, theirs) == 404, (role, name)
            if "<uuid" in _pattern(name) and role in allowed:
                assert _ask(client, "demo", name, theirs) == 404, (role, name)


def _pattern(name: str) -> str:
    return str(next(pattern for pattern in urls.practice if pattern.name == name).pattern)


def test_nobody_gets_nothing(rows: dict[str, UUID]) -> None:
    client = Client(SERVER_NAME="localhost")
    for name in PAGES:
        answer = getattr(client, PAGES[name][0])(_address("demo", name, rows))
        assert answer.status_code == 403 if name == "live" else answer.headers["Location"].startswith("/account/login/")
    assert client.get("/account/signup/").status_code == 404


def test_every_state_change_wants_a_token(rows: dict[str, UUID], sign_in: SignIn) -> None:
    signed_in = sign_in("clinician")
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    strict.cookies = signed_in.cookies
    for name, (method, _) in PAGES.items():
        if method == "post":
            assert strict.post(_address("demo", name, rows)).status_code == 403
    assert strict.post("/account/logout/").status_code == 403
    assert strict.post("/account/login/").status_code == 403


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_every_reading_stands_in_the_journal(
    role: str, with_passwords: UUID, rows: dict[str, UUID], sign_in: SignIn
) -> None:
    client = sign_in(role)
    for name in sorted(READS_PATIENTS):
        if role in PAGES[name][1]:
            before = _entries(with_passwords, role)
            _ask(client, "demo", name, rows)
            assert _entries(with_passwords, role) > before, name


def test_a_refusal_stands_in_the_journal(with_passwords: UUID, rows: dict[str, UUID], sign_in: SignIn) -> None:
    sign_in("clinician").get("/p/demo/journal/")
    with practice(with_passwords, actor=invented.VOICE, purpose="test", now=datetime.now(UTC)):
        assert JournalEntry.objects.filter(action="access.refused", detail={"right": "journal"}).count() == 1


def test_sign_ins_stand_in_the_journal(with_passwords: UUID, sign_in: SignIn) -> None:
    client = sign_in("manager")
    client.post("/account/logout/")
    client.post("/account/login/", {"login": "manager@cedarhill.example", "password": "wrong"})
    with practice(with_passwords, actor=invented.VOICE, purpose="test", now=datetime.now(UTC)):
        told = JournalEntry.objects.filter(action__startswith="access.").order_by("id").values_list("action", flat=True)
        assert list(told) == ["access.signed_in", "access.signed_out", "access.sign_in_failed"]


def _entries(practice_id: UUID, role: str) -> int:
    with practice(practice_id, actor=invented.VOICE, purpose="test", now=datetime.now(UTC)):
        return JournalEntry.objects.filter(actor_kind="person").count()
