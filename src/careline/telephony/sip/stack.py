"""The SIP endpoint made of sippy's transaction and user-agent core. Only this file and `sippy_core.py` know sippy.

README.md in this folder lists its defects and where each is fenced.
"""

from __future__ import annotations

import re
import secrets
from collections import deque
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from sippy.CCEvents import (
    CCEventConnect,
    CCEventDisconnect,
    CCEventFail,
    CCEventInfo,
    CCEventPreConnect,
    CCEventRedirect,
    CCEventRing,
    CCEventTry,
    CCEventUpdate,
)  # fmt: skip
from sippy.MsgBody import MsgBody
from sippy.Network_server import Remote_address
from sippy.SipAddress import SipAddress
from sippy.SipContact import SipContact
from sippy.SipHeader import SipHeader
from sippy.SipRequest import SipRequest
from sippy.SipURL import SipURL
from sippy.Time.MonoTime import MonoTime

from careline.core.errors import WireError
from careline.telephony.sip.endpoint import Alive, Answered, Failed, Keyed, Over, Ringing, Tally
from careline.telephony.sip.screen import ALLOW, Pass, Reply, refuse, screen
from careline.telephony.sip.sippy_core import Agent, Faults, Manager, Quiet, Socket, Timers
from careline.wire import sip

if TYPE_CHECKING:
    from collections.abc import Callable

    from sippy.CCEvents import CCEventGeneric
    from sippy.SipResponse import SipResponse

    from careline.telephony.sip.endpoint import Address, CallHandler, Hooks, SipCall, Target

_KEY_IN_INFO = re.compile(r"(?:Signal\s*=\s*|\A\s*)([0-9A-D*#]|1[0-5])\s*(?:[\r\n]|\Z)", re.IGNORECASE)
_REASONS = {
    400: "Bad Request", 403: "Forbidden", 404: "Not Found", 408: "Request Timeout", 410: "Gone", 480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist", 484: "Address Incomplete", 486: "Busy Here", 487: "Request Terminated",
    488: "Not Acceptable Here", 500: "Server Internal Error", 503: "Service Unavailable", 600: "Busy Everywhere", 603: "Decline",
}  # fmt: skip


def _body(text: str) -> MsgBody | None:
    return MsgBody(text) if text else None


class SippyCall:
    """One dialog, either way."""

    def __init__(self, agent: Agent, wake: Callable[[], None]) -> None:
        self.agent, self._wake = agent, wake
        self.id = self.caller = self.called = self.offer = ""
        self.over = False
        self._up = False
        self._handler: CallHandler | None = None
        agent.on_request = self._on_request

    def handled_by(self, handler: CallHandler) -> None:
        self._handler = handler

    # ------------------------------------------------------------ what we do

    def ring(self) -> None:
        self._tell(CCEventRing((180, "Ringing", None)))

    def answer(self, sdp: str) -> None:
        """Ours is an answer when the far end offered, an offer when it did not (then its answer comes with the ACK)."""
        kind = CCEventConnect if self.offer else CCEventPreConnect
        self._up = True
        self._tell(kind((200, "OK", MsgBody(sdp))))

    def refuse(self, status: int, retry_after_s: int = 0) -> None:
        event = CCEventFail((status, _REASONS.get(status, "Refused")))
        if retry_after_s:
            event.extra_headers = (SipHeader(name="retry-after", bodys=str(retry_after_s)),)
        self._tell(event)
        self.over = True

    def hang_up(self) -> None:
        self._tell(CCEventDisconnect())
        self.over = True

    def probe(self) -> None:
        if self.over or not self._up:
            return
        self.agent.newTransaction(self.agent.genRequest("OPTIONS"), resp_cb=self._on_probed)
        self._wake()

    def _tell(self, event: CCEventGeneric) -> None:
        if self.over:
            return
        self.agent.recvEvent(event)
        self._wake()

    # ------------------------------------------------------------ what happens to us

    def _on_request(self) -> None:
        if self._handler is not None:
            self._handler.on_event(Alive())

    def _on_probed(self, response: SipResponse) -> None:
        if self._handler is not None and response.getSCode()[0] not in (408, 481):
            self._handler.on_event(Alive())

    def on_event(self, event: CCEventGeneric, _agent: object) -> None:
        handler = self._handler
        if handler is None or self.over:
            return
        if isinstance(event, CCEventRing):
            if cast("tuple[int, str, object]", event.getData())[0] > 100:
                handler.on_event(Ringing())
        elif isinstance(event, CCEventConnect):
            self._up = True
            handler.on_event(Answered(_text(event)))
        elif isinstance(event, CCEventUpdate):
            self._on_update(handler, event)
        elif isinstance(event, CCEventInfo):
            self._on_info(handler, event)
        elif isinstance(event, CCEventFail | CCEventRedirect):
            self.over = True
            handler.on_event(Failed(cast("tuple[int, str]", event.getData())[0]))
        elif isinstance(event, CCEventDisconnect):
            self.over = True
            handler.on_event(Over())

    def _on_update(self, handler: CallHandler, event: CCEventGeneric) -> None:
        body = event.getData()
        reply = handler.on_offer("" if body is None else str(body))
        if isinstance(reply, int):
            self._tell(CCEventFail((reply, _REASONS.get(reply, "Refused"))))
        else:
            kind = CCEventPreConnect if body is None else CCEventConnect
            self._tell(kind((200, "OK", MsgBody(reply))))

    @staticmethod
    def _on_info(handler: CallHandler, event: CCEventGeneric) -> None:
        body = event.getData()
        found = _KEY_IN_INFO.search(str(body)) if body is not None else None
        if found:
            digit = found[1].upper()
            handler.on_event(Keyed("*#ABCD"[int(digit) - 10] if len(digit) == 2 else digit))


