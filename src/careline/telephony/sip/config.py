"""What an operator sets for the SIP telephone."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from careline.core.errors import Refused


@dataclass(frozen=True, slots=True)
class Trunk:
    """A carrier or PBX that takes our calls. With `register` it is told every `expires_s` where we are, so that it can send us
    calls too. `domain` is what it wants to see behind the @, when that differs from `host`."""

    name: str
    host: str
    port: int = 5060
    username: str = ""
    password: str = ""
    domain: str = ""
    register: bool = False
    expires_s: int = 300

    def __repr__(self) -> str:
        return f"Trunk({self.name!r}, {self.host}:{self.port})"


@dataclass(frozen=True, slots=True)
class User:
    """A telephone of the house (a clinician's, an operator's) that may register here and is then reached by its name."""

    name: str
    password: str

    def __repr__(self) -> str:
        return f"User({self.name!r})"


@dataclass(frozen=True, slots=True)
class SipConfig:
    """`host` and `port` are bound (0 picks a free port); `public_host` is what the far end is told, `host` when empty.
    `rtp_ports` is inclusive; each leg takes one even port.
    A trunk that shows no sign within `trunk_patience_s` is left for the next one."""

    host: str = "127.0.0.1"
    port: int = 5060
    public_host: str = ""
    rtp_ports: tuple[int, int] = (20_000, 29_998)
    trunks: tuple[Trunk, ...] = ()
    users: tuple[User, ...] = ()
    realm: str = "careline"
    most_calls: int = 500
    trunk_patience_s: float = 4.0
    lost_after_s: float = 60.0

    def __post_init__(self) -> None:
        first, last = self.rtp_ports
        if not 1024 <= first <= last <= 65_535:
            raise Refused("the RTP port range must lie between 1024 and 65535, lower end first")
        if self.host in ("0.0.0.0", "::") and not self.public_host:  # noqa: S104 - named to be refused
            raise Refused("a telephone bound to every address needs a public_host to tell the far end")
        try:
            ipaddress.ip_address(self.told_host)
        except ValueError:
            raise Refused(
                "the telephone's host (or public_host) must be an IP address: session descriptions carry no names"
            ) from None

    @property
    def told_host(self) -> str:
        return self.public_host or self.host
