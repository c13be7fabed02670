"""Writes a SIP message anew in one plain spelling, from what was understood of it: the core behind trips over the rest.

Only headers it uses, addresses and Vias rebuilt from their parts, one value a line, an ASCII body. What cannot be understood
raises WireError where a call depends on it, and is left out where none does.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from careline.core.errors import WireError
from careline.wire import digest, sip

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+\Z")
_PARAM = re.compile(r"[A-Za-z0-9\-.!%*_+`'~\[\]:@/&$=]*\Z")
_CALL_ID = re.compile(r"[!-~]{1,256}\Z")
_CSEQ = re.compile(r"([0-9]{1,10})[ \t]+([A-Za-z0-9\-.!%*_+`'~]+)\Z")
_NUMBER = re.compile(r"[0-9]{1,9}\Z")
_KIND = re.compile(r"[A-Za-z0-9.+\-]+/[A-Za-z0-9.+\-]+")
_SESSION_PART = re.compile(
    rb"application/sdp[^\n]*\n(?:[^\r\n]+\r?\n)*\r?\n(.*?)(?:\r?\n--|\Z)", re.IGNORECASE | re.DOTALL
)
_NOT_IN_URI = frozenset({"ttl", "method", "transport", "maddr", "tag"})
"""`transport`: there is one, the one we speak. The others the core reads as numbers, or follows elsewhere."""


def plain(message: sip.Message, source: tuple[str, int]) -> str:
    """`source` is where it came from. Raises WireError when an address, a Via or the Call-ID cannot be read."""
    asks = isinstance(message, sip.Request)
    headers = [
        (name, text)
        for name, value in message.headers
        if name in _WRITERS and (asks or name not in _ONLY_ASKED) and (not asks or name not in _ONLY_ANSWERED)
        for part in (sip.split_list(value) if name in _LISTS else [value])
        if (text := _WRITERS[name](part)) is not None
    ]
    if len(sip.every(message, "via")) == 1:
        headers = [(name, _reachable(value, source) if name == "contact" else value) for name, value in headers]
    if not asks and message.status >= 300:
        # The core would send its ACK to the Contact, not to whom it asked.
        headers = [(name, value) for name, value in headers if name not in ("contact", "record-route")]
    body = _body(message)
    if body:
        headers.append(("content-type", _kind(message)))
    if asks:
        return sip.build(sip.Request(message.method, uri(message.uri), tuple(headers), body)).decode()
    reason = "".join(char for char in message.reason if " " <= char <= "~").strip() or "Unspecified"
    return sip.build(sip.Response(message.status, reason, tuple(headers), body)).decode()


def uri(text: str) -> str:
    """A sip: address without what we do not need; tel: numbers become sip: ones of nobody's host."""
    parsed = sip.parse_uri(text)
    if parsed.scheme == "tel":
        return f"sip:{parsed.user}@tel.invalid"
    if parsed.scheme not in ("sip", "sips"):
        raise WireError("address is not a SIP address")
    user = f"{parsed.user}@" if parsed.user else ""
    port = f":{parsed.port}" if parsed.port else ""
    return f"sip:{user}{parsed.host}{port}{_params(parsed.params, _NOT_IN_URI)}"


def address(text: str) -> str:
    parsed = sip.parse_address(text)
    name = "".join(char for char in parsed.name if char.isprintable() and char not in '"\\<>')[:128]
    shown = f'"{name}" ' if name else ""
    return f"{shown}<{uri(parsed.uri)}>{_params(parsed.params)}"


def _params(params: dict[str, str], without: frozenset[str] = frozenset()) -> str:
    tag = params.get("tag", "x")
    if not _TOKEN.match(tag) or len(tag) > 128:
        raise WireError("SIP tag malformed")
    kept = {
        name: value
        for name, value in params.items()
        if name not in without and _TOKEN.match(name) and _PARAM.match(value)
    }
    return "".join(f";{name}={value}" if value else f";{name}" for name, value in kept.items())


def _via(text: str) -> str:
    """`received` is for us to write, `rport` for us to fill in."""
    parsed = sip.parse_via(text)
    branch = parsed.params.get("branch", "")
    if branch and (not _TOKEN.match(branch.replace(":", "")) or len(branch) > 256):
        raise WireError("SIP branch malformed")
    params = dict(parsed.params)
    params.pop("received", None)
    if "rport" in params:
        params["rport"] = ""
    port = f":{parsed.port}" if parsed.port else ""
    return f"SIP/2.0/{parsed.transport} {parsed.host}{port}{_params(params)}"


def _call_id(text: str) -> str:
    if not _CALL_ID.match(text):
        raise WireError("Call-ID malformed")
    return text


def _cseq(text: str) -> str:
    found = _CSEQ.match(text)
    if not found:
        raise WireError("CSeq malformed")
    return f"{int(found[1])} {found[2]}"


def _number(text: str) -> str | None:
    return str(int(text)) if _NUMBER.match(text) else None


def _reachable(contact: str, source: tuple[str, int]) -> str:
    """A Contact inside somebody's private network, sent from outside it, is reached where it came from (RFC 5626's need, met
    as every carrier meets it)."""
    if f"@{source[0]}" in contact:
        return contact
    parsed = sip.parse_address(contact)
    where = sip.parse_uri(parsed.uri)
    if where.host == source[0] or not _private(where.host) or _private(source[0]):
        return contact
    user = f"{where.user}@" if where.user else ""
    return f"<sip:{user}{source[0]}:{source[1]}{_params(where.params)}>{_params(parsed.params)}"


def _private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_private
    except ValueError:
        return host.endswith(".invalid")


def _contact(text: str) -> str | None:
    return None if text == "*" else address(text)


def _challenge(text: str) -> str | None:
    try:
        challenge = digest.parse_challenge(text)
    except WireError:
        return None
    parts = (challenge.realm, challenge.nonce, challenge.opaque)
    return None if any('"' in part or "," in part or not part.isprintable() for part in parts) else challenge.text()


def _kind(message: sip.Message) -> str:
    kind = (sip.first(message, "content-type") or "").lower()
    found = _KIND.match(kind)
    if kind.startswith("multipart/"):
        return "application/sdp"
    return found[0] if found else "application/octet-stream"


def _body(message: sip.Message) -> bytes:
    """In ASCII, because the core counts characters and means bytes; of a multipart body, its session description."""
    body = message.body
    if (sip.first(message, "content-type") or "").lower().startswith("multipart/"):
        found = _SESSION_PART.search(body)
        body = found[1] + b"\r\n" if found else b""
    return body.decode("ascii", "replace").encode("ascii", "replace")


_WRITERS: dict[str, Callable[[str], str | None]] = {
    "via": _via,
    "from": address,
    "to": address,
    "contact": _contact,
    "record-route": address,
    "call-id": _call_id,
    "cseq": _cseq,
    "max-forwards": _number,
    "expires": _number,
    "www-authenticate": _challenge,
    "proxy-authenticate": _challenge,
}
_LISTS = frozenset({"via", "contact", "record-route"})
_ONLY_ASKED = frozenset({"max-forwards"})
_ONLY_ANSWERED = frozenset({"www-authenticate", "proxy-authenticate"})
