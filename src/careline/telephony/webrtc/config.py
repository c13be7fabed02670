"""What a browser telephone must be told: where it may be reached, and by whose help."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from aioice.ice import get_host_addresses

if TYPE_CHECKING:
    from careline.wire.ice_servers import IceServer


@dataclass(frozen=True, slots=True)
class WebRtcConfig:
    """`bind` is the address the house binds: a loopback one also takes calls on this machine's own addresses, because browsers do
    not speak to the loopback everywhere. `public_host` is how a router in front of us is seen from outside, which forwards
    `ports` to us. Browsers use the odd ports of the range, SIP's audio the even ones."""

    bind: str = "127.0.0.1"
    public_host: str = ""
    ports: tuple[int, int] = (20_000, 29_998)
    servers: tuple[IceServer, ...] = ()
    most_calls: int = 200
    address_burst: float = 12.0
    """New calls that one address may begin at once; then one more every six seconds."""
    connect_s: float = 15.0
    away_s: float = 2.0
    """Without sound from the browser for this long, we wait for it before we go on speaking."""
    return_s: float = 20.0
    """A browser that has gone may come back within this time; then the call is lost."""
    patience_s: float = 20.0
    """A page that connects and says nothing for this long is let go."""
    watch_s: float = 1.0
    stay_s: float = 180.0
    """A softphone's page shows anew, more often than this, that its owner is still signed in."""
    quiet_s: float = 60.0
    """The same, while its page is still there: a telephone that took another call meanwhile, a lost network."""

    def addresses(self) -> list[str]:
        """Of this machine, to bind for each call."""
        every = ip_address(self.bind) if _is_address(self.bind) else None
        if every is not None and not every.is_unspecified and not every.is_loopback:
            return [self.bind]
        own = get_host_addresses(use_ipv4=True, use_ipv6=True)
        return [self.bind, *own] if every is not None and every.is_loopback else own


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
