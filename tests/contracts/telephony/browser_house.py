"""A browser telephone on a real listener, without the rest of the house: what it is given, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from aiohttp import web

from careline.core.errors import Refused, TryAgain
from careline.ports import Ended, Frame, IncomingCall, Leg, LegEvent
from careline.telephony.webrtc import BrowserTelephone, Doorman, WebRtcConfig
from careline.testing.browser import Browser

#: As in life, but quicker to notice who has gone.
CONFIG = WebRtcConfig(
    ports=(32_001, 32_199), away_s=0.3, return_s=1.5, quiet_s=3.0, watch_s=0.1, patience_s=1.0, connect_s=8.0
)


@dataclass
class Answered:
    """A call that was answered, and all it has told."""

    call: IncomingCall
    leg: Leg
    events: list[LegEvent] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def gather(self) -> None:
        async for event in self.leg.events():
            self.events.append(event)
            self.more.set()

    async def told(self, kind: type, count: int = 1) -> LegEvent:
        async with asyncio.timeout(20):
            while len(found := [event for event in self.events if isinstance(event, kind)]) < count:
                self.more.clear()
                await self.more.wait()
        return found[count - 1]

    def frames(self) -> list[Frame]:
        return [event for event in self.events if isinstance(event, Frame)]

    async def hears(self, wanted: Callable[[bytes], bool]) -> Frame:
        """The first frame that sounds as wanted."""
        seen = 0
        async with asyncio.timeout(20):
            while True:
                for frame in self.frames()[seen:]:
                    if wanted(frame.pcm):
                        return frame
                seen = len(self.frames())
                self.more.clear()
                await self.more.wait()


class BrowserHouse:
    def __init__(self, telephone: BrowserTelephone, port: int) -> None:
        self.telephone, self.port = telephone, port
        self.answered: list[Answered] = []
        self.gone: list[IncomingCall] = []
        self.answering = asyncio.Event()
        self.answering.set()
        self._news = asyncio.Event()

    async def on_call(self, call: IncomingCall) -> None:
        await self.answering.wait()
        try:
            answered = Answered(call, await call.answer())
        except (Refused, TryAgain):
            self.gone.append(call)
            self._news.set()
            return
        self.answered.append(answered)
        self._news.set()
        await answered.gather()
        self._news.set()

    def page(self, role: str = "phone", **query: str) -> Browser:
        return Browser(f"http://127.0.0.1:{self.port}/{role}", **({"token": "demo"} | query))

    async def call(self, number: int = 1) -> Answered:
        await self.until(lambda: len(self.answered) >= number)
        return self.answered[number - 1]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds():
                self._news.clear()
                await self._news.wait()

    async def empty(self) -> None:
        """Everything was given back: calls, tasks, sockets."""
        async with asyncio.timeout(10):
            while self.telephone.calls or self.telephone.tasks or len(asyncio.all_tasks()) > self.at_rest:
                turned = asyncio.get_running_loop().create_future()  # what is done is forgotten in the loop's next turn
                asyncio.get_running_loop().call_soon(turned.set_result, None)
                others = asyncio.all_tasks() - {asyncio.current_task()}
                await asyncio.wait({turned, *others}, timeout=0.05, return_when=asyncio.FIRST_COMPLETED)

    at_rest = 0


@asynccontextmanager
async def browser_house(**changes: object) -> AsyncIterator[BrowserHouse]:
    def opened(token: str) -> str:
        if not token or token == "bad":
            raise Refused("this token is not valid: load the page again")
        return token

    origins = frozenset({"http://localhost:8000"})
    telephone = BrowserTelephone(replace(CONFIG, **changes), Doorman(opened, opened, origins))
    application = web.Application()
    application.add_routes(telephone.routes())
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    house = BrowserHouse(telephone, runner.addresses[0][1])
    await telephone.start(house.on_call)
    house.at_rest = len(asyncio.all_tasks())
    try:
        yield house
    finally:
        await telephone.stop()
        await runner.cleanup()


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        async with asyncio.timeout(60):
            await story()

    asyncio.run(all_of_it())


def ended(answered: Answered) -> str:
    last = answered.events[-1]
    assert isinstance(last, Ended)
    return last.reason