def _text(event: CCEventGeneric) -> str:
    body = cast("tuple[object, str, object]", event.getData())[2]
    return "" if body is None else str(body)


class _Try(CCEventTry):
    """An INVITE of ours, with the From domain a trunk expects."""

    domain = ""

    def onUacSetupComplete(self, uac: Agent) -> None:  # noqa: N802 - sippy's name
        if self.domain:
            url = uac.lUri.getUrl()
            url.host, url.port = self.domain, None


class SippyEndpoint:
    """`told` is the address the far end is told to reach us at."""

    def __init__(self, told: Address, hooks: Hooks) -> None:
        self._hooks = hooks
        self._tag = secrets.token_hex(8)
        self._config: dict[str, object] = {
            "_sip_address": told[0],
            "_sip_port": told[1],
            "_sip_logger": Quiet(),
            "_socket": Socket(told, hooks.send),
        }
        Timers.join()
        self._manager = self._config["_sip_tm"] = Manager(self._config, self._on_request)
        self._deferred: deque[Callable[[], None]] = deque()
        self._now_reading: tuple[sip.Request, Address] | None = None
        self.tally = Tally()

    @property
    def transactions(self) -> int:
        """Transactions and dialogs the core remembers now: what must go back to none when all calls are over."""
        core = self._manager
        return len(core.tclient) + len(core.tserver) + len(core.req_consumers)

    @property
    def waiting(self) -> int:
        """Requests of ours that have no final response yet."""
        return sum(1 for one in self._manager.tclient.values() if one.state.__name__ in ("TRYING", "RINGING"))

    def receive(self, data: bytes, source: Address) -> None:
        verdict = screen(data, source, tag=self._tag, registrar=self._hooks.on_register is not None)
        if isinstance(verdict, Pass):
            self.tally.passed += 1
            self._enter(verdict, source)
        elif isinstance(verdict, Reply):
            self.tally.refused += 1
            self._hooks.send(verdict.data, source)
        else:
            self.tally.dropped += 1

    def _enter(self, verdict: Pass, source: Address) -> None:
        message = verdict.message
        self._now_reading = (message, source) if isinstance(message, sip.Request) else None
        try:
            self._manager.handleIncoming(
                verdict.text, Remote_address(source, "udp"), self._config["_socket"], MonoTime()
            )
        except Exception:  # noqa: BLE001 - the root of one message: sippy raises whatever it likes; counted, logged, answered
            self.tally.faults += 1
            Faults.report()
            if isinstance(message, sip.Request) and message.method != "ACK":
                reply = refuse(message, source, self._tag, 500, "Server Internal Error")
                if reply:
                    self._hooks.send(reply, source)
        finally:
            self._now_reading = None
            self._do_deferred()
            self._hooks.wake()

    def _do_deferred(self) -> None:
        while self._deferred:
            work = self._deferred.popleft()
            try:
                work()
            except Exception:  # noqa: BLE001 - as above: one call's response
                self.tally.faults += 1
                Faults.report()

    def _on_request(self, request: SipRequest, transaction: object) -> object:
        """A request that belongs to no dialog."""
        assert self._now_reading is not None
        message, source = self._now_reading
        if "tag" in sip.parse_address(sip.first(message, "to") or "").params:
            return self._respond(request, 481, _REASONS[481])
        if message.method == "INVITE":
            return self._on_invite(request, transaction, message)
        if message.method == "OPTIONS":
            return self._respond(
                request, 200, "OK", (("allow", ALLOW), ("accept", "application/sdp, application/dtmf-relay"))
            )
        if message.method == "REGISTER" and self._hooks.on_register is not None:
            response = self._hooks.on_register(message, source)
            return self._respond(request, response.status, response.reason, response.headers)
        return self._respond(request, 481, _REASONS[481])

    @staticmethod
    def _respond(request: SipRequest, status: int, reason: str, headers: sip.Headers = ()) -> object:
        response = request.genResponse(status, reason, server="Careline")
        for name, value in headers:
            response.appendHeader(SipHeader(name=name, bodys=value))
        return response, None, None

    def _on_invite(self, request: SipRequest, transaction: object, message: sip.Request) -> object:
        agent = Agent(self._config)
        call = SippyCall(agent, self._hooks.wake)
        call.id = sip.first(message, "call-id") or ""
        call.caller = _user(sip.parse_address(sip.first(message, "from") or "").uri)
        call.called = _user(message.uri)
        if call.called in self._hooks.own_names:
            call.called = _user(sip.parse_address(sip.first(message, "to") or "").uri) or call.called
        call.offer = message.body.decode("utf-8", "replace")

        def on_event(event: CCEventGeneric, agent: object) -> None:
            if isinstance(event, CCEventTry):
                self._hooks.on_invite(call)
            else:
                call.on_event(event, agent)

        agent.event_cb = on_event
        return agent.recvRequest(request, transaction)

    def invite(self, target: Target, sdp: str, handler: CallHandler) -> SipCall:
        agent = Agent(
            self._config, username=target.username or None, password=target.password or None, nh_address=target.address
        )
        agent.defer = self._deferred.append
        agent.lContact = SipContact(address=SipAddress(url=SipURL()))
        call = SippyCall(agent, self._hooks.wake)
        call.handled_by(handler)
        agent.event_cb = call.on_event
        call.id, call.caller, call.called = secrets.token_hex(16), target.sender, target.user
        event = _Try((None, target.sender, target.user, _body(sdp), None, None))
        event.domain = target.domain
        agent.recvEvent(event)
        self._hooks.wake()
        return call

    def request(self, message: sip.Request, address: Address, on_response: Callable[[sip.Response], None]) -> None:
        request = SipRequest(sip.build(message).decode())
        request.setTarget((address, "udp"))

        def on_reply(response: SipResponse) -> None:
            try:
                reply = sip.parse(str(response).encode())
            except WireError:
                return
            if isinstance(reply, sip.Response) and reply.status >= 200:
                on_response(reply)

        self._manager.newTransaction(request, resp_cb=on_reply)
        self._hooks.wake()

    def due_in(self) -> float | None:
        return Timers.due_in()

    def run_timers(self, ahead_s: float = 0.0) -> None:
        Timers.run(ahead_s)
        self._do_deferred()

    def close(self) -> None:
        Timers.leave(self._config)
        self._manager.shutdown()


def _user(uri: str) -> str:
    """The number or name in an address, as a person would write it."""
    parsed = sip.parse_uri(uri)
    number = parsed.user.partition(";")[0]
    if parsed.scheme == "tel":
        number = re.sub(r"[\-.()]", "", number)
    return re.sub(r"[^\w+*#.\- @]", "", unquote(number))[:64]
