"""What the SIP tests share: a telephone that answers, SIPp and baresip as far ends, and waiting by event."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import shutil
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvloop

from careline.ports import Ended, Frame, IncomingCall, Leg, LegEvent
from careline.telephony.sip import SipConfig, SipTelephone
from careline.testing.telephone_line import Address

Result = TypeVar("Result")
SCENARIOS = Path(__file__).parent / "scenarios"
TONE = b"".join(struct.pack("<h", int(9000 * math.sin(n * 0.35))) for n in range(8000))
"""One second of a 445 Hz tone."""


def run(work: Coroutine[Any, Any, Result], timeout_s: float = 40.0) -> Result:
    """On uvloop, as the product runs; unfinished business fails the test instead of hanging it."""

    async def limited() -> Result:
        async with asyncio.timeout(timeout_s):
            return await work

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(limited())


@dataclass
class Answered:
    """A leg and what it reported, frames apart."""

    leg: Leg
    events: list[LegEvent] = field(default_factory=list[LegEvent])
    frames: list[Frame] = field(default_factory=list[Frame])
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        async for event in self.leg.events():
            (self.frames if isinstance(event, Frame) else self.events).append(event)  # type: ignore[arg-type]
            self.changed.set()

    async def until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def over(self, timeout_s: float = 10.0) -> str:
        await self.until(lambda: any(isinstance(one, Ended) for one in self.events), timeout_s)
        return next(one.reason for one in self.events if isinstance(one, Ended))


@dataclass
class House:
    """A started telephone, the calls it was offered, and the legs it answered."""

    phone: SipTelephone
    offered: asyncio.Queue[IncomingCall]
    answered: asyncio.Queue[Answered]

    @property
    def address(self) -> Address:
        return self.phone.address

    @property
    def target(self) -> str:
        return f"{self.phone.address[0]}:{self.phone.address[1]}"


@contextlib.asynccontextmanager
async def house(
    config: SipConfig | None = None,
    handle: Callable[[IncomingCall], Awaitable[None]] | None = None,
    *,
    answer: bool = True,
) -> AsyncIterator[House]:
    """Answers every call and keeps what it hears, unless `handle` does something else. Nothing may be left over afterwards."""
    phone = SipTelephone(config or SipConfig(port=0))
    made = House(phone, asyncio.Queue(), asyncio.Queue())

    async def take(call: IncomingCall) -> None:
        made.offered.put_nowait(call)
        if handle is not None:
            await handle(call)
        elif answer:
            one = Answered(await call.answer())
            made.answered.put_nowait(one)
            await one.listen()
        else:
            await asyncio.Event().wait()

    await phone.start(take)
    try:
        yield made
        await quiet(phone)
    finally:
        await phone.stop()


async def quiet(phone: SipTelephone) -> None:
    """Every call gone, every port back, and nothing remembered once SIP's own timers have run (they are run ahead)."""
    stats = phone.stats()
    assert (stats.calls, stats.ports) == (0, 0), stats
    phone.run_timers(ahead_s=400.0)
    assert phone.stats().transactions == 0
    assert phone.stats().faults == 0


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed: apt install {'sip-tester' if program == 'sipp' else program}")


async def sipp(scenario: str, target: str, *more: str, timeout_s: int = 20, port: int = 0) -> None:
    """Runs one SIPp scenario to its end; fails with SIPp's own words when a message was not as expected."""
    needs("sipp")
    process = await start_sipp(scenario, target, *more, timeout_s=timeout_s, port=port)
    await finish_sipp(process, scenario)


async def start_sipp(
    scenario: str, target: str, *more: str, timeout_s: int = 20, port: int = 0
) -> asyncio.subprocess.Process:
    needs("sipp")
    return await asyncio.create_subprocess_exec(
        "sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), *([target] if target else []), "-i", "127.0.0.1",
        "-p", str(port or free_port()), "-mi", "127.0.0.1", "-mp", str(free_port()), "-m", "1", "-s", "5550100", "-nostdin",
        "-timeout", str(timeout_s), "-timeout_error", *more,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip


async def finish_sipp(process: asyncio.subprocess.Process, scenario: str) -> None:
    _, errors = await process.communicate()
    assert process.returncode == 0, f"SIPp {scenario}: {errors.decode(errors='replace')[-2000:]}"
