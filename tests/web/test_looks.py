"""Every page, on a desk's screen and on a phone, light and dark: nothing overflows, no script fails, nothing foreign is loaded.

The pictures stay in `tests/web/screenshots/`, for a person to look at.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import invented
import pytest
from playwright.sync_api import Page

from careline.actions.accept_page import accept_page
from careline.storage.models import Membership
from careline.storage.transactions import practice as opened
from conftest import OpenPage

PICTURES = Path(__file__).with_name("screenshots")
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def busy_evening(with_passwords: UUID) -> dict[str, UUID]:
    now = datetime.now(UTC)
    practice = with_passwords
    found = {
        "live": invented.write_contact(practice, invented.CHEST, now - timedelta(seconds=52), live=True),
        "chat": invented.write_contact(practice, invented.REFILL, now - timedelta(seconds=38), live=True, upto=3),
        "done": invented.write_contact(practice, invented.PRESSURE, now - timedelta(minutes=7), live=False),
    }
    found["page"] = invented.write_page(practice, invented.PRESSURE, found["done"], now - timedelta(minutes=6))
    invented.write_page(practice, invented.CHEST, found["live"], now - timedelta(seconds=30), ("okafor", "rivera"))
    invented.write_recording(practice, found["done"], now - timedelta(minutes=7), 47, invented.vault())
    with opened(practice, actor=invented.VOICE, purpose="test", now=now):
        okafor = Membership.objects.get(staff_id="okafor").person_id
    answered = invented.write_contact(practice, invented.CHEST, now - timedelta(minutes=41), live=False)
    found["accepted"] = invented.write_page(practice, invented.CHEST, answered, now - timedelta(minutes=40))
    accept_page(practice, found["accepted"], okafor, "web", now - timedelta(minutes=38, seconds=42))
    earlier = invented.write_contact(practice, invented.REFILL, now - timedelta(hours=3), live=False)
    invented.write_alarm(practice, found["live"], now - timedelta(seconds=29))
    invented.write_callback(practice, invented.REFILL, earlier, now - timedelta(hours=2), now + timedelta(hours=1))
    found["message"] = invented.write_message(
        practice,
        invented.REFILL,
        earlier,
        now - timedelta(hours=3),
        "refill",
        now - timedelta(minutes=5),
        (("medicine", "lisinopril 10 mg"), ("pharmacy", "Example Pharmacy, Main Street")),
    )
    return found


def _look(page: Page, address: str, name: str) -> None:
    foreign: list[str] = []
    page.on("request", lambda asked: foreign.append(asked.url) if urlsplit(asked.url).hostname != "localhost" else None)
    page.goto(address)
    page.wait_for_load_state("load")
    PICTURES.mkdir(exist_ok=True)
    if not name.endswith("-small"):
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert page.evaluate(OVERFLOW) <= 0, f"{name} is wider than its screen"
    assert not foreign


@pytest.mark.parametrize(("width", "height", "kind"), [(1280, 860, "desk"), (390, 844, "phone"), (360, 740, "small")])
def test_every_page_fits_its_screen(
    busy_evening: dict[str, UUID], open_page: OpenPage, width: int, height: int, kind: str
) -> None:
    size = {"width": width, "height": height}
    anyone = open_page(None, **size)
    for address, name in (
        ("/account/login/", "sign-in"),
        ("/chat/demo/", "chat"),
        ("/call/demo/", "call"),
        ("/nowhere", "not-found"),
    ):
        _look(anyone, address, f"{name}-{kind}")
    manager = open_page("manager", **size)
    for address, name in (
        ("desk/", "live"),
        ("messages/", "inbox"),
        (f"messages/{busy_evening['message']}/", "message"),
        ("on-call/", "on-call"),
        (f"contacts/{busy_evening['live']}/", "contact-live"),
        (f"contacts/{busy_evening['done']}/", "contact"),
        ("journal/", "journal"),
        ("people/", "people"),
        ("softphone/", "softphone"),
    ):
        _look(manager, f"/p/demo/{address}", f"{name}-{kind}")
    clinician = open_page("clinician", **size)
    _look(clinician, "/p/demo/pages/", f"pages-{kind}")
    _look(clinician, f"/p/demo/pages/{busy_evening['page']}/", f"page-{kind}")
    _look(clinician, f"/p/demo/pages/{busy_evening['accepted']}/", f"page-accepted-{kind}")
    _look(clinician, "/account/2fa/", f"second-factor-{kind}")


def test_every_page_is_calm_in_the_dark(busy_evening: dict[str, UUID], open_page: OpenPage) -> None:
    manager = open_page("manager", color_scheme="dark")
    for address, name in (("desk/", "live"), (f"contacts/{busy_evening['done']}/", "contact"), ("on-call/", "on-call")):
        _look(manager, f"/p/demo/{address}", f"{name}-dark")
    _look(open_page(None, color_scheme="dark"), "/account/login/", "sign-in-dark")


def test_a_contact_and_the_week_print_without_the_frame(busy_evening: dict[str, UUID], open_page: OpenPage) -> None:
    manager = open_page("manager", width=760, height=1000)
    for address, name in ((f"contacts/{busy_evening['done']}/", "contact-print"), ("on-call/", "on-call-print")):
        manager.emulate_media(media="print", color_scheme="dark")
        _look(manager, f"/p/demo/{address}", name)
        for hidden in (".side", ".tabbar", ".demo", "[data-print]"):
            assert not manager.locator(hidden).first.is_visible()
