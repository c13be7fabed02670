"""Lets the house's own telephones (a clinician's, an operator's) register, so that they can be rung by name.

Pure: a request and the time in, a response out. A nonce carries its own expiry under a MAC, so nothing is kept for those who
only ask. We ring a telephone at the address its request came from, which works through a router too.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.core.errors import WireError
from careline.wire import digest, sip
from careline.wire.digest import Challenge, Login
from careline.wire.sip import Response

if TYPE_CHECKING:
    from careline.telephony.sip.config import User
    from careline.telephony.sip.endpoint import Address

_NONCE_S = 60.0
_LEAST_S, _MOST_S, _USUAL_S = 30, 3600, 300
_MOST_WRONG = 20  # wrong passwords from one host within the minute, then it is refused unread
_MOST_HOSTS = 10_000


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a telephone is reached until `until`."""

    address: Address
    until: float


@dataclass(slots=True)
class _Wrong:
    count: int = 0
    since: float = 0.0


@dataclass(slots=True)
class Registrar:
    realm: str
    users: tuple[User, ...]
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _bindings: dict[str, Binding] = field(default_factory=dict[str, Binding], repr=False)
    _wrong: dict[str, _Wrong] = field(default_factory=dict[str, _Wrong], repr=False)

    def bindings(self, now: float) -> dict[str, Address]:
        """Who can be rung now, by name."""
        return {name: one.address for name, one in self._bindings.items() if one.until > now}

    def register(self, request: sip.Request, source: Address, now: float) -> Response:
        name = sip.parse_uri(sip.parse_address(sip.first(request, "to") or "").uri).user
        if self._locked_out(source[0], now):
            return Response(403, "Forbidden", ())
        given = sip.first(request, "authorization")
        user = next((one for one in self.users if one.name == name), None)
        if given is None or not self._fresh(given, source[0], now):
            return self._challenged(source[0], now)
        if user is None or not self._right(given, user):
            self._note_wrong(source[0], now)
            return self._challenged(source[0], now)
        return self._bind(request, name, source, now)

    def _bind(self, request: sip.Request, name: str, source: Address, now: float) -> Response:
        contacts = sip.every(request, "contact")
        if not contacts:
            bound = self._bindings.get(name)
            left = int(bound.until - now) if bound else 0
            return Response(200, "OK", (("expires", str(left)),) if left > 0 else ())
        try:
            asked = _seconds(request, contacts[0])
        except WireError:
            return Response(400, "Expires is not a number", ())
        if asked == 0:
            self._bindings.pop(name, None)
            return Response(200, "OK", ())
        granted = max(_LEAST_S, min(asked, _MOST_S))
        self._bindings[name] = Binding(source, now + granted)
        uri = sip.parse_address(contacts[0]).uri
        return Response(200, "OK", (("contact", f"<{uri}>;expires={granted}"), ("expires", str(granted))))

    # ------------------------------------------------------------ passwords

    def _challenged(self, host: str, now: float) -> Response:
        challenge = Challenge(self.realm, self._nonce(host, now + _NONCE_S))
        return Response(401, "Unauthorized", (("www-authenticate", challenge.text()),))

    def _nonce(self, host: str, until: float) -> str:
        stamp = f"{int(until * 1000):x}"
        return f"{stamp}-{hmac.new(self.secret, f'{stamp}|{host}'.encode(), hashlib.sha256).hexdigest()[:32]}"

    def _fresh(self, given: str, host: str, now: float) -> bool:
        try:
            nonce = digest.fields(given).get("nonce", "")
            until = int(nonce.partition("-")[0], 16) / 1000
        except (WireError, ValueError):
            return False
        return now < until <= now + _NONCE_S and hmac.compare_digest(nonce, self._nonce(host, until))

    def _right(self, given: str, user: User) -> bool:
        challenge = Challenge(self.realm, digest.fields(given)["nonce"])
        return digest.verify(given, challenge, Login(user.name, user.password), "REGISTER")

    def _locked_out(self, host: str, now: float) -> bool:
        wrong = self._wrong.get(host)
        return wrong is not None and now - wrong.since < _NONCE_S and wrong.count >= _MOST_WRONG

    def _note_wrong(self, host: str, now: float) -> None:
        if len(self._wrong) >= _MOST_HOSTS:
            self._wrong = {name: one for name, one in self._wrong.items() if now - one.since < _NONCE_S}
        wrong = self._wrong.setdefault(host, _Wrong(0, now))
        if now - wrong.since >= _NONCE_S:
            wrong.count, wrong.since = 0, now
        wrong.count += 1


def _seconds(request: sip.Request, contact: str) -> int:
    """How long the telephone wants to be known. Raises WireError."""
    default = sip.first(request, "expires") or str(_USUAL_S)
    text = default if contact == "*" else sip.parse_address(contact).params.get("expires", default)
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise WireError("Expires is not a number")
    return int(text)
