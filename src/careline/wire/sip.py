"""SIP messages (RFC 3261, sections 7, 20 and 25) as values: bytes to a request or a response and back.

Reading is tolerant of what telephones really send (bare line feeds, Latin-1 names, compact and folded headers, trailing bytes
after the body) and strict about what would let two readers see two different messages (control characters, contradicting
lengths). Header values stay text; `parse_via`, `parse_address` and `parse_uri` read the few that need it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from careline.core.errors import WireError

MOST_BYTES = 65_535
_MOST_HEADERS = 200
_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+\Z")
_STATUS_LINE = re.compile(r"SIP/2\.0 +([1-6]\d\d)(?: +(.*))?\Z", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_COMPACT = {
    "a": "accept-contact", "c": "content-type", "e": "content-encoding", "f": "from", "i": "call-id", "k": "supported",
    "l": "content-length", "m": "contact", "o": "event", "r": "refer-to", "s": "subject", "t": "to", "v": "via",
}  # fmt: skip

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` in order, names in lower case and in full."""

    method: str
    uri: str
    headers: Headers
    body: bytes = b""
    version: str = "SIP/2.0"


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    reason: str
    headers: Headers
    body: bytes = b""


Message = Request | Response


def first(message: Message, name: str) -> str | None:
    """The first header of that name (in lower case)."""
    return next((value for key, value in message.headers if key == name), None)


def every(message: Message, name: str) -> list[str]:
    """Every value of that name, comma-separated lists taken apart (commas in quotes and angle brackets are not separators)."""
    return [part for key, value in message.headers if key == name for part in split_list(value)]


def split_list(value: str) -> list[str]:
    if "," not in value:
        return [value.strip()] if value and not value.isspace() else []
    parts: list[str] = []
    start, quoted, depth, escaped = 0, False, 0, False
    for place, char in enumerate(value):
        if escaped:
            escaped = False
        elif quoted:
            escaped = char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in "<>":
            depth += 1 if char == "<" else -1
        elif char == "," and depth <= 0:
            parts.append(value[start:place])
            start = place + 1
    parts.append(value[start:])
    return [part.strip() for part in parts if part.strip()]


def parse(data: bytes) -> Message:
    """One datagram, one message. Raises WireError."""
    if len(data) > MOST_BYTES:
        raise WireError("SIP message too long")
    head, body = _split(data.lstrip(b"\r\n"))
    lines = _unfolded(_decoded(head))
    headers = tuple(_header(line) for line in lines[1:])
    if len(headers) > _MOST_HEADERS:
        raise WireError("SIP message has too many headers")
    body = _measured(headers, body)
    status = _STATUS_LINE.match(lines[0])
    if status:
        return Response(int(status[1]), (status[2] or "").strip(), headers, body)
    parts = lines[0].split(" ")
    if len(parts) != 3 or not _TOKEN.match(parts[0]) or not parts[1] or not parts[2].upper().startswith("SIP/"):
        raise WireError("SIP start line malformed")
    return Request(parts[0], parts[1], headers, body, parts[2].upper())


