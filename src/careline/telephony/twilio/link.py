"""One WebSocket of a carrier: reads while it lives, writes in order, and ends when the far end stalls or floods."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from aiohttp import ClientError, WSCloseCode, WSMsgType

from careline.core.errors import WireError

if TYPE_CHECKING:
    from aiohttp import web

_MOST_UNSENT = 4_000_000  # bytes waiting for a far end that does not read
_MOST_NONSENSE = 20  # messages that cannot be read, until the far end is given up


class Far(Protocol):
    """What lives on a link: a leg or a conversation. `take` raises `WireError` for what it cannot read."""

    def take(self, text: str, now: float) -> None: ...


class Budget:
    """So much at once, so much a second: more is a flood."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._left, self._at = rate, burst, burst, now

    def spend(self, cost: float, now: float) -> bool:
        self._left = min(self._burst, self._left + (now - self._at) * self._rate) - cost
        self._at = now
        return self._left >= 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages and letters a second that a far end may send, and for how many seconds' worth it may run ahead."""

    messages: float
    letters: float
    burst_s: float


class Link:
    """`stall_s` is how long the far end may take none of what we write; where it is to send all the time (`constant`), also how
    long it may send nothing."""

    def __init__(self, socket: web.WebSocketResponse, stall_s: float, limits: Limits, *, constant: bool) -> None:
        self._socket, self._stall_s, self._constant = socket, stall_s, constant
        now = asyncio.get_running_loop().time()
        self._messages = Budget(limits.messages, limits.messages * limits.burst_s, now)
        self._letters = Budget(limits.letters, limits.letters * limits.burst_s, now)
        self._out: deque[str] = deque()
        self._unsent = self._nonsense = 0
        self._more = asyncio.Event()
        self._heard_at = now
        self._closing = False

    def send(self, text: str) -> None:
        if self._closing:
            return
        self._out.append(text)
        self._unsent += len(text)
        self._more.set()
        if self._unsent > _MOST_UNSENT:
            self.close()

    def close(self) -> None:
        """Close once everything was written."""
        self._closing = True
        self._more.set()

    def drop_unsent(self, kind: str) -> None:
        """Forget what was not yet written and begins with `kind`."""
        self._out = deque(text for text in self._out if not text.startswith(kind))
        self._unsent = sum(len(text) for text in self._out)

    async def run(self, far: Far) -> None:
        """Until either side closes it, or the far end stalls or floods. The socket is closed afterwards."""
        tasks = [asyncio.create_task(self._write(), name="carrier write")]
        if self._constant:
            tasks.append(asyncio.create_task(self._watch(), name="carrier watch"))
        try:
            await self._read(far)
        finally:
            self._closing = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if not self._socket.closed:
                await self._close(WSCloseCode.OK)

    async def _read(self, far: Far) -> None:
        clock = asyncio.get_running_loop().time
        async for message in self._socket:
            now = self._heard_at = clock()
            if message.type is not WSMsgType.TEXT:
                self._nonsense += 1
                continue
            text = cast("str", message.data)
            if not self._messages.spend(1, now) or not self._letters.spend(len(text), now):
                await self._close(WSCloseCode.POLICY_VIOLATION)
                return
            try:
                far.take(text, now)
            except WireError:
                self._nonsense += 1
            if self._nonsense > _MOST_NONSENSE:
                await self._close(WSCloseCode.UNSUPPORTED_DATA)
                return

    async def _write(self) -> None:
        while True:
            while self._out:
                text = self._out.popleft()
                self._unsent -= len(text)
                try:
                    async with asyncio.timeout(self._stall_s):
                        await self._socket.send_str(text)
                except (ConnectionError, ClientError, TimeoutError):
                    await self._close(WSCloseCode.GOING_AWAY)
                    return
            if self._closing:
                await self._close(WSCloseCode.OK)
                return
            self._more.clear()
            await self._more.wait()

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            left = self._heard_at + self._stall_s - clock()
            if left <= 0:
                await self._close(WSCloseCode.GOING_AWAY)
                return
            await asyncio.sleep(left)

    async def _close(self, code: WSCloseCode) -> None:
        try:
            async with asyncio.timeout(1.0):
                await self._socket.close(code=code)
        except (ConnectionError, ClientError, TimeoutError):
            return
