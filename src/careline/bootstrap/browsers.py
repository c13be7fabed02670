"""Telephones in browsers: the practice's page "Call the practice", and the softphones of its people."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from careline import tokens
from careline.core.errors import Refused
from careline.settings import derive, ensure_key_file
from careline.telephony.webrtc import BrowserTelephone, Doorman, WebRtcConfig
from careline.wire.ice_servers import ice_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from careline.ports import Clock, DialFailed, IncomingCall, Leg
    from careline.settings import Settings
    from careline.telephony.sip.telephone import SipTelephone


def browsers(settings: Settings, clock: Clock, origins: frozenset[str]) -> BrowserTelephone:
    key = ensure_key_file(settings.key_file)
    callers, staff = derive(key, tokens.PHONE), derive(key, tokens.SOFTPHONE)
    return BrowserTelephone(
        WebRtcConfig(
            bind=settings.bind,
            public_host=_address(settings.public_host),
            ports=settings.rtp_ports,
            servers=tuple(ice_server(url) for url in settings.ice_servers),
        ),
        Doorman(
            lambda token: tokens.opened(callers, token, clock.now()),
            lambda token: tokens.opened(staff, token, clock.now()),
            origins,
        ),
    )


def _address(host: str) -> str:
    """Browsers want an address where SIP takes a name. Raises Refused when the name has none."""
    if not host:
        return ""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        return str(socket.gethostbyname(host))
    except OSError as error:
        raise Refused(f"CARELINE_PUBLIC_HOST: {host} has no address ({error})") from error


@dataclass(frozen=True, slots=True)
class Telephones:
    """`ports.Telephone` over several: browsers are rung by their names, everything else by `line`."""

    line: SipTelephone
    browsers: BrowserTelephone

    async def start(self, on_call: Callable[[IncomingCall], Awaitable[None]]) -> None:
        await self.line.start(on_call)
        await self.browsers.start(on_call)

    async def dial(self, number: str, caller_id: str, timeout_s: float) -> Leg | DialFailed:
        telephone = self.browsers if self.browsers.names(number) else self.line
        return await telephone.dial(number, caller_id, timeout_s)

    def registered(self, number: str) -> bool:
        """Whether this is one of the house's own telephones: whoever picks it up is a person, no voicemail."""
        return self.browsers.names(number) or self.line.registered(number)

    async def stop(self) -> None:
        await self.browsers.stop()
        await self.line.stop()
