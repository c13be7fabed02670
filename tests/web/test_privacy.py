"""A patient's words and numbers stay on the page: in no address, no title, no log line, not even when a page breaks."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from uuid import UUID

import invented
from playwright.sync_api import Page

from careline.web.logs import SafeFormatter
from conftest import OpenPage, Running, SignIn

PATIENT = re.compile(r"Quillfeather|pain in his chest|Example Lane|5550147|1958-04-02|555-0147")


def _walk(page: Page, addresses: list[str]) -> list[str]:
    """Every address that the browser asked for or could be led to, and every title it showed."""
    told: list[str] = []
    page.on("request", lambda asked: told.append(asked.url))
    for address in addresses:
        page.goto(address)
        told.append(page.title())
        told += page.eval_on_selector_all(
            "[href], [src], [action], [hx-get]",
            "all => all.flatMap(one => ['href', 'src', 'action', 'hx-get'].map(name => one.getAttribute(name) ?? ''))",
        )
    return told


def test_no_address_and_no_log_line_holds_a_patient(
    with_passwords: UUID, running: Running, open_page: OpenPage
) -> None:
    began = datetime.now(UTC)
    contact = invented.write_contact(with_passwords, invented.CHEST, began, live=True)
    page_id = invented.write_page(with_passwords, invented.CHEST, contact, began)
    message = invented.write_message(with_passwords, invented.CHEST, contact, began, "clinical")
    manager, clinician = open_page("manager"), open_page("clinician")
    told = _walk(
        manager,
        [
            f"/p/demo/{page}"
            for page in ("desk/", "messages/", f"messages/{message}/", f"contacts/{contact}/", "journal/")
        ],
    )
    told += _walk(clinician, ["/p/demo/pages/", f"/p/demo/pages/{page_id}/"])
    clinician.get_by_role("button", name="Accept").click()
    clinician.get_by_text(invented.CHEST.reason).wait_for()
    told += [clinician.url, clinician.title()]
    assert [one for one in told if PATIENT.search(one)] == []
    kept = manager.evaluate("[...Object.entries(localStorage), ...Object.entries(sessionStorage)]")
    assert kept in ([], [["htmx-current-path-for-history", "/p/demo/journal/"]])  # never a copy of a page
    assert not PATIENT.search(running.log.read_text())


def test_the_number_to_ring_is_the_only_thing_a_telephone_link_holds(with_passwords: UUID, open_page: OpenPage) -> None:
    """A clinician's telephone must dial: that one link leads to no server."""
    began = datetime.now(UTC)
    contact = invented.write_contact(with_passwords, invented.PRESSURE, began, live=False)
    page_id = invented.write_page(with_passwords, invented.PRESSURE, contact, began)
    phone = open_page("clinician")
    phone.goto(f"/p/demo/pages/{page_id}/")
    phone.get_by_role("button", name="Accept").click()
    phone.get_by_text(invented.PRESSURE.reason).wait_for()
    links = phone.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    assert [link for link in links if "5550162" in link] == ["tel:+12125550162"]


def test_an_exception_is_logged_without_its_words() -> None:
    try:
        raise ValueError(f"cannot read {invented.CANARY}")
    except ValueError as error:
        caught = (type(error), error, error.__traceback__)
    record = logging.LogRecord(
        "django.request", logging.ERROR, "x", 1, "Internal Server Error: %s", ("/p/demo/desk/",), caught
    )
    line = SafeFormatter().format(record)
    assert line.startswith("careline: web: error: Internal Server Error: /p/demo/desk/ (ValueError by test_privacy.py:")
    assert invented.CANARY not in line


def test_the_journal_page_shows_ids_only(with_passwords: UUID, sign_in: SignIn) -> None:
    began = datetime.now(UTC)
    contact = invented.write_contact(with_passwords, invented.CHEST, began, live=True)
    manager = sign_in("manager")
    manager.get(f"/p/demo/contacts/{contact}/")
    shown = manager.get("/p/demo/journal/").content.decode()
    assert str(contact)[-8:] in shown
    assert not PATIENT.search(shown)
