"""Signing on to a trunk (REGISTER): says where we are, answers its challenge, and says so again before it forgets."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.errors import WireError
from careline.wire import digest, sip

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from careline.telephony.sip.config import Trunk
    from careline.telephony.sip.endpoint import Address, SipEndpoint

log = logging.getLogger(__name__)
_RETRY_S = (2.0, 5.0, 15.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`told` is the address we are reached at; `resolve` finds the address behind a trunk's name (raises OSError)."""

    endpoint: SipEndpoint
    told: Address
    resolve: Callable[[Address], Awaitable[Address]]


class SignOn:
    """One trunk's registration. `signed_on` turns true with the first 200 and false when a renewal fails."""

    def __init__(self, trunk: Trunk, around: Surroundings) -> None:
        self._trunk, self._around = trunk, around
        self.signed_on = False
        self.changed = asyncio.Event()
        self._call_id, self._tag = secrets.token_hex(12), secrets.token_hex(6)
        self._sequence = secrets.randbelow(1000)

    async def run(self) -> None:
        """Until cancelled."""
        failures = 0
        while True:
            granted = await self._register(self._trunk.expires_s)
            if granted:
                failures = 0
                self._became(signed_on=True)
                await asyncio.sleep(granted * 0.5 if granted < 120 else granted - 60)
            else:
                self._became(signed_on=False)
                log.warning("trunk %s did not take our registration", self._trunk.name)
                await asyncio.sleep(_RETRY_S[min(failures, len(_RETRY_S) - 1)])
                failures += 1

    async def sign_off(self) -> None:
        """Tells the trunk that we leave."""
        if self.signed_on:
            await self._register(0)
            self._became(signed_on=False)

    def _became(self, *, signed_on: bool) -> None:
        self.signed_on = signed_on
        self.changed.set()

    async def _register(self, expires_s: int) -> int:
        """Seconds granted (1 for a sign-off), 0 when refused or not answered."""
        try:
            address = await self._around.resolve((self._trunk.host, self._trunk.port))
            response = await self._send(address, expires_s)
            for asked, answered in (
                ("www-authenticate", "authorization"),
                ("proxy-authenticate", "proxy-authorization"),
            ):
                challenge = sip.first(response, asked)
                if response.status in (401, 407) and challenge and self._trunk.username:
                    response = await self._send(address, expires_s, ((answered, self._answer(challenge)),))
                    break
        except (OSError, WireError):
            return 0
        if response.status != 200:
            return 0
        return _granted(response, expires_s, self._around.told) if expires_s else 1

    def _answer(self, challenge: str) -> str:
        login = digest.Login(self._trunk.username, self._trunk.password)
        return digest.respond(digest.parse_challenge(challenge), login, "REGISTER", self._uri, secrets.token_hex(8))

    @property
    def _uri(self) -> str:
        return f"sip:{self._trunk.domain or self._trunk.host}"

    async def _send(self, address: Address, expires_s: int, more: sip.Headers = ()) -> sip.Response:
        self._sequence += 1
        host, port = self._around.told
        user = self._trunk.username or "careline"
        me = f"<sip:{user}@{self._trunk.domain or self._trunk.host}>"
        headers = (
            ("via", f"SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{secrets.token_hex(12)}"),
            ("max-forwards", "70"),
            ("from", f"{me};tag={self._tag}"),
            ("to", me),
            ("call-id", self._call_id),
            ("cseq", f"{self._sequence} REGISTER"),
            ("contact", f"<sip:{user}@{host}:{port}>;expires={expires_s}"),
            ("expires", str(expires_s)),
            *more,
        )
        answered: asyncio.Future[sip.Response] = asyncio.get_running_loop().create_future()

        def on_response(response: sip.Response) -> None:
            if not answered.done():
                answered.set_result(response)

        self._around.endpoint.request(sip.Request("REGISTER", self._uri, headers), address, on_response)
        return await answered


def _granted(response: sip.Response, asked_s: int, told: Address) -> int:
    """What the trunk grants our own contact; it may list others of the same account."""
    contacts = [sip.parse_address(one) for one in sip.every(response, "contact") if one != "*"]
    ours = [one for one in contacts if f"{told[0]}:{told[1]}" in one.uri] or contacts
    texts = [one.params.get("expires", "") for one in ours] + [sip.first(response, "expires") or ""]
    granted = next((int(text) for text in texts if text.isascii() and text.isdigit()), asked_s)
    return max(2, min(granted, 86_400))
