"""Sockets and time for the audio of all legs: a pool of ports, and one clock that ticks them.

Each leg needs a turn every 20 ms. One timer serves all: it wakes every 5 ms and serves a quarter of the legs, so that a
thousand packets do not leave in one burst. A machine that stalls wakes late: then the sockets are read first (what came in
meanwhile is not late by the network's fault), turns missed by up to 100 ms are caught up, longer gaps are skipped.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Protocol, cast

from careline.core.errors import TryAgain

if TYPE_CHECKING:
    from collections.abc import Callable

    from careline.telephony.sip.endpoint import Address

TICK_S = 0.02
_SLOTS = 4
_MOST_CAUGHT_UP = 5
_EARLY_S = 0.001  # uvloop counts whole milliseconds, so it may wake us that much too soon


class Ticked(Protocol):
    """A leg's media. `tick(now, skipped)`: one 20 ms turn; `skipped` turns before it never happened."""

    def tick(self, now: float, skipped: int, /) -> None: ...


class MediaClock:
    """Ticks every member once per 20 ms of the loop's time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: list[dict[Ticked, None]] = [{} for _ in range(_SLOTS)]
        self._beat = 0  # counts 5 ms; slot = beat modulo 4
        self._zero = 0.0
        self._timer: asyncio.Handle | None = None
        self.late_beats = 0

    def join(self, member: Ticked) -> None:
        min(self._slots, key=len)[member] = None
        if self._timer is None:
            self._zero, self._beat = self._loop.time(), 0
            self._sleep()

    def leave(self, member: Ticked) -> None:
        for slot in self._slots:
            slot.pop(member, None)

    def _sleep(self) -> None:
        self._timer = self._loop.call_at(self._zero + self._beat * TICK_S / _SLOTS, self._wake)

    def _wake(self) -> None:
        if self._loop.time() - self._zero - self._beat * TICK_S / _SLOTS > TICK_S:
            self.late_beats += 1
            self._timer = self._loop.call_soon(self._run)
        else:
            self._run()

    def _run(self) -> None:
        if not any(self._slots):
            self._timer = None
            return
        now = self._loop.time()
        due = int((now - self._zero + _EARLY_S) * _SLOTS / TICK_S)
        skipped = max(0, (due - self._beat) // _SLOTS - _MOST_CAUGHT_UP)
        self._beat += skipped * _SLOTS
        left = dict.fromkeys(range(_SLOTS), skipped) if skipped else {}
        while self._beat <= due:
            slot = self._beat % _SLOTS
            gap = left.pop(slot, 0)
            for member in list(self._slots[slot]):
                member.tick(now, gap)
            self._beat += 1
        self._sleep()


class RtpSocket(asyncio.DatagramProtocol):
    """One leg's port. Hands on what arrives; whose it is the leg decides."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.on_packet: Callable[[bytes, Address], None] | None = None
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)  # uvloop's is one in all but name

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self.on_packet is not None:
            self.on_packet(data, addr)

    def error_received(self, exc: Exception) -> None:
        """The far end's port is closed, or the network is away: the leg notices by silence."""

    def send(self, data: bytes, address: Address) -> None:
        if self._transport is not None:
            self._transport.sendto(data, address)

    def close(self) -> None:
        self.on_packet = None
        if self._transport is not None:
            self._transport.close()
            self._transport = None


def bind_udp(host: str, port: int) -> socket.socket:
    """A bound socket for the loop to take over. Bound here, because uvloop leaves its handle open when binding fails.

    Raises OSError.
    """
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


class PortPool:
    """Even ports for RTP, used round and round so that a late packet of an old call does not reach a new one soon."""

    def __init__(self, host: str, ports: tuple[int, int]) -> None:
        self._host = host
        self._ports = range(ports[0] + ports[0] % 2, ports[1] + 1, 2)
        self._next = 0
        self._used: set[int] = set()

    @property
    def in_use(self) -> int:
        return len(self._used)

    async def open(self) -> RtpSocket:
        """A bound socket. Raises TryAgain when every port is taken, by us or by others."""
        for _ in range(len(self._ports)):
            port = self._ports[self._next]
            self._next = (self._next + 1) % len(self._ports)
            if port in self._used:
                continue
            self._used.add(port)
            opened = await self._bind(port)
            if opened is not None:
                return opened
            self._used.discard(port)
        raise TryAgain("no RTP port is free")

    async def _bind(self, port: int) -> RtpSocket | None:
        loop = asyncio.get_running_loop()
        try:
            bound = bind_udp(self._host, port)
        except OSError:
            return None
        _, made = await loop.create_datagram_endpoint(lambda: RtpSocket(port), sock=bound)
        return made

    def close(self, opened: RtpSocket) -> None:
        opened.close()
        self._used.discard(opened.port)
