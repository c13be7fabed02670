"""Helpers of browsers behind routers (STUN, TURN), as an installation names them in one line each."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from careline.core.errors import Refused

_DEFAULT_PORT = {"stun": 3478, "turn": 3478, "turns": 5349}


@dataclass(frozen=True, slots=True)
class IceServer:
    """`scheme` is stun, turn (by UDP or TCP) or turns (TLS)."""

    scheme: str
    host: str
    port: int
    transport: str = "udp"
    username: str = ""
    password: str = ""

    def for_browser(self) -> dict[str, str]:
        """As a page's script gives it to the browser (RTCIceServer)."""
        where = f"{self.scheme}:{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"
        if self.scheme == "stun":
            return {"urls": where}
        secret = {"username": self.username, "credential": self.password}
        return {"urls": f"{where}?transport={self.transport}", **secret}


def ice_server(url: str) -> IceServer:
    """`stun:host[:port]`, `turn:user:password@host[:port][?transport=tcp]` or `turns:…`. Raises Refused with the mend."""
    scheme, _, rest = url.partition(":")
    parts = urlsplit(f"//{rest.removeprefix('//')}")
    wrong = (
        "CARELINE_ICE_SERVERS: write each as stun:host:port or turn:user:password@host:port, with spaces between them"
    )
    try:
        port = parts.port or _DEFAULT_PORT[scheme]
    except (KeyError, ValueError):
        raise Refused(wrong) from None
    if not parts.hostname or (scheme != "stun" and not (parts.username and parts.password)):
        raise Refused(wrong)
    transport = "tcp" if scheme == "turns" or parts.query == "transport=tcp" else "udp"
    return IceServer(
        scheme, parts.hostname, port, transport, unquote(parts.username or ""), unquote(parts.password or "")
    )
