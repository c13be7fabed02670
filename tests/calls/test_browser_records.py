"""Callers in browsers who leave: whatever they had begun is on record, and somebody follows it up."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from calls_house import KEY, Service, run
from calls_record import until

from careline import tokens
from careline.settings import derive
from careline.testing.browser import Browser

pytestmark = pytest.mark.timeout(120)


def page(service: Service) -> Browser:
    token = tokens.mint(
        derive(KEY, tokens.PHONE), "demo", datetime.now(UTC) + timedelta(minutes=1), secrets.token_hex(4)
    )
    return Browser(f"http://127.0.0.1:{service.voice}/phone", token=token)


async def never_connected(service: Service) -> None:
    """Asks for a connection and goes before it is made."""
    async with page(service) as browser:
        offering = asyncio.create_task(browser.offer())
        await browser.told("answer")
        offering.cancel()
        await asyncio.gather(offering, return_exceptions=True)
        await browser.send({"type": "bye"})
        await browser.told("ended")


async def closes_the_window(service: Service) -> None:
    async with page(service) as browser:
        await browser.offer()
        await browser.told("caption")


async def hangs_up(service: Service) -> None:
    async with page(service) as browser:
        await browser.offer()
        await browser.told("caption")
        browser.press("1")
        await browser.hears(8000)
        await browser.send({"type": "bye"})
        await browser.told("ended")


def test_whoever_leaves_a_browser_call_is_on_record_and_followed_up(service: Service) -> None:
    async def story() -> None:
        await asyncio.gather(never_connected(service), closes_the_window(service), hangs_up(service))
        found = await until(
            service.practice, lambda r: len(r["contacts"]) == 3 and all(c.state == "closed" for c in r["contacts"]), 40
        )
        followed = {row.contact_id for kind in ("pages", "messages", "callbacks") for row in found[kind]}
        assert followed == {contact.id for contact in found["contacts"]}
        assert all(recording.state != "recording" for recording in found["recordings"])

    run(story())
