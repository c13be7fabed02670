"""The door in front of the SIP core: every datagram is read here first, by a parser of our own, and what may go on is written
out anew from what was understood. So the core behind sees only well-formed messages with headers it knows, in one spelling;
everything else is answered (400, 405, 415, 416, 420, 505) or dropped here. Pure: bytes in, a verdict out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from careline.core.errors import WireError
from careline.telephony.sip.plain import plain
from careline.wire import sip

CALL_METHODS = ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO")
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO"
_KNOWN = frozenset({*CALL_METHODS, "REGISTER", "SUBSCRIBE", "NOTIFY", "REFER", "UPDATE", "PRACK", "MESSAGE", "PUBLISH"})
_REQUIRED = ("via", "from", "to", "call-id", "cseq")
_ONCE = frozenset({"from", "to", "call-id", "cseq", "max-forwards", "expires", "content-type", "content-length"})
_MOST_CSEQ = 2**31


@dataclass(frozen=True, slots=True)
class Pass:
    """Goes on to the core: `text` is the message in its plain spelling, `message` what it means."""

    text: str
    message: sip.Message


@dataclass(frozen=True, slots=True)
class Reply:
    """Is answered here, to where it came from. `why` is for counting; it holds nothing of the message."""

    data: bytes
    status: int
    why: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Gets no answer: it cannot be answered, or must not be."""

    why: str


Verdict = Pass | Reply | Drop


class _Objection(WireError):
    """What is answered instead of passing a request on."""

    def __init__(self, status: int, reason: str, headers: sip.Headers = ()) -> None:
        super().__init__(reason)
        self.status, self.reason, self.headers = status, reason, headers


def screen(data: bytes, source: tuple[str, int], *, tag: str, registrar: bool) -> Verdict:
    """`tag` marks our side in a reply, `registrar` says whether REGISTER is served."""
    if not data.strip(b"\r\n\0 "):
        return Drop("keepalive")
    try:
        message = sip.parse(data)
    except WireError as error:
        return _refuse_unread(data, source, tag, str(error))
    if isinstance(message, sip.Response):
        return _screen_response(message, source)
    try:
        _check(message, registrar)
        return Pass(plain(message, source), message)
    except _Objection as no:
        return _reply(message, source, tag, no)
    except WireError as error:
        return _reply(message, source, tag, _Objection(400, str(error)))


def _screen_response(message: sip.Response, source: tuple[str, int]) -> Verdict:
    try:
        _check_frame(message)
    except (WireError, _Objection):
        return Drop("response malformed")
    if len(sip.every(message, "via")) != 1:
        return Drop("response not for us")
    try:
        return Pass(plain(message, source), message)
    except WireError:
        return Drop("response malformed")


def _check_frame(message: sip.Message) -> None:
    """What every message must have, whatever it asks."""
    names = [name for name, _ in message.headers]
    for name in _REQUIRED:
        if name not in names:
            raise _Objection(400, f"Missing {name} header")
    for name in _ONCE:
        if names.count(name) > 1:
            raise _Objection(400, f"Repeated {name} header")
    number, _, method = (sip.first(message, "cseq") or "").partition(" ")
    if not number.isascii() or not number.isdigit() or len(number) > 10 or int(number) >= _MOST_CSEQ:
        raise _Objection(400, "CSeq is not a number")
    if isinstance(message, sip.Request) and method.strip() != message.method:
        raise _Objection(400, "CSeq names another method")
    if not sip.first(message, "call-id"):
        raise _Objection(400, "Empty Call-ID header")


