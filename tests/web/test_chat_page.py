"""A patient writes, in a real browser, with the voice process's own door behind the page; what answers is a small script here."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from careline import tokens
from careline.calls.listener import Door, Listener
from careline.calls.text import TextConversation
from careline.core.contact import Expect, Heard, Say
from careline.settings import derive, ensure_key_file, from_environment
from conftest import VOICE_PORT, OpenPage


async def _answer(slug: str, conversation: TextConversation, language: str) -> None:
    """Greets, asks whether it hurts, repeats what was written, and ends on "bye"."""
    del slug
    greeting = "Hola. Soy un asistente automático." if language == "es" else "Hello. I am an automated assistant."
    await conversation.say(Say("1", greeting, language, expect=Expect.OPEN))
    number = 1
    async for event in conversation.events():
        if not isinstance(event, Heard):
            continue
        number += 1
        words = event.text
        if words == "hurts":
            await conversation.say(Say(f"{number}", "Is it your chest?", "en", expect=Expect.YES_NO))
        elif words == "menu":
            await conversation.say(
                Say(f"{number}", "Which one?", "en", expect=Expect.MENU, options=("Refill", "Appointment"))
            )
        elif words == "Español, por favor":
            await conversation.say(Say(f"{number}", "Con gusto.", "es"))
        elif words == "danger":
            await conversation.say(Say(f"{number}", "Please call 911 now.", "en"))
        elif words == "bye":
            await conversation.say(Say(f"{number}", "Goodbye.", "en"))
            await conversation.finish()
        else:
            await conversation.say(Say(f"{number}", f"You wrote: {words}", "en"))


class VoiceProcess:
    """The door, open in a thread of its own; it can be shut and opened again like a process that is started anew."""

    def __init__(self, origin: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        key = derive(ensure_key_file(from_environment().key_file), tokens.CHAT)
        self.door = Door(key, lambda: datetime.now(UTC), frozenset({origin}), _answer, lambda: True)
        self.open()

    def open(self) -> None:
        self.listener = Listener(self.door)
        self._run(self.listener.start("127.0.0.1", VOICE_PORT))

    def shut(self) -> None:
        self._run(self.listener.stop())

    def cut_sockets(self) -> None:
        """Every connection breaks, as when a telephone leaves the house; the process lives on."""

        async def cut() -> None:
            for chat in self.listener._chats.values():
                if chat.socket is not None:
                    await chat.socket.close()

        self._run(cut())

    def end(self) -> None:
        self.shut()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def _run(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=20)


@pytest.fixture
def voice(site: str) -> Iterator[VoiceProcess]:
    process = VoiceProcess(site)
    yield process
    process.end()


@pytest.fixture
def chat(voice: VoiceProcess, open_page: OpenPage) -> Page:
    page = open_page(None, width=390, height=844, locale="en-US")
    page.goto("/chat/demo/")
    expect(page.get_by_text("Hello. I am an automated assistant.")).to_be_visible()
    return page


def _write(chat: Page, text: str) -> None:
    chat.get_by_label("Your message").fill(text)
    chat.get_by_role("button", name="Send").click()


def test_a_patient_writes_and_is_answered(chat: Page) -> None:
    expect(chat.get_by_role("link", name="Emergency? Call 911 now.")).to_be_visible()
    expect(chat.get_by_text("Automated assistant, not a person")).to_be_visible()
    _write(chat, "I need a refill")
    expect(chat.get_by_text("You wrote: I need a refill")).to_be_visible()
    _write(chat, "bye")
    expect(chat.get_by_text("This conversation has ended.")).to_be_visible()
    expect(chat.get_by_label("Your message")).to_be_hidden()


def test_questions_are_answered_with_a_press(chat: Page) -> None:
    _write(chat, "hurts")
    for label in ("Yes", "No", "Not sure"):
        expect(chat.get_by_role("button", name=label, exact=True)).to_be_visible()
    chat.get_by_role("button", name="Not sure").click()
    expect(chat.get_by_text("You wrote: Not sure")).to_be_visible()
    expect(chat.get_by_role("button", name="Not sure")).to_be_hidden()
    _write(chat, "menu")
    chat.get_by_role("button", name="Appointment").click()
    expect(chat.get_by_text("You wrote: Appointment")).to_be_visible()


def test_words_of_danger_stand_out(chat: Page) -> None:
    _write(chat, "danger")
    expect(chat.get_by_text("Please call 911 now.")).to_have_class("said-by them danger")


def test_the_page_speaks_spanish_when_asked(chat: Page) -> None:
    chat.get_by_role("button", name="Español").click()
    expect(chat.get_by_text("Con gusto.")).to_be_visible()
    expect(chat.get_by_text("Asistente automático, no una persona")).to_be_visible()
    expect(chat.locator("html")).to_have_attribute("lang", "es")


def test_a_spanish_browser_is_greeted_in_spanish(voice: VoiceProcess, open_page: OpenPage) -> None:
    page = open_page(None, locale="es-MX")
    page.goto("/chat/demo/")
    expect(page.get_by_text("Hola. Soy un asistente automático.")).to_be_visible()
    expect(page.get_by_text("Llame al 911")).to_be_visible()


def test_a_broken_connection_goes_on_where_it_was(chat: Page, voice: VoiceProcess) -> None:
    _write(chat, "first")
    expect(chat.get_by_text("You wrote: first")).to_be_visible()
    voice.cut_sockets()
    expect(chat.get_by_text("The connection was lost.")).to_be_visible()
    _write(chat, "written meanwhile")
    expect(chat.get_by_text("You wrote: written meanwhile")).to_be_visible()
    expect(chat.get_by_text("You wrote: first")).to_have_count(1)
    expect(chat.get_by_text("Hello. I am an automated assistant.")).to_have_count(1)


def test_a_conversation_that_is_gone_is_said_to_be_gone(chat: Page, voice: VoiceProcess) -> None:
    voice.shut()
    voice.open()
    expect(chat.get_by_text("This is a new one.")).to_be_visible()
    _write(chat, "again")
    expect(chat.get_by_text("You wrote: again")).to_be_visible()


def test_too_long_a_message_is_kept_for_its_writer_to_shorten(chat: Page) -> None:
    _write(chat, "a" * 5000)
    expect(chat.get_by_role("alert")).to_contain_text("Please shorten your message: 5000 of at most")
    expect(chat.get_by_label("Your message")).to_have_value("a" * 5000)


def test_markup_is_only_text(chat: Page) -> None:
    _write(chat, "<img src=x onerror=alert(1)><b>bold</b>")
    expect(chat.get_by_text("You wrote: <img src=x onerror=alert(1)><b>bold</b>")).to_be_visible()
    assert chat.locator(".chat-log img, .chat-log b").count() == 0


OWN_SITE = """<!doctype html><html lang="en"><head><title>Ours</title></head><body><h1>Ours</h1>
<script src="/static/careline/widget.js" data-practice="demo"></script></body></html>"""


def test_a_practices_own_site_can_show_it(voice: VoiceProcess, open_page: OpenPage) -> None:
    """On a page of the same host, as the demo allows; other sites are allowed one by one."""
    page = open_page(None)
    page.route("**/own-site", lambda route: route.fulfill(content_type="text/html", body=OWN_SITE))
    page.goto("/own-site")
    page.mouse.click(1200, 815)  # its button stands in the corner, in a shadow that no script of the page reaches
    chat = next(frame for frame in page.frames if frame.parent_frame is not None)
    chat.wait_for_url("**/chat/demo/?embed")
    expect(chat.get_by_text("Hello. I am an automated assistant.")).to_be_visible()
