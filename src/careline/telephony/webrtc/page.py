"""The page at the other end of a WebSocket: what we tell it, and how much of what it sends is taken.

A page that reads slower than we tell, or sends faster than any person could, is let go; its call goes on without it for a while.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

from aiohttp import WSCloseCode, WSMsgType, web

from careline.wire.allowance import Allowance

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_FRAME_BYTES = 65_536
_FRAMES_PER_SECOND, _BURST = 10.0, 60.0
_MOST_WAITING = 200
_SEND_S = 10.0


class Page:
    """One WebSocket. `frames` are the JSON objects it sends; it ends when the socket does."""

    def __init__(self, remote: str) -> None:
        self.remote = remote
        self.offers = Allowance(1 / 3, 6.0)
        self._socket = web.WebSocketResponse(heartbeat=15.0, max_msg_size=_FRAME_BYTES)
        self._waiting: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(_MOST_WAITING)
        self._writer: asyncio.Task[None] | None = None

    async def open(self, request: web.Request) -> web.WebSocketResponse:
        await self._socket.prepare(request)
        self._writer = asyncio.create_task(self._write(), name="page writer")
        return self._socket

    def put(self, frame: dict[str, Any]) -> None:
        try:
            self._waiting.put_nowait(frame)
        except asyncio.QueueFull:
            if self._writer is not None:
                self._writer.cancel()

    def leave(self) -> None:
        """Close once everything was told."""
        try:
            self._waiting.put_nowait(None)
        except asyncio.QueueFull:
            if self._writer is not None:
                self._writer.cancel()

    async def close(self) -> None:
        """Tell what is left and close, or close at once when it does not listen."""
        self.leave()
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)

    async def frames(self, first_s: float | None) -> AsyncIterator[dict[str, Any]]:
        """`first_s`: a page that says nothing for so long is let go."""
        loop, allowance, patience = asyncio.get_running_loop(), Allowance(_FRAMES_PER_SECOND, _BURST), first_s
        while True:
            try:
                message = await self._socket.receive(patience)
            except TimeoutError:
                return
            patience = None
            if message.type is not WSMsgType.TEXT or not allowance.take(loop.time()):
                return
            try:
                frame: object = json.loads(cast(str, message.data))
            except (ValueError, RecursionError):
                continue
            if isinstance(frame, dict):
                yield cast("dict[str, Any]", frame)

    async def _write(self) -> None:
        try:
            while (frame := await self._waiting.get()) is not None:
                async with asyncio.timeout(_SEND_S):
                    await self._socket.send_str(json.dumps(frame, ensure_ascii=False))
        except (ConnectionError, TimeoutError):
            return
        finally:
            await self._socket.close(code=WSCloseCode.GOING_AWAY)
