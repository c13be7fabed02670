"""A voice that takes as long as its words, ears that are told what they hear, and conversations on legs in memory."""

from __future__ import annotations

import asyncio
import math
from array import array
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from careline.calls.audio import AudioConversation
from careline.calls.mouth import SoundCache
from careline.core.contact import Left
from careline.core.errors import TryAgain
from careline.testing.legs import MemoryLeg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LETTER_S = 0.05


def tone(seconds: float, hertz: float = 440.0, level: int = 8000) -> bytes:
    samples = (round(level * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(round(seconds * 8000)))
    return array("h", samples).tobytes()


def loud(pcm: bytes) -> bool:
    samples = array("h", pcm)
    return bool(samples) and sum(map(abs, samples)) / len(samples) > 500


def seconds(pcm: bytes) -> float:
    return len(pcm) / 16_000


class ToneVoice:
    """50 ms of tone for each letter. Keeps what it was asked to say; fails or hangs when told to."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.away = False
        self.hangs = False

    async def render(self, text: str, language: str, pace: float) -> AsyncIterator[bytes]:
        self.said.append(text)
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise TryAgain("the voice is away")
        for _ in text:
            yield tone(LETTER_S / pace)


class Call:
    """A conversation over a leg in memory, and all it has told so far."""

    def __init__(self, conversation: AudioConversation, leg: MemoryLeg, voice: ToneVoice) -> None:
        self.conversation, self.leg, self.person, self.voice = conversation, leg, leg.person, voice
        self.events: list[object] = []
        self._more = asyncio.Event()

    async def gather(self) -> None:
        async for event in self.conversation.events():
            self.events.append(event)
            self._more.set()

    async def told(self, kind: type, count: int = 1) -> object:
        """The `count`-th event of that kind."""
        async with asyncio.timeout(30):
            while len(found := [event for event in self.events if isinstance(event, kind)]) < count:
                self._more.clear()
                await self._more.wait()
        return found[count - 1]

    def all(self, kind: type) -> list[object]:
        return [event for event in self.events if isinstance(event, kind)]


@asynccontextmanager
async def call(ears=None, tape=None, voice=None) -> AsyncIterator[Call]:
    leg, voice = MemoryLeg(), voice or ToneVoice()
    conversation = AudioConversation(leg, ears, voice, SoundCache(), tape)
    await conversation.start("en")
    it = Call(conversation, leg, voice)
    gathering = asyncio.create_task(it.gather())
    try:
        yield it
        leg.person.hang_up()
        async with asyncio.timeout(5):
            await gathering
        assert len(it.all(Left)) == 1, "whoever leaves, leaves once"
    finally:
        gathering.cancel()
        await conversation.close()
