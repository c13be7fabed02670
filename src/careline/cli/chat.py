"""Write with the running service from this terminal, as a patient would on its chat page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp

from careline import tokens
from careline.core.errors import Refused
from careline.settings import derive, from_environment, read_key_file

if TYPE_CHECKING:
    import argparse

    from careline.settings import Settings

_TOKEN_LASTS = timedelta(minutes=2)
#: Seconds before each attempt to come back after the connection broke; then it is given up.
_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--practice", default="demo", help="which practice to write to")
    parser.add_argument("--language", default="en", choices=("en", "es"))
    parser.add_argument(
        "--say", action="append", default=[], metavar="TEXT", help="write this (may be repeated), then leave"
    )


def run(arguments: argparse.Namespace) -> int:
    settings = from_environment()
    return asyncio.run(chat(settings, arguments.practice, arguments.language, list(arguments.say)))


async def chat(settings: Settings, practice: str, language: str, script: list[str]) -> int:
    """Until the conversation ends. A connection that breaks is made again, and what was on its way is sent again."""
    writer = Writer(script, scripted=bool(script))
    url = f"http://{settings.bind}:{settings.voice_port}/chat"
    pauses = iter(_PAUSES)
    async with aiohttp.ClientSession() as session:
        while True:
            parameters = {"token": _token(settings, practice), "language": language, "resume": writer.resume}
            try:
                async with session.ws_connect(url, params=parameters) as socket:
                    if await writer.talk(socket):
                        return 0
                pauses = iter(_PAUSES)
            except aiohttp.ClientError as error:
                if not writer.known:
                    raise Refused(f"nothing answers at {url}: start the service with `make run` first") from error
            pause = next(pauses, None)
            if pause is None:
                raise Refused(f"the connection to {url} was lost, and nothing answers there any more")
            print("(the connection was lost; trying again)", flush=True)
            await asyncio.sleep(pause)


def _token(settings: Settings, practice: str) -> str:
    key = derive(read_key_file(settings.key_file), tokens.CHAT)
    return tokens.mint(key, practice, datetime.now(UTC) + _TOKEN_LASTS, secrets.token_urlsafe(6))


@dataclass(slots=True)
class Writer:
    """One side of a conversation, over as many sockets as it takes. `unsure` are lines the service has not said it has."""

    script: list[str]
    scripted: bool
    resume: str = ""
    known: bool = False
    unsure: dict[str, str] = field(default_factory=dict[str, str])
    _written: int = 0
    _shown: set[str] = field(default_factory=set[str])

    async def talk(self, socket: aiohttp.ClientWebSocketResponse) -> bool:
        """True when the conversation is over; False when the socket broke."""
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            frame: dict[str, Any] = json.loads(message.data)
            match frame["type"]:
                case "welcome":
                    await self._go_on(socket, str(frame["resume"]))
                case "say" if frame["id"] not in self._shown:
                    if not await self._answer(socket, frame):
                        return True
                case "got":
                    self.unsure.pop(str(frame["id"]), None)
                case "refused":
                    raise Refused(frame.get("reason") or "the service has stopped")
                case "ended":
                    if not self.unsure:
                        return True
                    print("(the conversation ended before your last line arrived; this is a new one)", flush=True)
                    self.resume = ""
                    self._shown.clear()
                    return False
                case _:
                    pass
        return False

    async def _go_on(self, socket: aiohttp.ClientWebSocketResponse, resume: str) -> None:
        if self.resume and resume != self.resume:
            print("(the earlier conversation is over; this is a new one)", flush=True)
            self._shown.clear()
        self.resume, self.known = resume, True
        for name, text in list(self.unsure.items()):
            await socket.send_json({"type": "heard", "id": name, "text": text})

    async def _answer(self, socket: aiohttp.ClientWebSocketResponse, frame: dict[str, Any]) -> bool:
        """Show a sentence, and write what it asks for. False when there is nothing more to write."""
        self._shown.add(frame["id"])
        print(f"careline: {frame['text']}", flush=True)
        await socket.send_json({"type": "spoken", "id": frame["id"]})
        if frame["expect"] == "nothing":
            return True
        text = (self.script.pop(0) if self.script else None) if self.scripted else await _typed()
        if text is None:
            return False
        if self.scripted:
            print(f"     you: {text}", flush=True)
        self._written += 1
        name = str(self._written)
        self.unsure[name] = text
        with contextlib.suppress(ConnectionError):  # the socket broke meanwhile: it is sent again on the next one
            await socket.send_json({"type": "heard", "id": name, "text": text})
        return True


async def _typed() -> str | None:
    """A line from the keyboard; None at its end (Ctrl-D)."""
    print("     you: ", end="", flush=True)
    line = await asyncio.to_thread(sys.stdin.readline)
    return line.rstrip("\n") if line else None
