"""The browser telephone: `ports.Telephone` for patients who call from the practice's page, and for the house's own people, whose
console is then a telephone that can be rung by name.

Frames of a page (JSON over one WebSocket)
    to us: offer (`sdp`), candidate (`candidate`, null for "no more"), key (`digit`), bye; of a softphone also take and decline
           (`call`) and token
    from us: welcome (`resume`, `answered`), answer (`sdp`), answered, caption, cut, away, unconnected, refused, ended; to a
           softphone also ready (`name`), ring (`call`, `from`) and silent
A page that comes back says its `resume`, in the address, and offers anew.
"""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web
from aiortc import RTCCertificate

from careline.core.errors import Refused, TryAgain, WireError
from careline.ports import DialFailed
from careline.telephony.sip.media import MediaClock
from careline.telephony.webrtc.handset import Handset
from careline.telephony.webrtc.house import House
from careline.telephony.webrtc.leg import BrowserCall
from careline.telephony.webrtc.page import Page
from careline.wire.allowance import Allowance, Allowances

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from careline.ports import IncomingCall, Leg
    from careline.telephony.webrtc.config import WebRtcConfig

_STOP_S = 2.0


@dataclass(frozen=True, slots=True)
class Doorman:
    """Who may come in. Both take a token, and raise `Refused`: `caller` says which practice is called, `staff` the name that the
    telephone is rung by. `origins` are the sites whose pages may ask."""

    caller: Callable[[str], str]
    staff: Callable[[str], str]
    origins: frozenset[str]


