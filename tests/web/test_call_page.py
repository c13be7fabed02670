"""A patient calls from a real browser with a microphone that speaks, and the whole service behind the page."""

from __future__ import annotations

import asyncio
import os
import re
import time
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from careline.speech.espeak import EspeakVoice
from careline.storage.listening import LIVE, leave, wait
from careline.storage.models import Contact, Recording, Turn
from careline.storage.transactions import Actor, practice
from careline.supervisor import Supervisor
from conftest import QUIET, UNSAFE, VOICE_PORT

pytestmark = pytest.mark.timeout(180)
SPEAKING = [
    *QUIET, "--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
]  # fmt: skip


@pytest.fixture(scope="module")
def says_yes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A microphone's sound: "yes", then time for a question, over and over."""

    async def rendered() -> bytes:
        caller = EspeakVoice({"en": "en-us+f2"})
        await caller.start()
        pcm = b"".join([piece async for piece in caller.render("yes", "en", 1.0)])
        await caller.stop()
        return pcm

    path = tmp_path_factory.mktemp("sound") / "yes.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(asyncio.run(rendered()) + bytes(9 * 16_000))
    return path


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    os.environ[UNSAFE] = "1"
    with sync_playwright() as started:
        yield started
    del os.environ[UNSAFE]


@pytest.fixture(scope="module")
def chromium(says_yes: Path, playwright: Playwright) -> Iterator[Browser]:
    arguments = [*SPEAKING, f"--use-file-for-fake-audio-capture={says_yes}"]
    started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
    yield started
    started.close()


@pytest.fixture
def voice(site: str, cluster: Any) -> Iterator[Supervisor]:
    """The voice process, on the ports where the page looks for it."""
    environment = {
        "CARELINE_APP_DATABASE": cluster.app,
        "CARELINE_PUBLIC_URL": site,
        "CARELINE_VOICE_PORT": str(VOICE_PORT),
        "CARELINE_SIP_PORT": "0",
        "CARELINE_RTP_FIRST": "33000",
        "CARELINE_RTP_LAST": "33198",
        "CARELINE_DEMO": "1",
    }
    supervisor = Supervisor(lambda _line: None)
    supervisor.add("voice", ["careline.cli", "serve", "--only", "voice"], environment)
    supervisor.start()
    yield supervisor
    supervisor.stop()


def _opened(browser: Browser, site: str, **options: Any) -> tuple[BrowserContext, Page]:
    context = browser.new_context(base_url=site, viewport={"width": 390, "height": 844}, locale="en-US", **options)
    page = context.new_page()
    page.goto("/call/demo/")
    return context, page


def _until(practice_id: UUID, holds: Callable[[Contact, list[str]], bool], within_s: float) -> Recording:
    """Looks at the one contact, and what its caller has said, whenever something has changed. Returns its recording."""
    deadline = time.monotonic() + within_s
    try:
        with wait(LIVE) as pokes:
            while True:
                with practice(practice_id, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)) as tx:
                    tx.journal("test.read", "contact")
                    said = [turn.text.reveal() for turn in Turn.objects.filter(who="caller").order_by("seq")]
                    contact = Contact.objects.get()
                    if holds(contact, said):
                        return Recording.objects.get()
                assert time.monotonic() < deadline, said
                pokes(1.0)
    finally:
        leave()


def test_a_patient_calls_is_heard_and_comes_back_after_loading_the_page_again(
    chromium: Browser, site: str, voice: Supervisor, demo: UUID
) -> None:
    context, page = _opened(chromium, site)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.get_by_role("button", name="Call the practice").click()
    expect(page.get_by_text("Connected")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Mute").click()
    expect(page.get_by_text("You are muted")).to_be_visible()
    captions = page.get_by_role("log")
    for question in ("For English, press 1.", "Is that all right with you?"):
        expect(captions.get_by_text(question).last).to_be_visible(timeout=40_000)
        page.keyboard.press("1")
    page.get_by_role("button", name="Unmute").click()
    expect(page.get_by_role("meter")).to_have_attribute("aria-valuenow", re.compile(r"^[2-9]\d$|^100$"), timeout=15_000)
    _until(demo, lambda _contact, said: "[1]" in said and "yes" in said, 60)  # keys, and a word that closed ears heard
    told = captions.locator(".caption").count()
    page.reload()
    expect(page.get_by_text("Connected")).to_be_visible(timeout=20_000)
    expect(captions.locator(".caption").nth(told - 1)).to_be_visible()
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_text("You have hung up.")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    context.close()
    recording = _until(demo, lambda contact, _said: contact.state == "closed", 20)
    assert recording.state == "complete"
    assert recording.chunks >= 5
    assert not complaints


def test_a_microphone_that_is_refused_or_absent_is_explained_in_plain_words(
    playwright: Playwright, site: str, voice: Supervisor, demo: UUID
) -> None:
    refusing = [flag for flag in SPEAKING if "fake-ui" not in flag] + ["--deny-permission-prompts"]
    for arguments, words in ((refusing, "The microphone is not allowed"), (QUIET, "No microphone was found")):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        context, page = _opened(browser, site, permissions=[] if arguments is refusing else ["microphone"])
        page.get_by_role("button", name="Call the practice").click()
        expect(page.get_by_role("alert").get_by_text(words)).to_be_visible()
        if arguments is QUIET:
            page.get_by_role("button", name="Call without a microphone").click()
            expect(page.get_by_text("Connected")).to_be_visible(timeout=20_000)
            expect(page.locator(".caption").first).to_be_visible(timeout=20_000)
        context.close()
        browser.close()
