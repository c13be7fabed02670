"""A conversation in writing: chat over a WebSocket, the terminal, and (by the same class) texts.

What is typed arrives as `Heard`; a sentence counts as spoken when the channel knows that it was shown. Input from strangers is
cleaned here: control characters go, length is capped with a word to the writer, nothing else is changed.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from careline.core.contact import Heard, Hearing, Left, Say, Silence, Spoken
from careline.wire.strangers import cleaned

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from careline.core.contact import HearingChanged

#: Characters of one written turn; more is cut, and the writer is told.
LONGEST_TURN = 4000
#: A writer who says nothing for this long is asked whether they are still there.
SILENCE_SECONDS = 180.0


class Channel(Protocol):
    """Where sentences go. `cut` tells the writer that a text was too long."""

    async def send(self, sentence: Say) -> None: ...
    async def cut(self, limit: int) -> None: ...
    async def close(self) -> None: ...


class TextConversation:
    """`ports.Conversation` for written channels."""

    def __init__(self, channel: Channel, clock: Callable[[], float], silence_s: float = SILENCE_SECONDS) -> None:
        self._channel, self._clock, self._silence_s = channel, clock, silence_s
        self._began = clock()
        self._events: asyncio.Queue[Heard | Spoken | Left] = asyncio.Queue()
        self._shown: dict[str, int] = {}
        self._over = False

    @property
    def hearing(self) -> Hearing:
        return Hearing.OPEN

    async def events(self) -> AsyncIterator[Heard | Spoken | Silence | Left | HearingChanged]:
        while True:
            try:
                event = await asyncio.wait_for(self._events.get(), self._silence_s)
            except TimeoutError:
                yield Silence(self._silence_s)
                continue
            yield event
            if isinstance(event, Left):
                return

    async def say(self, sentence: Say) -> None:
        if not self._over:
            self._shown[sentence.id] = len(sentence.text)
            await self._channel.send(sentence)

    def fall_silent(self) -> None:
        """What was written stands there to be read."""

    def shown(self, name: str) -> None:
        """The channel knows that the sentence reached the reader."""
        length = self._shown.pop(name, None)
        if length is not None and not self._over:
            self._events.put_nowait(Spoken(name, length))

    async def finish(self) -> None:
        """Say goodbye in the channel's own way; the writer may still read."""
        await self._channel.close()
        self.left("finished")

    async def typed(self, text: str) -> None:
        """A turn from the writer, as it came."""
        clean = cleaned(text, LONGEST_TURN)
        if len(clean) > LONGEST_TURN:
            await self._channel.cut(LONGEST_TURN)
            clean = clean[:LONGEST_TURN]
        if clean.strip():
            at = self._clock() - self._began
            self._events.put_nowait(Heard(text=clean, started=at, ended=at))

    def pressed(self, keys: str) -> None:
        """A button that stands for a telephone key."""
        digits = "".join(key for key in keys if key in "0123456789*#")[:20]
        if digits:
            at = self._clock() - self._began
            self._events.put_nowait(Heard(keys=digits, started=at, ended=at))

    def left(self, reason: str) -> None:
        if not self._over:
            self._over = True
            self._events.put_nowait(Left(reason))