class BrowserTelephone:
    """One per process. Its routes are served by the process's listener."""

    def __init__(self, config: WebRtcConfig, doorman: Doorman) -> None:
        self._config, self._doorman = config, doorman
        self._house: House | None = None
        self._on_call: Callable[[IncomingCall], Awaitable[None]] | None = None
        self._handsets: dict[str, Handset] = {}
        self._new_calls, self._by_address = Allowance(20.0, 60.0), Allowances(1 / 6, config.address_burst)
        self._watch: asyncio.TimerHandle | None = None

    @property
    def calls(self) -> int:
        return len(self._house.calls) if self._house else 0

    @property
    def tasks(self) -> int:
        return len(self._house.tasks) if self._house else 0

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return (web.get("/phone", self._phone), web.get("/softphone", self._softphone))

    # ------------------------------------------------------------ ports.Telephone

    async def start(self, on_call: Callable[[IncomingCall], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        self._on_call = on_call
        self._house = House(self._config, RTCCertificate.generateCertificate(), loop, MediaClock(loop))
        self._watch_calls()

    def names(self, number: str) -> bool:
        """Whether it is a browser's name, of somebody who is here or not."""
        return number.startswith("web-")

    async def dial(self, number: str, caller_id: str, timeout_s: float) -> Leg | DialFailed:
        house, handset = self._running(), self._handsets.get(number)
        if handset is None or not handset.present:
            return DialFailed.UNREACHABLE
        if handset.busy:
            return DialFailed.BUSY
        call = BrowserCall(house, caller_id, number)
        try:
            async with asyncio.timeout(timeout_s):
                if not await handset.ring(call):
                    return DialFailed.REFUSED
                return await call.answer()
        except TimeoutError:
            return DialFailed.NO_ANSWER
        except TryAgain:
            return DialFailed.UNREACHABLE
        finally:
            if call.leg is None:
                call.finish("local")

    async def stop(self) -> None:
        house = self._house
        if house is None:
            return
        self._on_call = None
        if self._watch is not None:
            self._watch.cancel()
        for call in list(house.calls.values()):
            call.finish("local")
        for handset in list(self._handsets.values()):
            handset.page.leave()
        if house.tasks:
            _, late = await asyncio.wait(set(house.tasks), timeout=_STOP_S)
            for task in late:
                task.cancel()
        self._house = None

    # ------------------------------------------------------------ a patient's page

    async def _phone(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, self._attend_caller)

    async def _attend_caller(self, page: Page, request: web.Request) -> None:
        house = self._running()
        call = house.resumed(request.query.get("resume", ""))
        if call is not None:
            call.attend(page)
        try:
            slug = "" if call else self._doorman.caller(request.query.get("token", ""))
            async for frame in page.frames(self._config.patience_s):
                if call is None and frame.get("type") == "offer":
                    call = self._begin(page, slug, request.query.get("language", "en")[:5])
                if call is not None:
                    await take(call, page, frame)
        except Refused as error:
            page.put({"type": "refused", "reason": str(error)})
        finally:
            if call is not None:
                call.left(page)

    def _begin(self, page: Page, slug: str, language: str) -> BrowserCall:
        """A new call. Raises Refused when there are too many."""
        house, now = self._running(), self._running().loop.time()
        if len(house.calls) >= self._config.most_calls or self._on_call is None:
            raise Refused("busy")
        if not self._by_address.take(page.remote, now) or not self._new_calls.take(now):
            raise Refused("busy")
        call = BrowserCall(house, "", slug, language)
        call.attend(page)
        house.spawn(self._offer_to_house(call))
        return call

    async def _offer_to_house(self, call: BrowserCall) -> None:
        on_call = self._on_call
        try:
            if on_call is not None:
                await on_call(call)
        finally:
            if call.leg is None:
                await call.reject(480)

    # ------------------------------------------------------------ a softphone

    async def _softphone(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, self._attend_staff)

    async def _attend_staff(self, page: Page, request: web.Request) -> None:
        try:
            name = self._doorman.staff(request.query.get("token", ""))
        except Refused as error:
            page.put({"type": "refused", "reason": str(error)})
            return
        handset = self._handsets.get(name)
        if handset is None:
            handset = self._handsets[name] = Handset(name, page, self._config.stay_s)
        handset.attend(page, self._running().loop.time())
        try:
            async for frame in page.frames(None):
                if frame.get("type") == "token":
                    handset.renewed(self._doorman.staff(str(frame.get("token"))) == name, self._running().loop.time())
                elif not handset.took(frame) and handset.call is not None:
                    await take(handset.call, page, frame)
        except Refused:
            page.put({"type": "refused", "reason": "signed out"})
        finally:
            handset.left(page)
            self._forget(handset)

    def _forget(self, handset: Handset) -> None:
        if handset.gone and self._handsets.get(handset.name) is handset:
            del self._handsets[handset.name]

    # ------------------------------------------------------------ both

    async def _serve(
        self, request: web.Request, attend: Callable[[Page, web.Request], Awaitable[None]]
    ) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        parts = urlsplit(origin)
        if (origin and f"{parts.scheme}://{parts.netloc}" not in self._doorman.origins) or self._house is None:
            return web.Response(status=403, text="this page may not call here")
        page = Page(_remote(request))
        socket = await page.open(request)
        try:
            await attend(page, request)
        finally:
            await page.close()
        return socket

    def _watch_calls(self) -> None:
        house = self._running()
        now = house.loop.time()
        for call in list(house.calls.values()):
            call.watch(now)
        for handset in list(self._handsets.values()):
            handset.watch(now)
            self._forget(handset)
        self._watch = house.loop.call_later(self._config.watch_s, self._watch_calls)

    def _running(self) -> House:
        if self._house is None:
            raise Refused("the telephone is not started")
        return self._house


async def take(call: BrowserCall, page: Page, frame: dict[str, Any]) -> None:
    """What a page asks for its call. Nonsense is told and otherwise without consequence."""
    kind = frame.get("type")
    try:
        if kind == "offer" and isinstance(sdp := frame.get("sdp"), str):
            if not page.offers.take(asyncio.get_running_loop().time()):
                raise Refused("too many offers")
            await call.offered(sdp)
        elif kind == "candidate":
            text = frame.get("candidate")
            await call.candidate(text if isinstance(text, str) else None)
        elif (
            kind == "key"
            and isinstance(digit := frame.get("digit"), str)
            and digit in "0123456789*#"
            and len(digit) == 1
        ):
            call.pressed(digit)
        elif kind == "bye":
            call.finish("remote")
    except (WireError, Refused, TryAgain) as error:
        page.put({"type": "refused", "reason": str(error)})
        if call.leg is None:
            call.finish("failed")


def _remote(request: web.Request) -> str:
    """Who is at the other end; behind a proxy of our own network, whom the proxy saw last."""
    remote = request.remote or ""
    try:
        near = ipaddress.ip_address(remote).is_private
    except ValueError:
        near = False
    seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return seen[:64] if near and seen else remote
