"""The rota at the console: looked at, changed with ordinary forms by mouse and keyboard, printed, fed to calendar programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from test_accessible import FAULTS
from test_looks import OVERFLOW, PICTURES

import rotas
from careline.actions.rota.keys import API, FEED, make_key
from careline.actions.rota.rules import save_rule
from conftest import OpenPage, SignIn

ZONE = ZoneInfo("America/New_York")
ADDRESSES = {
    "on-call/": "rota-week",
    "on-call/?view=month": "rota-month",
    "on-call/change/": "rota-change",
    "on-call/away/": "rota-away",
    "on-call/swaps/": "rota-swaps",
    "on-call/swaps/new/": "rota-swap",
    "on-call/rotations/": "rota-rotations",
    "on-call/rotations/new/": "rota-rotation",
    "on-call/stand-ins/": "rota-stand-ins",
    "on-call/holidays/": "rota-holidays",
    "on-call/import/": "rota-import",
    "on-call/feeds/": "rota-feeds",
}


@pytest.fixture
def rota(with_passwords: UUID) -> dict[str, UUID]:
    """A rota with two layers, a specialty, changes, absences and a gap."""
    now = datetime.now(UTC)
    who, staff = rotas.keeper(with_passwords, now), rotas.people(with_passwords, now)
    save_rule(who, {"id": "behind", "people": [str(staff["lindgren"])], "layer": 2})
    return {**rotas.rows(with_passwords, now), **staff}


def _look(page: Page, address: str, name: str) -> None:
    page.goto(f"/p/demo/{address}")
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    assert page.evaluate(OVERFLOW) <= 0, f"{name} is wider than its screen"
    assert page.evaluate(FAULTS) == [], name


@pytest.mark.parametrize("part", ["calendar", "forms", "dark"])
def test_every_page_of_the_rota_fits_its_screen_and_has_names(
    rota: dict[str, UUID], open_page: OpenPage, part: str
) -> None:
    if part == "dark":
        manager = open_page("manager", color_scheme="dark")
        _look(manager, "on-call/", "rota-week-dark")
        _look(manager, "on-call/change/", "rota-change-dark")
        return
    desk, phone = open_page("manager"), open_page("manager", width=390, height=844)
    for address, name in ADDRESSES.items():
        if (name in ("rota-week", "rota-month")) is (part == "calendar"):
            _look(desk, address, f"{name}-desk")
            _look(phone, address, f"{name}-phone")


def test_the_month_prints_without_the_frame(rota: dict[str, UUID], open_page: OpenPage) -> None:
    manager = open_page("manager", width=1000, height=700)
    manager.emulate_media(media="print", color_scheme="dark")
    _look(manager, "on-call/?view=month", "rota-month-print")
    for hidden in (".side", ".demo", "[data-print]", ".rota-tabs"):
        assert not manager.locator(hidden).first.is_visible()


def test_a_secretary_changes_a_shift_by_keyboard_alone(rota: dict[str, UUID], open_page: OpenPage) -> None:
    desk = open_page("operator")
    desk.goto("/p/demo/on-call/")
    desk.locator(".track a").first.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Change who is on call")).to_be_visible()
    day = datetime.now(ZONE) + timedelta(days=1)
    for label, at in (("From", "19:00"), ("Until", "21:00")):
        desk.get_by_label(label, exact=True).fill(f"{day:%Y-%m-%d}T{at}")
    desk.get_by_label("Who comes").select_option(label="Maja Lindgren")
    desk.get_by_label("Who leaves").select_option("")
    desk.get_by_label("In which rotation").select_option("")
    desk.get_by_label("Why").fill("a concert")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Changed.")).to_be_visible()
    expect(desk.get_by_text("a concert")).to_be_visible()
    desk.get_by_role("button", name="Take back: Maja Lindgren in place of everybody").press("Enter")
    expect(desk.get_by_text("Taken back.")).to_be_visible()
    expect(desk.get_by_text("a concert")).to_have_count(0)


def test_a_gap_must_be_meant_and_a_refusal_names_its_mend(rota: dict[str, UUID], open_page: OpenPage) -> None:
    desk = open_page("manager")
    day = datetime.now(ZONE) + timedelta(days=2)
    now_on_call = "Dr. Ben Okafor" if day.weekday() >= 4 else "Dr. Ana Rivera"
    desk.goto("/p/demo/on-call/change/?change=remove")
    desk.get_by_label("From", exact=True).fill(f"{day:%Y-%m-%d}T21:00")
    desk.get_by_label("Until", exact=True).fill(f"{day:%Y-%m-%d}T20:00")
    desk.get_by_label("Who leaves").select_option(label=now_on_call)
    desk.get_by_role("button", name="Save the change").click()
    expect(desk.get_by_text("it ends before it begins")).to_be_visible()
    expect(desk.get_by_text("write an end after the start")).to_be_visible()
    desk.get_by_label("Until", exact=True).fill(f"{day:%Y-%m-%d}T22:00")
    desk.get_by_role("button", name="Save the change").click()
    expect(desk.get_by_text("Nobody would be on call")).to_be_visible()
    desk.screenshot(path=Path(PICTURES) / "rota-refused.png", full_page=True)
    desk.get_by_label("Save it nevertheless").check()
    desk.get_by_role("button", name="Save the change").click()
    expect(desk.get_by_text("Changed.")).to_be_visible()


def test_a_rotation_is_written_and_read_back(rota: dict[str, UUID], open_page: OpenPage) -> None:
    desk = open_page("manager")
    desk.goto("/p/demo/on-call/rotations/new/")
    desk.get_by_label("Name").fill("second line")
    desk.get_by_label("1.", exact=True).select_option(label="Dr. Ben Okafor")
    desk.get_by_label("2.", exact=True).select_option(label="Dr. Ana Rivera")
    desk.get_by_label("The first turn begins on").fill("2026-01-02")
    desk.get_by_label("Called").select_option("3")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("Fill this in.")).to_be_visible()
    desk.get_by_label("Hand-off at").fill("17:00")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("turns of one week, hand-off 17:00")).to_be_visible()
    desk.get_by_role("link", name="second line").click()
    expect(desk.get_by_label("Hand-off at")).to_have_value("17:00")
    desk.get_by_role("button", name="End it").click()
    expect(desk.get_by_text("Ended.")).to_be_visible()


def _ics(who: str, zone: str = "America/New_York") -> str:
    day = datetime.now(UTC) + timedelta(days=5)
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        f"SUMMARY:{who}\r\nDTSTART;TZID={zone}:{day:%Y%m%d}T190000\r\nDTEND;TZID={zone}:{day:%Y%m%d}T230000\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def test_an_ics_file_is_shown_before_it_is_taken_and_a_broken_one_says_where(
    rota: dict[str, UUID], sign_in: SignIn
) -> None:
    client = sign_in("manager")
    sent = {"rule": "imported", "hand_off": "07:00", "layer": "3"}
    address = "/p/demo/on-call/import/"
    for text, words in (
        (_ics("Dr. Nobody"), "rota.ics:3: nobody known here is on call"),
        (_ics("Okafor", "Mars/Olympus"), "rota.ics:6: no time zone is called"),
        (_ics("Okafor").replace("DTEND", "DTBAND"), "a shift without an end"),
        ("hello", "rota.ics:1"),
    ):
        assert words in client.post(address, {**sent, "text": text}).content.decode().replace("&#x27;", "'"), words
    shown = client.post(address, {**sent, "text": _ics("Okafor")}).content.decode()
    assert "1 shift in" in shown
    assert "7:00 PM to 11:00 PM" in shown
    assert "imported" not in client.get("/p/demo/on-call/rotations/").content.decode()
    assert client.post(address, {**sent, "text": _ics("Okafor"), "take": "1"}).status_code == 302
    rotations = client.get("/p/demo/on-call/rotations/").content.decode()
    assert "1 shift to come" in rotations


def test_a_feed_is_secret_revocable_and_tells_no_reasons(
    with_passwords: UUID, rota: dict[str, UUID], sign_in: SignIn
) -> None:
    now, outsider = datetime.now(UTC), Client(SERVER_NAME="localhost")
    who = rotas.keeper(with_passwords, now)
    everybody, mine = make_key(who, FEED), make_key(who, FEED, rota["rivera"])
    answer = outsider.get(f"/calendar/{everybody.token}.ics")
    text = answer.content.decode().replace("\r\n ", "")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert "SUMMARY:On call: Maja Lindgren\r\n" in text
    assert "busy night" not in text
    assert "Okafor" not in outsider.get(f"/calendar/{mine.token}.ics").content.decode()
    assert outsider.get("/calendar/guessed.ics").status_code == 404
    client = sign_in("operator")
    assert client.post(f"/p/demo/on-call/feeds/{everybody.row}/revoke/").status_code == 302
    assert outsider.get(f"/calendar/{everybody.token}.ics").status_code == 404
    made = client.post("/p/demo/on-call/feeds/", {"kind": "mine", "label": "my phone"}).content.decode()
    assert "/calendar/" in made
    assert "/calendar/" not in client.get("/p/demo/on-call/feeds/").content.decode()


def test_the_api_says_who_is_on_call_to_who_may_ask(
    with_passwords: UUID, rota: dict[str, UUID], sign_in: SignIn
) -> None:
    now, outsider = datetime.now(UTC), Client(SERVER_NAME="localhost")
    key = make_key(rotas.keeper(with_passwords, now), API)
    address, bearer = "/api/practices/demo/on-call", {"Authorization": f"Bearer {key.token}"}
    assert outsider.get(address).status_code == 401
    assert outsider.get(address, headers={"Authorization": "Bearer guessed"}).status_code == 401
    feed = make_key(rotas.keeper(with_passwords, now), FEED)
    assert outsider.get(address, headers={"Authorization": f"Bearer {feed.token}"}).status_code == 401
    assert outsider.get("/api/practices/other/on-call", headers=bearer).status_code == 401
    told = outsider.get(address, {"at": "2030-07-05T12:00:00Z"}, headers=bearer).json()
    assert [(one["id"], one["place"]) for one in told["people"]][:2] == [
        ("okafor", "on_call"),
        ("lindgren", "second_call"),
    ]
    assert (told["gap"], told["timezone"]) == (False, "America/New_York")
    heart = outsider.get(address, {"at": "2030-07-03T12:00:00Z", "specialty": "cardiology"}, headers=bearer).json()
    assert heart["people"][0]["id"] == "okafor"
    for wrong in ("tomorrow", "2030-07-05T12:00"):
        assert "write 2026-12-24T22:00-05:00" in outsider.get(address, {"at": wrong}, headers=bearer).json()["error"]
    assert sign_in("clinician").get(address).json()["people"]


def test_a_clinician_answers_a_swap_and_notes_only_their_own_absence(rota: dict[str, UUID], sign_in: SignIn) -> None:
    client = sign_in("clinician")
    page = client.get("/p/demo/on-call/away/").content.decode()
    assert "Dr. Ben Okafor" in page
    assert "Ana Rivera" not in page
    assert client.post(f"/p/demo/on-call/absences/{rota['absence_id']}/end/").status_code == 403
    assert client.post(f"/p/demo/on-call/swaps/{rota['swap_id']}/", {"answer": "decline"}).status_code == 302
    assert "not made" in client.get("/p/demo/on-call/swaps/").content.decode()
