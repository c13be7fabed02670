"""The signalling of a small SIP telephone, for tests and the terminal's calls: one socket, several dialogs.

Written on `careline.wire` alone, so that a test's far end shares no code with the SIP core under test, and many telephones can
live in one process. Speaks UDP; repeats requests until answered and its 200 until acknowledged (RFC 3261, section 17).
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from careline.core.errors import WireError
from careline.wire import digest, sip

if TYPE_CHECKING:
    from collections.abc import Callable

Address = tuple[str, int]
_REPEAT_S = 0.5
_REPEAT_MOST_S = 4.0
_GIVE_UP_S = 32.0


@dataclass(frozen=True, slots=True)
class Signal:
    """What the far end said in a dialog. Kinds: progress, accepted, refused (all to our INVITE), acknowledged (our answer),
    offered (anew, within the call), over."""

    kind: str
    status: int = 0
    sdp: str = ""


@dataclass(slots=True)
class Dialog:
    """One call. `local` and `remote` are whole From/To values with their tags; `sequence` is our CSeq."""

    call_id: str
    local: str
    remote: str
    target: str  # request URI
    address: Address  # where requests go
    on_signal: Callable[[Signal], str]  # returns the answer to an offer
    sequence: int = 0
    routes: list[str] = field(default_factory=list[str])
    invite: sip.Request | None = None  # ours, or the one that called us
    invite_from: Address | None = None
    pending: Pending | None = None


@dataclass(slots=True)
class Pending:
    """A message repeated until something stops it."""

    data: bytes
    address: Address
    on_response: Callable[[sip.Response], None]
    timer: asyncio.TimerHandle | None = None
    provisional: bool = False

    def stop(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Line(asyncio.DatagramProtocol):
    """The socket and its transactions."""

    def __init__(self, user: str, login: digest.Login | None = None) -> None:
        self.user, self._login = user, login
        self.on_call: Callable[[Dialog, str], None] = lambda _dialog, _sdp: None
        self.sent: list[bytes] = []
        self.received: list[bytes] = []
        self._transport: asyncio.DatagramTransport | None = None
        self._pending: dict[tuple[str, str], Pending] = {}
        self._dialogs: dict[str, Dialog] = {}
        self._replies: dict[tuple[str, str], tuple[bytes, Pending | None]] = {}
        self.address: Address = ("", 0)
        self.uri = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        name = transport.get_extra_info("sockname")
        self.address = (name[0], name[1])
        self.uri = f"sip:{self.user}@{name[0]}:{name[1]}"

    def error_received(self, exc: Exception) -> None:
        """Nobody at the far port: requests simply go unanswered."""

    def close(self) -> None:
        for pending in [*self._pending.values(), *(p for _, p in self._replies.values() if p)]:
            pending.stop()
        if self._transport is not None:
            self._transport.close()

    # ------------------------------------------------------------ placing calls

    def call(self, target: str, address: Address, sdp: str, on_signal: Callable[[Signal], str]) -> Dialog:
        tag = secrets.token_hex(6)
        dialog = Dialog(
            secrets.token_hex(12),
            f"<{self.uri}>;tag={tag}",
            f"<{target}>",
            target,
            address,
            on_signal,
            secrets.randbelow(1000),
        )
        self._dialogs[dialog.call_id] = dialog
        self.invite(dialog, sdp)
        return dialog

    def invite(self, dialog: Dialog, sdp: str, authorization: sip.Headers = ()) -> None:
        """The first INVITE of a dialog, or one within it (hold, resume)."""
        request = self.request(dialog, "INVITE", sdp, authorization)
        dialog.invite = request

        def on_response(response: sip.Response) -> None:
            self._on_invite_response(dialog, request, sdp, response, retried=bool(authorization))

        dialog.pending = self._transact(request, dialog.address, on_response)

    def _on_invite_response(
        self, dialog: Dialog, request: sip.Request, sdp: str, response: sip.Response, *, retried: bool
    ) -> None:
        if response.status < 200:
            dialog.on_signal(Signal("progress", response.status))
        elif response.status < 300:
            dialog.remote = sip.first(response, "to") or dialog.remote
            contact = sip.first(response, "contact")
            if contact:
                dialog.target = sip.parse_address(contact).uri
            dialog.routes = sip.every(response, "record-route")[::-1]
            self._acknowledge(dialog, request, secrets.token_hex(8))
            dialog.on_signal(Signal("accepted", response.status, response.body.decode("utf-8", "replace")))
        else:
            self._acknowledge(
                replace(dialog, remote=sip.first(response, "to") or dialog.remote), request, _branch(request)
            )
            login = () if retried else self.answer_challenge(response, request)
            if login:
                self.invite(dialog, sdp, login)
            else:
                dialog.on_signal(Signal("refused", response.status))

    def answer_challenge(self, response: sip.Response, request: sip.Request) -> sip.Headers:
        """The header that answers a 401 or 407 with our login; nothing without one."""
        for asked, answered in (("www-authenticate", "authorization"), ("proxy-authenticate", "proxy-authorization")):
            challenge = sip.first(response, asked)
            if self._login is not None and response.status in (401, 407) and challenge:
                given = digest.respond(
                    digest.parse_challenge(challenge), self._login, request.method, request.uri, secrets.token_hex(8)
                )
                return ((answered, given),)
        return ()

    def _acknowledge(self, dialog: Dialog, invite: sip.Request, branch: str) -> None:
        sequence = (sip.first(invite, "cseq") or "").split(" ")[0]
        headers = self._headers(dialog, f"{sequence} ACK", branch)
        uri = invite.uri if branch == _branch(invite) else dialog.target
        self._send(sip.build(sip.Request("ACK", uri, headers)), dialog.address)

    def cancel(self, dialog: Dialog) -> None:
        if dialog.invite is None or dialog.pending is None:
            return
        sequence = (sip.first(dialog.invite, "cseq") or "").split(" ")[0]
        headers = self._headers(dialog, f"{sequence} CANCEL", _branch(dialog.invite))
        self._transact(sip.Request("CANCEL", dialog.invite.uri, headers), dialog.address, lambda _: None)

    def bye(self, dialog: Dialog, on_response: Callable[[sip.Response], None] = lambda _: None) -> None:
        self._transact(self.request(dialog, "BYE"), dialog.address, on_response)

    def request(self, dialog: Dialog, method: str, body: str = "", more: sip.Headers = ()) -> sip.Request:
        dialog.sequence += 1
        headers = self._headers(dialog, f"{dialog.sequence} {method}", secrets.token_hex(8))
        if body:
            more = (*more, ("content-type", "application/sdp"))
        return sip.Request(method, dialog.target, (*headers, *more), body.encode())

    def send(self, request: sip.Request, address: Address, on_response: Callable[[sip.Response], None]) -> None:
        """Any request as it stands, repeated until answered."""
        self._transact(request, address, on_response)

    def _headers(self, dialog: Dialog, cseq: str, branch: str) -> sip.Headers:
        return (
            (
                "via",
                f"SIP/2.0/UDP {self.address[0]}:{self.address[1]};rport;branch=z9hG4bK{branch.removeprefix('z9hG4bK')}",
            ),
            ("max-forwards", "70"),
            *(("route", route) for route in dialog.routes),
            ("from", dialog.local),
            ("to", dialog.remote),
            ("call-id", dialog.call_id),
            ("cseq", cseq),
            ("contact", f"<{self.uri}>"),
            ("user-agent", "Careline test telephone"),
        )

    # ------------------------------------------------------------ taking calls

    def respond(self, dialog: Dialog, status: int, reason: str, sdp: str = "") -> None:
        """To the INVITE that called us. A 2xx is repeated until its ACK."""
        if dialog.invite is not None and dialog.invite_from is not None:
            self._reply(dialog.invite, dialog.invite_from, status, reason, dialog.local, sdp)

    def _reply(
        self, request: sip.Request, source: Address, status: int, reason: str, to: str | None = None, sdp: str = ""
    ) -> None:
        kept = ("via", "record-route", "from", "call-id", "cseq")
        headers = [(name, value) for name, value in request.headers if name in kept]
        headers.append(("to", to or sip.first(request, "to") or ""))
        headers.append(("contact", f"<{self.uri}>"))
        if sdp:
            headers.append(("content-type", "application/sdp"))
        data = sip.build(sip.Response(status, reason, tuple(headers), sdp.encode()))
        key = (_branch(request), request.method)
        pending = None
        if request.method == "INVITE" and status >= 200:
            pending = Pending(data, source, lambda _: None)
            self._repeat(pending, _REPEAT_S)
        self._replies[key] = (data, pending)
        self._send(data, source)

    # ------------------------------------------------------------ what arrives

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.received.append(data)
        try:
            message = sip.parse(data)
            if isinstance(message, sip.Response):
                self._on_response(message)
            else:
                self._on_request(message, (addr[0], addr[1]))
        except WireError:
            return

    def _on_response(self, response: sip.Response) -> None:
        method = (sip.first(response, "cseq") or " ").split(" ")[-1]
        key = (_branch(response), method)
        pending = self._pending.get(key)
        if pending is None:
            if method == "INVITE" and 200 <= response.status < 300:
                self._acknowledge_again(response)
            return
        pending.stop()
        if response.status >= 200:
            del self._pending[key]
        pending.on_response(response)

    def _acknowledge_again(self, response: sip.Response) -> None:
        dialog = self._dialogs.get(sip.first(response, "call-id") or "")
        if dialog is not None and dialog.invite is not None:
            self._acknowledge(dialog, dialog.invite, secrets.token_hex(8))

    def _on_request(self, request: sip.Request, source: Address) -> None:
        key = (_branch(request), request.method)
        dialog = self._dialogs.get(sip.first(request, "call-id") or "")
        if request.method == "ACK":
            self._on_ack(dialog, request)
        elif key in self._replies:
            self._send(self._replies[key][0], source)
        elif request.method == "INVITE":
            self._on_invite(dialog, request, source)
        elif request.method == "CANCEL" and dialog is not None:
            self._reply(request, source, 200, "OK")
            self.respond(dialog, 487, "Request Terminated")
            dialog.on_signal(Signal("over"))
        elif request.method == "BYE" and dialog is not None:
            self._reply(request, source, 200, "OK")
            dialog.on_signal(Signal("over"))
        elif request.method in ("OPTIONS", "INFO"):
            self._reply(request, source, 200, "OK")
        else:
            self._reply(request, source, 481, "Call/Transaction Does Not Exist")

    def _on_ack(self, dialog: Dialog | None, request: sip.Request) -> None:
        if dialog is None or dialog.invite is None:
            return
        pending = self._replies.get((_branch(dialog.invite), "INVITE"), (b"", None))[1]
        if pending is not None:
            pending.stop()
        dialog.on_signal(Signal("acknowledged", sdp=request.body.decode("utf-8", "replace")))

    def _on_invite(self, dialog: Dialog | None, request: sip.Request, source: Address) -> None:
        sdp = request.body.decode("utf-8", "replace")
        if dialog is not None:
            dialog.invite, dialog.invite_from = request, source
            self.respond(dialog, 200, "OK", dialog.on_signal(Signal("offered", sdp=sdp)))
            return
        contact = sip.parse_address(sip.first(request, "contact") or "").uri
        dialog = Dialog(
            sip.first(request, "call-id") or "",
            f"{sip.first(request, 'to')};tag={secrets.token_hex(6)}",
            sip.first(request, "from") or "",
            contact,
            source,
            lambda _signal: "",
            secrets.randbelow(1000),
            sip.every(request, "record-route"),
            request,
            source,
        )
        self._dialogs[dialog.call_id] = dialog
        self.on_call(dialog, sdp)

    # ------------------------------------------------------------ repeating

    def _transact(self, request: sip.Request, address: Address, on_response: Callable[[sip.Response], None]) -> Pending:
        key = (_branch(request), request.method)
        pending = Pending(sip.build(request), address, on_response)
        self._pending[key] = pending
        self._send(pending.data, address)
        self._repeat(pending, _REPEAT_S)
        return pending

    def _repeat(self, pending: Pending, after_s: float, waited_s: float = 0.0) -> None:
        def again() -> None:
            if waited_s + after_s < _GIVE_UP_S:
                self._send(pending.data, pending.address)
                self._repeat(pending, min(after_s * 2, _REPEAT_MOST_S), waited_s + after_s)

        pending.timer = asyncio.get_running_loop().call_later(after_s, again)

    def _send(self, data: bytes, address: Address) -> None:
        self.sent.append(data)
        if self._transport is not None:
            self._transport.sendto(data, address)


def _branch(message: sip.Message) -> str:
    return sip.parse_via(sip.every(message, "via")[0]).params.get("branch", "")
