"""Tells browsers that something of their practice changed. The database's pokes are heard once per process and handed on.

A poke names a table and a row, never a patient; the browser then asks, through a view that checks and journals.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from careline.storage.listening import LIVE, MISSED, Poke, listen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
    from uuid import UUID

BEAT_SECONDS = 15.0
_CHANGE = b"event: change\ndata: %s\n\n"


class Hub:
    """One listener to the database for all the streams of this process; it listens while anybody is there to hear."""

    def __init__(self) -> None:
        self._streams: dict[asyncio.Queue[str | None], UUID] = {}
        self._listener: asyncio.Task[None] | None = None
        self._closed = False

    async def changes(self, practice: UUID) -> AsyncGenerator[str | None]:
        """Names of the tables that changed ("all" when pokes may have been missed); None every `BEAT_SECONDS` without any.
        Ends when the process stops."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(maxsize=64)
        self._streams[queue] = practice
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
        try:
            while not self._closed:
                try:
                    async with asyncio.timeout(BEAT_SECONDS):
                        change = await queue.get()
                except TimeoutError:
                    yield None
                    continue
                if change is None:
                    return
                yield change
        finally:
            del self._streams[queue]
            if not self._streams and self._listener is not None:
                self._listener.cancel()
                self._listener = None

    def close(self) -> None:
        """End every stream, so that the server can stop without waiting for browsers."""
        self._closed = True
        for queue in self._streams:
            _offer(queue, None)

    async def _listen(self) -> None:
        async for poke in listen(LIVE):
            self._hand_on(poke)

    def _hand_on(self, poke: Poke) -> None:
        practice, table = (None, "all") if poke.channel == MISSED else poke.row()[:2]
        for queue, wanted in self._streams.items():
            if practice is None or practice == wanted:
                _offer(queue, table)


def _offer(queue: asyncio.Queue[str | None], change: str | None) -> None:
    """A browser that reads slowly needs no second poke: one that waits already makes it ask for everything."""
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        change = None if change is None else "all"
    queue.put_nowait(change)


hub = Hub()


async def stream(practice: UUID, admitted: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
    """Server-sent events, beginning with a change, for whatever was missed before. `admitted` is asked again every beat, so that
    who was signed out is not told a minute longer; when the process stops, the browser comes back to the next one by itself."""
    yield b"retry: 1000\n\n" + _CHANGE % b"all"
    changes = hub.changes(practice)
    try:
        async for change in changes:
            if change is None and not await admitted():
                yield b"event: gone\ndata:\n\n"
                return
            yield b": beat\n\n" if change is None else _CHANGE % change.encode()
    finally:
        await changes.aclose()
