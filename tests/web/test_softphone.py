"""The desk's telephone in a real browser: rung, answered, spoken on, and gone with its owner."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.sync_api import Browser, expect, sync_playwright

from careline import tokens
from careline.ports import DialFailed, Ended, Key, Leg
from careline.settings import derive, ensure_key_file, from_environment
from careline.storage.models import DeskPresence, Membership
from careline.storage.transactions import Actor, practice
from careline.telephony.webrtc import BrowserTelephone, Doorman, WebRtcConfig
from conftest import QUIET, UNSAFE, VOICE_PORT, OpenPage

pytestmark = pytest.mark.timeout(120)
PICTURES = Path(__file__).with_name("screenshots")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One with a microphone that hums, allowed without asking."""
    os.environ[UNSAFE] = "1"
    flags = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        "--allow-loopback-in-peer-connection",
    )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*QUIET, *flags])
        yield started
        started.close()
    del os.environ[UNSAFE]


class Exchange:
    """The voice process's browser telephone, in a thread of its own."""

    def __init__(self, origin: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        key = derive(ensure_key_file(from_environment().key_file), tokens.SOFTPHONE)

        def staff(token: str) -> str:
            return tokens.opened(key, token, datetime.now(UTC))

        self.telephone = BrowserTelephone(
            WebRtcConfig(ports=(34_001, 34_099)), Doorman(staff, staff, frozenset({origin}))
        )
        self.run(self._open())

    async def _open(self) -> None:
        async def nobody_calls(_call: object) -> None:
            raise AssertionError

        await self.telephone.start(nobody_calls)
        application = web.Application()
        application.add_routes(self.telephone.routes())
        self.runner = web.AppRunner(application)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", VOICE_PORT).start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.begin(work).result(timeout=30)

    def begin(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def end(self) -> None:
        self.run(self.telephone.stop())
        self.run(self.runner.cleanup())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def exchange(site: str) -> Iterator[Exchange]:
    made = Exchange(site)
    yield made
    made.end()


async def _first(leg: Leg, kind: type) -> object:
    async for event in leg.events():
        if isinstance(event, kind):
            return event
    raise AssertionError


def _rung_at(practice_id: object) -> list[str]:
    with practice(practice_id, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)):
        return list(DeskPresence.objects.filter(available=True).values_list("number", flat=True))


def test_the_desk_is_rung_in_its_browser_and_speaks(exchange: Exchange, open_page: OpenPage, demo: object) -> None:
    page = open_page("operator", width=400, height=780)
    page.goto("/p/demo/softphone/")
    page.get_by_role("button", name="Take calls here").click()
    expect(page.get_by_text("Ready to be rung")).to_be_visible()
    with practice(demo, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)):
        name = tokens.softphone(Membership.objects.get(role="operator").person_id)
    expect(page.get_by_text(name)).to_be_visible()
    assert _rung_at(demo) == [name], "the desk knows where its calls ring"
    ringing = exchange.begin(exchange.telephone.dial(name, "+12125550123", 30.0))
    expect(page.get_by_text("Incoming call")).to_be_visible()
    expect(page.get_by_text("+12125550123").first).to_be_visible()
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / "softphone-ringing.png")
    page.get_by_role("button", name="Answer").click()
    leg = ringing.result(timeout=30)
    expect(page.get_by_text("Connected")).to_be_visible()
    page.get_by_role("button", name="5", exact=False).first.click()
    assert exchange.run(_first(leg, Key)).digit == "5"
    page.screenshot(path=PICTURES / "softphone-talking.png")
    page.get_by_role("button", name="Hang up").click()
    assert exchange.run(_first(leg, Ended)).reason == "remote"
    expect(page.get_by_text("Ready to be rung")).to_be_visible()
    declined = exchange.begin(exchange.telephone.dial(name, "+12125550123", 30.0))
    page.get_by_role("button", name="Decline").click()
    assert declined.result(timeout=30) is DialFailed.REFUSED
    page.get_by_role("button", name="Take no calls here").click()
    expect(page.get_by_role("button", name="Take calls here")).to_be_visible()
    assert exchange.run(exchange.telephone.dial(name, "+12125550123", 5.0)) is DialFailed.UNREACHABLE