def _split(data: bytes) -> tuple[bytes, bytes]:
    ends = [(place, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (place := data.find(mark)) >= 0]
    if not ends:
        raise WireError("SIP headers do not end")
    place, length = min(ends)
    return data[:place], data[place + length :]


def _decoded(head: bytes) -> str:
    try:
        text = head.decode()
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    if _CONTROL.search(text):
        raise WireError("SIP headers contain control characters")
    return text


def _unfolded(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line[:1] in (" ", "\t") and lines:
            lines[-1] = f"{lines[-1]} {line.strip()}"
        else:
            lines.append(line)
    return lines


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    name = name.rstrip().lower()
    if not colon or not _TOKEN.match(name):
        raise WireError("SIP header malformed")
    return _COMPACT.get(name, name), value.strip()


def _measured(headers: Headers, body: bytes) -> bytes:
    lengths = {value for name, value in headers if name == "content-length"}
    if not lengths:
        return body
    length = lengths.pop()
    if lengths or not length.isascii() or not length.isdigit() or len(length) > 6:
        raise WireError("SIP Content-Length is not one number")
    if int(length) > len(body):
        raise WireError("SIP body shorter than its Content-Length")
    return body[: int(length)]


def build(message: Message) -> bytes:
    """Content-Length is always written, from the body itself."""
    if isinstance(message, Request):
        start = f"{message.method} {message.uri} {message.version}"
    else:
        start = f"SIP/2.0 {message.status} {message.reason}"
    lines = [start, *(f"{_spelled(name)}: {value}" for name, value in message.headers if name != "content-length")]
    return "\r\n".join([*lines, f"Content-Length: {len(message.body)}", "", ""]).encode() + message.body


def _spelled(name: str) -> str:
    known = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"}
    return known.get(name) or "-".join(part.capitalize() for part in name.split("-"))


# ------------------------------------------------------------ header values


@dataclass(frozen=True, slots=True)
class Uri:
    """`sip:user:password@host:port;params?headers`; `user` as written (still percent-encoded), params in lower case."""

    scheme: str
    user: str
    host: str
    port: int | None
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class Address:
    """A `From`, `To` or `Contact`: `"name" <uri>;params`. `uri` is the text, for copying into a request."""

    name: str
    uri: str
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class Via:
    transport: str
    host: str
    port: int | None
    params: dict[str, str]


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*\Z")
_URI_REST = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/:@#\[\]]|%[0-9A-Fa-f]{2})+\Z")
_NUMBER = re.compile(r"[+0-9A-Fa-f*#.()\-]+\Z")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.\-]+)\Z")


def parse_uri(text: str) -> Uri:
    scheme, colon, rest = text.partition(":")
    if not colon or not _SCHEME.match(scheme) or not _URI_REST.match(rest):
        raise WireError("SIP URI malformed")
    if scheme.lower() == "tel":
        number, *params = rest.split(";")
        if not _NUMBER.match(number):
            raise WireError("telephone number malformed")
        return Uri("tel", number, "", None, _params(params))
    user, at, host_part = rest.rpartition("@")
    host_part = host_part.partition("?")[0]
    host_port, *params = host_part.split(";")
    host, port = _host_port(host_port)
    return Uri(scheme.lower(), user.partition(":")[0] if at else "", host, port, _params(params))


def parse_address(text: str) -> Address:
    before, bracket, after = _outside_quotes(text)
    if bracket:
        uri, closed, rest = after.partition(">")
        if not closed:
            raise WireError("SIP address has no closing bracket")
        return Address(_unquoted(before.strip()), uri.strip(), _params(rest.split(";")[1:]))
    uri, *params = text.split(";")
    return Address("", uri.strip(), _params(params))


def parse_via(text: str) -> Via:
    joined = re.match(r"SIP\s*/\s*2\.0\s*/\s*([A-Za-z0-9\-]+)\s+(.+)\Z", text, re.IGNORECASE)
    if joined is None:
        raise WireError("SIP Via malformed")
    host_port, *params = joined[2].split(";")
    host, port = _host_port(host_port.replace(" ", ""))
    return Via(joined[1].upper(), host, port, _params(params))


def _outside_quotes(text: str) -> tuple[str, str, str]:
    """Splits at the first `<` that is not inside a quoted name."""
    quoted = re.match(r'\s*"(?:[^"\\]|\\.)*"', text)
    start = quoted.end() if quoted else 0
    place = text.find("<", start)
    return (text[:place], "<", text[place + 1 :]) if place >= 0 else (text, "", "")


def _unquoted(name: str) -> str:
    if len(name) >= 2 and name[0] == '"' == name[-1]:
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name


def _host_port(text: str) -> tuple[str, int | None]:
    text = text.strip()
    host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        host, port = text, ""
    if not _HOST.match(host) or (port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536)):
        raise WireError("SIP host or port malformed")
    return host, int(port) if port else None


def _params(parts: list[str]) -> dict[str, str]:
    if not parts:
        return {}
    pairs = [part.partition("=") for part in parts if part and not part.isspace()]
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
