"""The SIP telephone: `ports.Telephone` on one UDP socket, a SIP endpoint and a media clock."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from dataclasses import dataclass, replace
from traceback import format_tb
from typing import TYPE_CHECKING

from careline.core.errors import Refused, TryAgain, WireError
from careline.ports import DialFailed
from careline.telephony.sip.endpoint import Hooks
from careline.telephony.sip.live import House, LiveCall
from careline.telephony.sip.media import MediaClock, PortPool, bind_udp
from careline.telephony.sip.registrar import Registrar
from careline.telephony.sip.routes import routes
from careline.telephony.sip.stack import SippyEndpoint
from careline.telephony.sip.trunk import SignOn, Surroundings
from careline.wire import sdp, sip

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from careline.ports import IncomingCall, Leg
    from careline.telephony.sip.config import SipConfig
    from careline.telephony.sip.endpoint import Address, SipCall, Target

log = logging.getLogger(__name__)

_FAILURES = {
    404: DialFailed.BAD_NUMBER, 410: DialFailed.BAD_NUMBER, 484: DialFailed.BAD_NUMBER, 604: DialFailed.BAD_NUMBER,
    486: DialFailed.BUSY, 600: DialFailed.BUSY, 480: DialFailed.NO_ANSWER, 487: DialFailed.NO_ANSWER,
}  # fmt: skip
_TRY_NEXT = frozenset({408, 500, 502, 503, 504})
_GOODBYE_S = 0.5
_SIP_BUFFER = 4_000_000  # bytes: a burst of some thousand INVITEs waits its turn


class _SipSocket(asyncio.DatagramProtocol):
    def __init__(self, on_datagram: Callable[[bytes, Address], None]) -> None:
        self._on_datagram = on_datagram
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._on_datagram(data, (addr[0], addr[1]))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        self.closed.set_result(None)

    def error_received(self, exc: Exception) -> None:
        """A port that is closed over there: SIP's own timers notice."""


@dataclass(frozen=True, slots=True)
class Stats:
    """`transactions` counts what the SIP core remembers (dialogs for 32 s after their end); `refused` and `dropped` datagrams
    that never reached it, `faults` those it choked on; `late_beats` how often the media clock woke over 20 ms late."""

    calls: int = 0
    ports: int = 0
    transactions: int = 0
    refused: int = 0
    dropped: int = 0
    faults: int = 0
    late_beats: int = 0


