"""A stretch of bad network: a UDP relay that loses, doubles and delays packets, repeatably."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

from careline.testing.telephone_line import Address


@dataclass(frozen=True)
class Weather:
    loss: float = 0.0
    doubled: float = 0.0
    jitter_s: float = 0.0


class Relay(asyncio.DatagramProtocol):
    """Between one telephone and one leg, once `far` is the leg's address. What comes from there goes to the other who spoke."""

    def __init__(self, weather: Weather, seed: int = 1) -> None:
        self.far: Address | None = None
        self._near: Address | None = None
        self._weather, self._chance = weather, random.Random(seed)
        self.passed = self.lost = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        name = transport.get_extra_info("sockname")
        self.address: Address = (name[0], name[1])

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if addr != self.far:
            self._near = addr
        target = self._near if addr == self.far else self.far
        if target is None:
            return
        if self._chance.random() < self._weather.loss:
            self.lost += 1
            return
        self.passed += 1
        for _ in range(2 if self._chance.random() < self._weather.doubled else 1):
            delay = self._chance.random() * self._weather.jitter_s
            asyncio.get_running_loop().call_later(delay, self._pass_on, data, target)

    def _pass_on(self, data: bytes, target: Address) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(data, target)

    def close(self) -> None:
        self._transport.close()


@contextlib.asynccontextmanager
async def relay(weather: Weather) -> AsyncIterator[Relay]:
    loop = asyncio.get_running_loop()
    _, made = await loop.create_datagram_endpoint(lambda: Relay(weather), local_addr=("127.0.0.1", 0))
    try:
        yield made
    finally:
        made.close()
