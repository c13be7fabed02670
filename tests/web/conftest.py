"""Sign-ins, the running web process, and a browser."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PASSWORD = "correct horse battery"
EMAILS = {
    "operator": "operator@cedarhill.example",
    "clinician": "okafor@cedarhill.example",
    "colleague": "rivera@cedarhill.example",
    "manager": "manager@cedarhill.example",
}

QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

VOICE_PORT = 20000 + os.getpid() % 20000  # where the chat page looks for the voice process
UNSAFE = "DJANGO_ALLOW_ASYNC_UNSAFE"

SignIn = Callable[..., Client]
OpenPage = Callable[..., Page]


@dataclass(frozen=True, slots=True)
class Running:
    address: str
    pid: int
    log: Path


@pytest.fixture
def with_passwords(demo: UUID) -> UUID:
    """The demo practice, whose people can sign in with `PASSWORD`. Returns its id."""
    from django.contrib.auth.hashers import make_password

    from careline.storage.models import Person

    Person.objects.update(password=make_password(PASSWORD))
    return demo


@pytest.fixture
def sign_in(with_passwords: UUID) -> SignIn:
    """A client signed in by the form, as somebody of the demo practice; the role names who."""

    cache.clear()  # how many tries an address has made is remembered there

    def signed_in(role: str) -> Client:
        client = Client(SERVER_NAME="localhost")
        answer = client.post("/account/login/", {"login": EMAILS[role], "password": PASSWORD})
        assert answer.status_code == 302, answer.content
        return client

    return signed_in


@pytest.fixture(scope="session")
def running(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The web process, running on this test process's database."""
    command = [sys.executable, str(Path(__file__).with_name("web_server.py"))]
    environment = {name: value for name, value in os.environ.items() if name != UNSAFE}
    environment["CARELINE_VOICE_PORT"] = str(VOICE_PORT)
    log = tmp_path_factory.mktemp("web") / "log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stdin is not None
        yield Running(f"http://localhost:{process.stdout.readline().strip()}", process.pid, log)
        process.stdin.close()
        assert process.wait(timeout=15) == 0


@pytest.fixture
def site(running: Running, with_passwords: UUID) -> str:
    """The running web process's address, with the demo practice loaded."""
    return running.address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium from the system's package. While it runs, this thread counts as one with an event loop, in which
    Django refuses to work unless told that it may; so it ends with its module."""
    os.environ[UNSAFE] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield started
        started.close()
    del os.environ[UNSAFE]


@pytest.fixture
def open_page(browser: Browser, site: str, sign_in: SignIn) -> Iterator[OpenPage]:
    """A new browser window on the site, signed in as a role (or as nobody), that fails the test when a script does."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(
        role: str | None = None, *, width: int = 1280, height: int = 860, clock: bool = False, **options: Any
    ) -> Page:
        context = browser.new_context(base_url=site, viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None
        )
        if clock:
            page.clock.install()
        if role is not None:
            cookie = sign_in(role).cookies["sessionid"]
            context.add_cookies([{"name": "sessionid", "value": cookie.value, "domain": "localhost", "path": "/"}])
            page.goto("/")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints
