"""The parts of sippy 2.5.0 we replace so that it lives on our event loop, keeps quiet and takes what RFC 3261 allows.

It is made for threads of its own: sockets, timers, a log of every message. Here its sockets are a shim around a function that
sends, its timers one heap we serve, its log nothing. What it would print, with callers' numbers in it, is replaced by a count
and the place of the fault.
"""

from __future__ import annotations

import heapq
import logging
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, cast

import sippy.Core.EventDispatcher
import sippy.SipConf
import sippy.SipTransactionManager
import sippy.SipURL
import sippy.SipVia
from sippy.CCEvents import CCEventPreConnect, CCEventUpdate
from sippy.Core.EventDispatcher import ED2
from sippy.SipConf import SipConf
from sippy.SipTransactionManager import SipTransactionManager
from sippy.Time.MonoTime import MonoTime
from sippy.UA import UA
from sippy.UasStateUpdating import UasStateUpdating
from sippy.UaStateConnected import UaStateConnected

if TYPE_CHECKING:
    from collections.abc import Callable

    from sippy.CCEvents import CCEventGeneric
    from sippy.MsgBody import MsgBody
    from sippy.SipHeader import SipHeader
    from sippy.SipRequest import SipRequest
    from sippy.SipResponse import SipResponse
    from sippy.SipTransactionManager import SipTransaction

    from careline.telephony.sip.endpoint import Address

log = logging.getLogger(__name__)

SipConf.my_uaname = "Careline"
SipConf.autoconvert_tel_url = True  # else a tel: address raises


_LOGGED_EACH, _LOGGED_EVERY = 20, 1000
_MOST_ROUNDS = 100_000


def _has_my(thing: object) -> tuple[str, ...]:
    """All that sippy asks of `dir`, 28 times a call, at a twentieth of the price."""
    return ("my",) if hasattr(thing, "my") else ()


sippy.SipConf.dir = sippy.SipURL.dir = sippy.SipVia.dir = _has_my


class Faults:
    """How often sippy failed inside; a fault costs one message, never the process."""

    count = 0

    @classmethod
    def report(cls, *_: object, **__: object) -> None:
        """Takes the place of sippy's dump_exception. The error's text may quote a message, so only its kind is logged."""
        cls.count += 1
        kind, error, _trace = sys.exc_info()
        frames = list(traceback.extract_tb(error.__traceback__)) if error is not None else []
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown place"
        if cls.count <= _LOGGED_EACH or cls.count % _LOGGED_EVERY == 0:
            log.error(
                "the SIP core failed: %s at %s (%d times so far)", kind.__name__ if kind else "error", place, cls.count
            )


sippy.Core.EventDispatcher.dump_exception = Faults.report
sippy.SipTransactionManager.dump_exception = Faults.report


class Timers:
    """sippy's one heap of timers, shared by every endpoint of the process; whoever runs it runs all that are due."""

    @staticmethod
    def join() -> None:
        ED2.my_ident = threading.get_ident()

    @classmethod
    def leave(cls, config: dict[str, object]) -> None:
        """Forgets the timers of the endpoint with this configuration."""
        ED2.tlisteners[:] = [timer for timer in ED2.tlisteners if not _belongs(timer.cb_func, config)]
        heapq.heapify(ED2.tlisteners)
        ED2.twasted = 0

    @staticmethod
    def due_in() -> float | None:
        heap = ED2.tlisteners
        while heap and heap[0].cb_func is None:
            heapq.heappop(heap)
            ED2.twasted = max(0, ED2.twasted - 1)
        if not heap or heap[0].etime is None:
            return None
        return max(0.0, heap[0].etime.monot - MonoTime().monot)

    @staticmethod
    def run(ahead_s: float = 0.0) -> None:
        """`ahead_s` pretends that so much time has passed already: tests need not wait for a 32 s timer."""
        until = MonoTime().getOffsetCopy(ahead_s)
        for _ in range(_MOST_ROUNDS):  # setting a timer moves sippy's idea of now, so it is told again
            due = ED2.tlisteners[0].etime if ED2.tlisteners else None
            if due is None or due > until:
                break
            ED2.last_ts = until
            ED2.dispatchTimers()
        if ED2.twasted * 2 > len(ED2.tlisteners):
            ED2.tlisteners[:] = [timer for timer in ED2.tlisteners if timer.cb_func is not None]
            heapq.heapify(ED2.tlisteners)
            ED2.twasted = 0


def _belongs(callback: object, config: dict[str, object]) -> bool:
    owner = getattr(callback, "__self__", None)
    agent = getattr(owner, "ua", None) or owner
    return callback is None or getattr(agent, "global_config", None) is config


class Quiet:
    """sippy's message log, unplugged."""

    def write(self, *_: object, **__: object) -> None:
        return


class Socket:
    """What sippy takes for its UDP server: it sends through `send`, and calls itself `told` in Via and Contact."""

    transport = "udp"

    def __init__(self, told: Address, send: Callable[[bytes, Address], None]) -> None:
        self.uopts = self
        self._told, self._send = told, send

    def send_to(self, data: bytes | str, address: Address) -> None:
        self._send(data.encode() if isinstance(data, str) else data, address)

    def getSIPaddr(self) -> tuple[Address, str]:  # noqa: N802 - sippy's name
        return self._told, "udp"

    def isWildCard(self) -> bool:  # noqa: N802 - sippy's name
        return False

    def addr2str(self, _address: Address) -> str:
        return ""


class OneSocket:
    """Takes the place of sippy's table of sockets, which opens one per local address (and forgets to close a probe)."""

    ploss_out_rate = pdelay_out_max = 0.0

    def __init__(self, config: dict[str, object], *_: object) -> None:
        self._socket = config["_socket"]

    def getServer(self, *_: object, **__: object) -> object:  # noqa: N802 - sippy's name
        return self._socket

    def rotateCache(self) -> None:  # noqa: N802 - sippy's name
        return

    def shutdown(self) -> None:
        return


sippy.SipTransactionManager.local4remote = OneSocket


class Manager(SipTransactionManager):
    """sippy's transactions, with two that carry the same name (a peer's mistake) kept apart when their time is up."""

    def timerD(self, t: SipTransaction) -> None:  # noqa: N802 - sippy's name
        name, other = t.tid, self.tserver.get(t.tid)
        self.tserver[name] = t
        super().timerD(t)
        if other is not None and other is not t:
            self.tserver[name] = other


class Connected(UaStateConnected):
    """sippy takes a re-INVITE without a body for hold; RFC 3264 says that it asks us to offer. And sippy goes on sending to the
    first Contact; RFC 3261, 12.2, says that a re-INVITE may bring another."""

    def _reinvited(self, request: SipRequest) -> tuple[type, ...] | None:
        contact = request.getHFBody("contact").getUrl().getCopy()
        self.ua.rTarget = contact
        if not self.ua.routes:
            self.ua.rAddr = contact.getTAddr()
        if request.getBody() is not None:
            return self._recvRequestInvite(request)
        self.ua.uasResp = request.genResponse(100, "Trying", server=self.ua.local_ua)
        self.ua.global_config["_sip_tm"].sendResponse(self.ua.uasResp)
        self.ua.equeue.append(CCEventUpdate(None, rtime=request.rtime, origin=self.ua.origin))
        return (self.ua.UasStateUpdating,)

    recv_request_handlers = {**UaStateConnected.recv_request_handlers, "INVITE": _reinvited}  # noqa: RUF012 - sippy's table


class Updating(UasStateUpdating):
    """Answers such a request with our offer, and waits for the far end's answer in its ACK."""

    def _offer(self, event: CCEventGeneric, headers: tuple[SipHeader, ...] | None) -> tuple[type, ...] | None:
        code, reason, body = cast("tuple[int, str, MsgBody]", event.getData())
        self.ua.lSDP = body
        self.ua.sendUasResponse(code, reason, body, (self.ua.lContact,), extra_headers=headers, ack_wait=True)
        return (self.ua.UaStateConnected,)

    recv_event_handlers = {**UasStateUpdating.recv_event_handlers, CCEventPreConnect: _offer}  # noqa: RUF012 - sippy's table


class Agent(UA):
    """A user agent that says when its dialog shows life, and acts on a final response only after sippy has sent the ACK for it
    (else its BYE, or its INVITE with a login, goes out first)."""

    local_ua = "Careline"
    UaStateConnected = Connected
    UasStateUpdating = Updating
    on_request: Callable[[], None] | None = None
    defer: Callable[[Callable[[], None]], None] | None = None

    def recvResponse(self, resp: SipResponse, tr: object) -> None:  # noqa: N802 - sippy's name
        if resp.getSCode()[0] < 200 or self.defer is None:
            super().recvResponse(resp, tr)
        else:
            self.defer(lambda: super(Agent, self).recvResponse(resp, tr))

    def recvRequest(self, req: SipRequest, sip_t: object) -> object:  # noqa: N802 - sippy's name
        if self.on_request is not None:
            self.on_request()
        return super().recvRequest(req, sip_t)
