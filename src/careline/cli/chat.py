"""Write with the running service from this terminal, as a patient would on its chat page."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
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


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--practice", default="demo", help="which practice to write to")
    parser.add_argument("--language", default="en", choices=("en", "es"))
    parser.add_argument(
        "--say", action="append", default=[], metavar="TEXT", help="write this (may be repeated), then leave"
    )


def run(arguments: argparse.Namespace) -> int:
    settings = from_environment()
    return asyncio.run(_chat(settings, arguments.practice, arguments.language, list(arguments.say)))


async def _chat(settings: Settings, practice: str, language: str, script: list[str]) -> int:
    key = derive(read_key_file(settings.key_file), tokens.CHAT)
    token = tokens.mint(key, practice, datetime.now(UTC) + _TOKEN_LASTS, secrets.token_hex(8))
    url = f"http://{settings.bind}:{settings.voice_port}/chat"
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, params={"token": token, "language": language}) as socket,
        ):
            return await _talk(socket, script, scripted=bool(script))
    except aiohttp.ClientConnectorError as error:
        raise Refused(f"nothing answers at {url}: start the service with `make run` first") from error


async def _talk(socket: aiohttp.ClientWebSocketResponse, script: list[str], *, scripted: bool) -> int:
    async for message in socket:
        if message.type is not aiohttp.WSMsgType.TEXT:
            break
        frame: dict[str, Any] = json.loads(message.data)
        if frame["type"] == "say":
            print(f"careline: {frame['text']}", flush=True)
            await socket.send_json({"type": "spoken", "id": frame["id"]})
            if frame["expect"] != "nothing":
                text = (script.pop(0) if script else None) if scripted else await _typed()
                if text is None:
                    return 0
                if scripted:
                    print(f"     you: {text}", flush=True)
                await socket.send_json({"type": "heard", "text": text})
        elif frame["type"] == "refused":
            raise Refused(frame.get("reason") or "the service has stopped")
        elif frame["type"] == "ended":
            return 0
    return 0


async def _typed() -> str | None:
    """A line from the keyboard; None at its end (Ctrl-D)."""
    print("     you: ", end="", flush=True)
    line = await asyncio.to_thread(sys.stdin.readline)
    return line.rstrip("\n") if line else None
