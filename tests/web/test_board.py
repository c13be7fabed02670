"""The board at the desk: two ages, one press for each thing to do, and nothing typed is lost when the page refreshes itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import invented
import pytest
from playwright.sync_api import expect

from careline.storage.models import Page
from careline.storage.transactions import Actor, practice
from conftest import OpenPage, SignIn


@pytest.fixture
def paged(with_passwords: UUID) -> UUID:
    began = datetime.now(UTC) - timedelta(minutes=9)
    contact = invented.write_contact(with_passwords, invented.CHEST, began, live=False)
    return invented.write_page(with_passwords, invented.CHEST, contact, began)


def state(of: UUID) -> tuple[str, int]:
    with practice(of, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)):
        page = Page.objects.get()
        return page.state, page.round


def test_paging_again_and_closing_are_a_press_each(paged: UUID, sign_in: SignIn, with_passwords: UUID) -> None:
    client = sign_in("operator")
    assert client.post(f"/p/demo/desk/pages/{paged}/", {"do": "again"}).status_code == 302
    assert state(with_passwords) == ("open", 1)
    said = {"do": "close", "reason": "helped_otherwise", "note": ""}
    client.post(f"/p/demo/desk/pages/{paged}/", said)
    assert state(with_passwords) == ("open", 1)
    client.post(f"/p/demo/desk/pages/{paged}/", {**said, "note": "seen at the hospital"})
    assert state(with_passwords) == ("closed", 1)


def test_what_is_typed_on_the_board_outlives_a_refresh(paged: UUID, open_page: OpenPage, with_passwords: UUID) -> None:
    page = open_page("operator")
    page.goto("/p/demo/desk/")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Note", exact=True).fill("their daughter rang")
    now = datetime.now(UTC)
    other = invented.write_contact(with_passwords, invented.PRESSURE, now, live=False)
    invented.write_page(with_passwords, invented.PRESSURE, other, now)
    expect(page.locator("[data-unresolved]")).to_have_text("2", timeout=20_000)
    expect(page.get_by_label("Note", exact=True).first).to_have_value("their daughter rang")
    page.get_by_role("button", name="Add").first.click()
    expect(page.get_by_text("The note stands with the message.")).to_be_visible()
