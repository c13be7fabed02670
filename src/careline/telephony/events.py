"""What a leg reports, for one reader."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from careline.ports import Ended, Frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from careline.ports import LegEvent

_MOST_WAITING = 500  # events a reader may leave unread: 10 s of audio; then the oldest frames go


class EventStream:
    """Events for one reader. Frames are dropped, oldest first, before memory grows; keys and the end never are."""

    def __init__(self) -> None:
        self._events: deque[LegEvent] = deque()
        self._arrived: asyncio.Future[None] | None = None
        self.dropped = 0

    def put(self, event: LegEvent) -> None:
        self._events.append(event)
        if len(self._events) > _MOST_WAITING:
            self._drop_oldest_frame()
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    def _drop_oldest_frame(self) -> None:
        for place, event in enumerate(self._events):
            if isinstance(event, Frame):
                del self._events[place]
                self.dropped += 1
                return

    async def read(self) -> AsyncIterator[LegEvent]:
        while True:
            while self._events:
                event = self._events.popleft()
                yield event
                if isinstance(event, Ended):
                    self._events.appendleft(event)  # whoever reads again learns it too
                    return
            self._arrived = asyncio.get_running_loop().create_future()
            await self._arrived