def _check(message: sip.Request, registrar: bool) -> None:
    if message.version != "SIP/2.0":
        raise _Objection(505, "Version Not Supported")
    _check_frame(message)
    if message.method not in CALL_METHODS and not (registrar and message.method == "REGISTER"):
        if message.method in _KNOWN:
            raise _Objection(405, "Method Not Allowed", (("allow", ALLOW),))
        raise _Objection(501, "Not Implemented", (("allow", ALLOW),))
    if message.uri.partition(":")[0].lower() not in ("sip", "sips", "tel"):
        raise _Objection(416, "Unsupported URI Scheme")
    if "tag" not in sip.parse_address(sip.first(message, "from") or "").params:
        raise _Objection(400, "From without tag")
    required = sip.every(message, "require") if message.method not in ("ACK", "CANCEL") else []
    if required:
        raise _Objection(420, "Bad Extension", (("unsupported", ", ".join(required)),))
    hops = sip.first(message, "max-forwards")
    if hops is not None and not (hops.isascii() and hops.isdigit() and int(hops[:4]) < 256):
        raise _Objection(400, "Max-Forwards is not a number")
    if message.method == "INVITE":
        _check_invite(message)


def _check_invite(message: sip.Request) -> None:
    if len(sip.every(message, "contact")) != 1:
        raise _Objection(400, "INVITE without one Contact")
    encoding = sip.first(message, "content-encoding")
    if encoding is not None and encoding.lower() != "identity":
        raise _Objection(415, "Unsupported Media Type", (("accept-encoding", "identity"),))
    if message.body and not _kind(message).startswith(("application/sdp", "multipart/")):
        raise _Objection(415, "Unsupported Media Type", (("accept", "application/sdp"),))


def _kind(message: sip.Message) -> str:
    return (sip.first(message, "content-type") or "").lower()


# ------------------------------------------------------------ answers


def _reply(message: sip.Request, source: tuple[str, int], tag: str, no: _Objection) -> Verdict:
    if message.method == "ACK":
        return Drop("ACK refused")
    data = refuse(message, source, tag, no.status, no.reason, no.headers)
    return Reply(data, no.status, no.reason) if data else Drop("cannot be answered")


def refuse(
    message: sip.Request, source: tuple[str, int], tag: str, status: int, reason: str, more: sip.Headers = ()
) -> bytes | None:
    """A final answer made without state (RFC 3261, 8.2.7). None when the request lacks what an answer must repeat."""
    vias = [value for name, value in message.headers if name == "via"]
    if not vias or any(sip.first(message, name) is None for name in ("from", "to", "call-id", "cseq")):
        return None
    to = sip.first(message, "to") or ""
    headers = [("via", f"{vias[0]};received={source[0]}" if "," not in vias[0] else vias[0])]
    headers += [("via", via) for via in vias[1:]]
    headers += [(name, sip.first(message, name) or "") for name in ("from", "call-id", "cseq")]
    headers.append(("to", to if ";tag=" in to else f"{to};tag={tag}"))
    return sip.build(sip.Response(status, reason, (*headers, *more, ("server", "Careline"))))


_RESCUED = re.compile(r"(via|v|from|f|to|t|call-id|i|cseq)[ \t]*:(.*)", re.IGNORECASE)


def _refuse_unread(data: bytes, source: tuple[str, int], tag: str, why: str) -> Verdict:
    """A 400 for a message that did not parse, if its lines still hold what an answer must repeat."""
    start, *lines = data.lstrip(b"\r\n")[:8192].decode("latin-1").replace("\r", "\n").split("\n")
    words = start.split(" ")
    if (
        len(words) < 3
        or words[0] in ("ACK", "")
        or not words[-1].upper().startswith("SIP/")
        or start.startswith("SIP/")
    ):
        return Drop("not SIP")
    short = {"v": "via", "f": "from", "t": "to", "i": "call-id"}
    found = [
        (m[1].lower(), re.sub(r"[\x00-\x1f\x7f]", "", m[2]).strip()) for line in lines if (m := _RESCUED.match(line))
    ]
    headers = tuple((short.get(name, name), value) for name, value in found)
    data_out = refuse(sip.Request(words[0], words[1], headers), source, tag, 400, f"Bad Request: {why}")
    return Reply(data_out, 400, why) if data_out else Drop("not SIP")
