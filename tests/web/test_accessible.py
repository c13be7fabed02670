"""Pages can be used by keyboard and with a screen reader: landmarks, names for all that acts, order."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import invented
from playwright.sync_api import Page, expect

from conftest import OpenPage

FAULTS = """() => {
  const named = (one) =>
    (one.getAttribute('aria-label') || one.textContent || one.labels?.[0]?.textContent || one.title || '').trim();
  const shown = (one) => one.checkVisibility();
  const faults = [];
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
  if (document.querySelectorAll('main').length !== 1) faults.push('not one main');
  if (!document.documentElement.lang) faults.push('no language');
  for (const one of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea'))
    if (shown(one) && !named(one)) faults.push('no name: ' + one.outerHTML.slice(0, 90));
  for (const one of document.querySelectorAll('img:not([alt])')) faults.push('no alt: ' + one.src);
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) faults.push('twice: ' + id);
  let last = 0;
  for (const one of document.querySelectorAll('h1, h2, h3, h4')) {
    const level = Number(one.tagName[1]);
    if (level > last + 1) faults.push('heading jumps: ' + one.textContent);
    last = level;
  }
  for (const one of document.querySelectorAll('main button, main .button'))
    if (shown(one) && one.getBoundingClientRect().height < 24) faults.push('too small to hit: ' + one.outerHTML.slice(0, 90));
  return faults;
}"""


def _check(page: Page, address: str) -> None:
    page.goto(address)
    assert page.evaluate(FAULTS) == [], address


def test_every_page_has_names_landmarks_and_order(with_passwords: UUID, open_page: OpenPage) -> None:
    began = datetime.now(UTC)
    contact = invented.write_contact(with_passwords, invented.CHEST, began, live=True)
    invented.write_recording(with_passwords, contact, began, 2, invented.vault())
    page_id = invented.write_page(with_passwords, invented.CHEST, contact, began)
    message = invented.write_message(with_passwords, invented.REFILL, None, began, "refill")
    anyone = open_page()
    for address in ("/account/login/", "/chat/demo/", "/call/demo/", "/nowhere"):
        _check(anyone, address)
    manager = open_page("manager")
    for address in (
        "desk/",
        "messages/",
        f"messages/{message}/",
        "on-call/",
        f"contacts/{contact}/",
        "journal/",
        "people/",
        "softphone/",
    ):
        _check(manager, f"/p/demo/{address}")
    clinician = open_page("clinician", width=360, height=740)
    _check(clinician, "/p/demo/pages/")
    _check(clinician, f"/p/demo/pages/{page_id}/")
    clinician.get_by_role("button", name="Accept").click()
    clinician.get_by_role("button", name="Spoke with patient").wait_for()
    assert clinician.evaluate(FAULTS) == []


def test_the_keyboard_reaches_the_content_first(with_passwords: UUID, open_page: OpenPage) -> None:
    desk = open_page("operator")
    desk.goto("/p/demo/desk/")
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("link", name="Skip to content")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("main")).to_be_focused()


def test_a_page_is_accepted_by_keyboard_alone(with_passwords: UUID, open_page: OpenPage) -> None:
    began = datetime.now(UTC)
    contact = invented.write_contact(with_passwords, invented.PRESSURE, began, live=False)
    page_id = invented.write_page(with_passwords, invented.PRESSURE, contact, began)
    phone = open_page("clinician")
    phone.goto(f"/p/demo/pages/{page_id}/")
    phone.get_by_role("button", name="Accept").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_text(invented.PRESSURE.reason)).to_be_visible()


def test_dark_and_light_are_ones_own_choice(with_passwords: UUID, open_page: OpenPage) -> None:
    desk = open_page("operator", color_scheme="light")
    desk.goto("/p/demo/desk/")
    desk.get_by_role("button", name="Switch between light and dark").click()
    expect(desk.locator("html")).to_have_attribute("data-theme", "dark")
    desk.goto("/p/demo/messages/")
    expect(desk.locator("html")).to_have_attribute("data-theme", "dark")