class SipTelephone:
    """Takes and places calls over SIP. One per process (sippy keeps its timers in one place)."""

    def __init__(self, config: SipConfig) -> None:
        self._config = config
        self._address: Address = (config.host, config.port)
        self._transport: asyncio.DatagramTransport | None = None
        self._socket: _SipSocket | None = None
        self._endpoint: SippyEndpoint | None = None
        self._house: House | None = None
        self._on_call: Callable[[IncomingCall], Awaitable[None]] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._hosts: dict[str, str] = {}
        self._woken = asyncio.Event()
        self._registrar = Registrar(config.realm, config.users) if config.users else None
        self.sign_ons: tuple[SignOn, ...] = ()

    @property
    def address(self) -> Address:
        """Where it listens; the port is real once started."""
        return self._address

    def stats(self) -> Stats:
        """How busy it is, and what it has refused so far; all zero when it does not run."""
        house, endpoint = self._house, self._endpoint
        if house is None or endpoint is None:
            return Stats()
        tally = endpoint.tally
        return Stats(
            calls=len(house.calls),
            ports=house.pool.in_use,
            transactions=endpoint.transactions,
            refused=tally.refused,
            dropped=tally.dropped,
            faults=tally.faults,
            late_beats=house.clock.late_beats,
        )

    async def start(self, on_call: Callable[[IncomingCall], Awaitable[None]]) -> None:
        """Raises OSError when the port is in use."""
        loop = asyncio.get_running_loop()
        self._on_call = on_call
        bound = bind_udp(self._config.host, self._config.port)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SIP_BUFFER)
        transport, self._socket = await loop.create_datagram_endpoint(lambda: _SipSocket(self._receive), sock=bound)
        self._transport = transport
        name = transport.get_extra_info("sockname")
        self._address = (self._config.host, int(name[1]))
        pool = PortPool(self._config.host, self._config.rtp_ports)
        self._house = House(loop, pool, MediaClock(loop), self._config.told_host)
        told = (self._config.told_host, self._address[1])
        on_register = self._on_register if self._registrar is not None else None
        names = frozenset(trunk.username for trunk in self._config.trunks if trunk.register and trunk.username)
        self._endpoint = SippyEndpoint(told, Hooks(self._send, self._wake, self._on_invite, on_register, names))
        around = Surroundings(self._endpoint, told, self._resolved)
        self.sign_ons = tuple(SignOn(trunk, around) for trunk in self._config.trunks if trunk.register)
        for sign_on in self.sign_ons:
            self._spawn(sign_on.run())
        self._watch_silence()
        self._wake()

    def registered(self, number: str) -> bool:
        """Whether this is a telephone of the house, and is here now."""
        return self._house is not None and self._registrar is not None and number in self._bindings()

    def _bindings(self) -> dict[str, Address]:
        return self._registrar.bindings(self._running()[0].loop.time()) if self._registrar else {}

    async def dial(self, number: str, caller_id: str, timeout_s: float) -> Leg | DialFailed:
        """Tries every route while the earlier ones cannot be reached; `timeout_s` is for all of them together."""
        house, endpoint = self._running()
        targets = routes(number, caller_id, self._bindings(), self._config.trunks)
        if targets is None:
            return DialFailed.BAD_NUMBER
        result = DialFailed.UNREACHABLE
        deadline = house.loop.time() + timeout_s
        for target in targets:
            patience = min(
                deadline - house.loop.time(), self._config.trunk_patience_s if target is not targets[-1] else timeout_s
            )
            if patience <= 0:
                break
            tried = await self._dial_one(house, endpoint, target, deadline, patience)
            if not isinstance(tried, DialFailed):
                return tried
            result = tried
            if tried is not DialFailed.UNREACHABLE:
                break
        return result

    async def _dial_one(
        self, house: House, endpoint: SippyEndpoint, target: Target, deadline: float, patience_s: float
    ) -> Leg | DialFailed:
        """`patience_s` is for the first sign that anybody is there; once it rings, the whole time is left."""
        live = LiveCall(house)
        given = False
        try:
            address = await self._resolved(target.address)
            local = await live.prepare()
            live.call = endpoint.invite(replace(target, address=address), sdp.offer(local), live)
            async with asyncio.timeout(patience_s) as timer:
                await live.outcome_or_ring()
                timer.reschedule(deadline)
                status = await live.outcome
            given = status == 200 and live.leg is not None
        except TimeoutError:
            return DialFailed.NO_ANSWER if live.rang else DialFailed.UNREACHABLE
        except (OSError, TryAgain):
            return DialFailed.UNREACHABLE
        finally:
            if not given:  # refused, or nobody wants it any more: it may have been answered in that very moment
                live.hang_up()
        if status == 200 and live.leg is not None:
            return live.leg
        return _FAILURES.get(status) or (DialFailed.UNREACHABLE if status in _TRY_NEXT else DialFailed.REFUSED)

    async def stop(self) -> None:
        if self._house is None or self._endpoint is None:
            return
        self._on_call = None
        for call in list(self._house.calls):
            call.hang_up()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await asyncio.gather(*(sign_on.sign_off() for sign_on in self.sign_ons))
                while self._endpoint.waiting:
                    self._woken.clear()
                    await self._woken.wait()
        for timer in (self._timer, self._watch):
            if timer is not None:
                timer.cancel()
        self._endpoint.close()
        if self._transport is not None and self._socket is not None:
            self._transport.close()
            await self._socket.closed  # so that the port is free when we return
        self._transport = self._endpoint = self._house = None

    # ------------------------------------------------------------ calls in

    def _on_invite(self, call: SipCall) -> None:
        house, _ = self._running()
        live = LiveCall(house, incoming=True)
        live.call = call
        call.handled_by(live)
        refusal = self._refusal(call, house)
        if refusal:
            live.refuse(refusal)
            return
        call.ring()
        self._spawn(self._offer_to_house(live))

    def _on_register(self, request: sip.Request, source: Address) -> sip.Response:
        house, _ = self._running()
        if self._registrar is None:
            return sip.Response(405, "Method Not Allowed", ())
        return self._registrar.register(request, source, house.loop.time())

    def _refusal(self, call: SipCall, house: House) -> int:
        if self._on_call is None or len(house.calls) > self._config.most_calls:
            return 503
        if not call.offer:
            return 0
        try:
            return 0 if sdp.agree(sdp.parse(call.offer)) else 488
        except WireError:
            return 400

    async def _offer_to_house(self, live: LiveCall) -> None:
        on_call = self._on_call
        try:
            if on_call is not None:
                await on_call(live)
        finally:
            if live.leg is None and not live.over:
                live.refuse(480)  # nobody decided: the caller's network may try elsewhere

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Where, but not the error's own words: they may quote a caller.
            log.error("handling a call failed: %s\n%s", type(error).__name__, "".join(format_tb(error.__traceback__)))

    # ------------------------------------------------------------ the socket and time

    def _running(self) -> tuple[House, SippyEndpoint]:
        if self._house is None or self._endpoint is None:
            raise Refused("the telephone is not started")
        return self._house, self._endpoint

    def _receive(self, data: bytes, source: Address) -> None:
        if self._endpoint is not None:
            self._endpoint.receive(data, source)

    def _send(self, data: bytes, address: Address) -> None:
        host = self._hosts.get(address[0]) or _plain(address[0])
        if host is None:
            self._spawn(self._send_later(data, address))
        elif self._transport is not None:
            self._transport.sendto(data, (host, address[1] or 5060))

    async def _send_later(self, data: bytes, address: Address) -> None:
        with contextlib.suppress(OSError):
            where = await self._resolved(address)
            if self._transport is not None:
                self._transport.sendto(data, where)

    async def _resolved(self, address: Address) -> Address:
        """Raises OSError when the name is unknown."""
        host = _plain(address[0])
        if host is None:
            family = socket.AF_INET6 if ":" in self._config.host else socket.AF_INET
            found = await asyncio.get_running_loop().getaddrinfo(address[0], address[1], family=family)
            host = self._hosts[address[0]] = str(found[0][4][0])
        return host, address[1]

    def _wake(self) -> None:
        """Has the stack's timers run when the next is due."""
        self._woken.set()
        if self._endpoint is None or self._house is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        due_in = self._endpoint.due_in()
        self._timer = None if due_in is None else self._house.loop.call_later(due_in + 0.001, self.run_timers)

    def run_timers(self, ahead_s: float = 0.0) -> None:
        """What SIP's timers have due; `ahead_s` later than now, for tests that cannot wait for them."""
        if self._endpoint is not None:
            self._endpoint.run_timers(ahead_s)
            self._wake()

    def _watch_silence(self) -> None:
        """Ends calls that show no life: no media, no signalling, and no reply when asked."""
        house, _ = self._running()
        lost_after = self._config.lost_after_s
        for call in list(house.calls):
            call.watch(house.loop.time(), lost_after)
        self._watch = house.loop.call_later(min(1.0, lost_after / 8), self._watch_silence)


def _plain(host: str) -> str | None:
    """The host if it is an address already."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None
