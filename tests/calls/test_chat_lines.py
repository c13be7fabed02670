"""A line written while a socket breaks is neither lost nor taken twice, wherever in its way the break comes."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from calls_house import KEY

from careline import tokens
from careline.calls.listener import Door, Listener
from careline.calls.text import TextConversation
from careline.cli.chat import chat
from careline.core.contact import Expect, Heard, Say
from careline.settings import derive, from_environment

LINES = ["my chest feels tight", "since this morning", "yes"]


class House:
    """Asks three questions and keeps what it heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def converse(self, slug: str, conversation: TextConversation, language: str) -> None:
        del slug
        await conversation.say(Say("1", "How can I help?", language, expect=Expect.OPEN))
        async for event in conversation.events():
            if isinstance(event, Heard):
                self.heard.append(event.text)
                if len(self.heard) == len(LINES):
                    await conversation.say(Say("9", "Goodbye.", language))
                    await conversation.finish()
                else:
                    await conversation.say(Say(f"{len(self.heard) + 1}", "Go on.", language, expect=Expect.OPEN))


class Cable:
    """A wire to the service that is cut once: at the `at`-th piece from the writer, before or after it has passed."""

    def __init__(self, port: int, at: int, *, passed: bool) -> None:
        self._port, self._at, self._passed = port, at, passed
        self._pieces, self.cuts = 0, 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def plugged(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up, down = await asyncio.open_connection("127.0.0.1", self._port)
        answers = asyncio.create_task(self._answers(up, writer))
        self._tasks.add(answers)
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                self._pieces += 1
                if self._pieces != self._at:
                    down.write(piece)
                    continue
                if self._passed:
                    answers.cancel()  # it arrives, and what is said to it does not
                    down.write(piece)
                    await down.drain()
                self.cuts += 1
                break
        answers.cancel()
        for end in (writer, down):
            end.close()

    async def _answers(self, up: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await up.read(65536):
                writer.write(piece)
        writer.close()


@asynccontextmanager
async def door(house: House) -> AsyncIterator[int]:
    listener = Listener(
        Door(derive(KEY, tokens.CHAT), lambda: datetime.now(UTC), frozenset(), house.converse, lambda: True)
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    await listener.start("127.0.0.1", port)
    try:
        yield port
    finally:
        await listener.stop()


@pytest.mark.parametrize("passed", [False, True], ids=["before it arrived", "before we knew it had"])
@pytest.mark.parametrize("at", range(2, 5))
def test_the_terminal_loses_no_line_wherever_the_connection_breaks(at: int, passed: bool) -> None:
    async def story() -> None:
        house = House()
        async with asyncio.timeout(20), door(house) as port:
            cable = Cable(port, at, passed=passed)
            server = await asyncio.start_server(cable.plugged, "127.0.0.1", 0)
            settings = replace(from_environment(), voice_port=server.sockets[0].getsockname()[1])
            assert await chat(settings, "demo", "en", list(LINES)) == 0
            server.close()
        assert cable.cuts == 1
        assert house.heard == LINES

    asyncio.run(story())


def test_every_line_is_acknowledged_and_a_repeat_is_taken_once() -> None:
    async def story() -> None:
        house = House()
        async with asyncio.timeout(20), door(house) as port, aiohttp.ClientSession() as session:
            token = tokens.mint(derive(KEY, tokens.CHAT), "demo", datetime.now(UTC) + timedelta(minutes=1), "x")
            async with session.ws_connect(f"http://127.0.0.1:{port}/chat", params={"token": token}) as wire:
                for _ in range(2):
                    await wire.send_json({"type": "heard", "id": "1", "text": "once"})
                got: list[str] = []
                async for message in wire:
                    frame = json.loads(message.data)
                    got += [frame["id"]] if frame["type"] == "got" else []
                    if len(got) == 2:
                        break
        assert got == ["1", "1"]
        assert house.heard == ["once"]

    asyncio.run(story())
