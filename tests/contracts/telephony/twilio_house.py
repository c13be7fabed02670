"""What the tests of the carrier's protocol share: the adapter behind a real listener, a carrier beside it, and a house that takes
calls and keeps what it hears."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvloop
from aiohttp import web

from careline.core.contact import Expect, Left, Say
from careline.core.errors import CarelineError
from careline.ports import Conversation, Ended, Frame, IncomingCall, IncomingTalk, Leg
from careline.telephony.twilio import Mode, Timing, TwilioConfig, TwilioDoor, TwilioTelephone
from careline.testing.carrier_calls import ACCOUNT, NUMBER, TOKEN, VoiceCarrier

QUICK = Timing(answer_s=0.4, return_s=0.4, stall_s=0.6, api_s=0.5)
HELLO = Say("1:hello", "Thank you for calling. How can I help you today?", "en", expect=Expect.OPEN)
CALL_911 = Say("2:911", "Please hang up and call 911 now.", "en", interruptible=False)


def run(work: Coroutine[Any, Any, None], timeout_s: float = 30.0) -> None:
    """On uvloop, as the product runs; unfinished business fails the test instead of hanging it."""

    async def limited() -> None:
        async with asyncio.timeout(timeout_s):
            await work

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(limited())


@dataclass
class Served:
    """A call that the house has answered, and all it was told. Frames are counted, not kept, beyond the last."""

    end: Conversation | Leg
    events: list[object] = field(default_factory=list[object])
    frames: list[Frame] = field(default_factory=list[Frame])
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def talk(self) -> Conversation:
        assert hasattr(self.end, "say")
        return self.end

    @property
    def leg(self) -> Leg:
        assert hasattr(self.end, "play")
        return self.end

    async def listen(self) -> None:
        async for event in self.end.events():
            (self.frames if isinstance(event, Frame) else self.events).append(event)  # type: ignore[arg-type]
            self.changed.set()

    async def told(self, kind: type, count: int = 1) -> Any:
        """The `count`-th event of a kind."""
        async with asyncio.timeout(60):
            while len(found := [event for event in self.events if isinstance(event, kind)]) < count:
                self.changed.clear()
                await self.changed.wait()
        return found[count - 1]

    def all(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def hears(self, count: int) -> list[Frame]:
        async with asyncio.timeout(10):
            while len(self.frames) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.frames

    async def over(self) -> str:
        end = await self.told(Left if hasattr(self.end, "say") else Ended)
        return str(end.reason)


@dataclass
class House:
    """`refuses`: answer every call with this status; `hesitates`: never decide."""

    carrier: VoiceCarrier
    telephone: TwilioTelephone
    door: TwilioDoor
    refuses: int = 0
    hesitates: bool = False
    rung: int = 0
    failed: asyncio.Queue[CarelineError] = field(default_factory=asyncio.Queue)
    answered: asyncio.Queue[Served] = field(default_factory=asyncio.Queue)

    async def on_talk(self, talk: IncomingTalk) -> None:
        if await self._may(talk):
            await self._serve(talk.answer(["Cedar Hill", "Dr. Ana Rivera"]))

    async def on_call(self, call: IncomingCall) -> None:
        if await self._may(call):
            await self._serve(call.answer())

    async def _may(self, call: IncomingCall | IncomingTalk) -> bool:
        self.rung += 1
        if self.hesitates:
            await asyncio.Event().wait()
        if self.refuses:
            await call.reject(self.refuses)
        return not self.refuses

    async def _serve(self, answering: Coroutine[Any, Any, Conversation | Leg]) -> None:
        try:
            served = Served(await answering)
        except CarelineError as error:
            self.failed.put_nowait(error)
            return
        self.answered.put_nowait(served)
        await served.listen()

    async def takes(self) -> Served:
        async with asyncio.timeout(10):
            return await self.answered.get()


@asynccontextmanager
async def house(mode: Mode = Mode.RELAY, timing: Timing = QUICK, **more: Any) -> AsyncIterator[House]:
    port = free_port()
    hooks = f"http://127.0.0.1:{port}"
    async with VoiceCarrier(hooks) as carrier:
        settings = {"mode": mode, "timing": timing, "caller_id": NUMBER, **more}
        config = TwilioConfig(ACCOUNT, (TOKEN,), f"http://127.0.0.1:{carrier.port}", (hooks,), **settings)
        telephone = TwilioTelephone(config)
        door = TwilioDoor(telephone)
        application = web.Application()
        application.add_routes(door.routes())
        runner = web.AppRunner(application, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        it = House(carrier, telephone, door)
        await telephone.start(it.on_call, it.on_talk)
        try:
            yield it
        finally:
            await telephone.stop()
            await runner.cleanup()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
