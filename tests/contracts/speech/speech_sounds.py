"""Telephone sound for the speech tests: the embedded voice as callers, and the small noises of a line."""

from __future__ import annotations

import asyncio
import random
from array import array
from typing import TYPE_CHECKING

from careline.ports import FRAME_BYTES, Frame
from careline.speech.endpoint import level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from careline.ports import EarSession, Recognised, Voice


def quiet(seconds: float, level: int = 8, seed: int = 1) -> bytes:
    """The hiss of a quiet line."""
    rnd = random.Random(seed)
    return array("h", [rnd.randint(-level, level) for _ in range(round(seconds * 8000))]).tobytes()


def noise(seconds: float, level: int, seed: int = 2) -> bytes:
    rnd = random.Random(seed)
    return array("h", [round(rnd.gauss(0, level)) for _ in range(round(seconds * 8000))]).tobytes()


def added(one: bytes, other: bytes) -> bytes:
    """Both at once, as long as the first."""
    return array(
        "h", [max(-32768, min(32767, a + b)) for a, b in zip(array("h", one), array("h", other), strict=False)]
    ).tobytes()


def frames(pcm: bytes, start: float = 0.0) -> Iterator[Frame]:
    for number in range(len(pcm) // FRAME_BYTES):
        yield Frame(pcm[number * FRAME_BYTES : (number + 1) * FRAME_BYTES], start + number * 0.02)


async def spoken(voice: Voice, text: str, language: str = "en", pace: float = 1.0) -> bytes:
    return b"".join([pcm async for pcm in voice.render(text, language, pace)])


def trimmed(pcm: bytes) -> bytes:
    """Without the quiet at both ends."""
    loud = [at for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES) if level(pcm[at : at + FRAME_BYTES]) > 180]
    return pcm[loud[0] : loud[-1] + FRAME_BYTES]


async def heard(session: EarSession, sound: bytes, start: float = 0.0) -> list[Recognised]:
    """Everything the ears make of a sound, up to the first final result (or to the end of the session)."""
    found: list[Recognised] = []

    async def gather() -> None:
        async for result in session.events():
            found.append(result)
            if result.final:
                return

    for frame in frames(sound, start):
        session.feed(frame)
    async with asyncio.timeout(10):
        await gather()
    return found
