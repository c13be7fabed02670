"""The telephone of an installation: SIP, with its trunks and the telephones of the house that may register."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from careline.bootstrap import data
from careline.core.errors import Refused
from careline.telephony.sip.config import SipConfig, Trunk, User
from careline.telephony.sip.telephone import SipTelephone

if TYPE_CHECKING:
    from careline.settings import Settings

#: In the demo every member of staff may register a softphone: user = their number, password = this.
DEMO_SIP_PASSWORD = "careline"  # noqa: S105 - the demo binds the loopback only


def telephone(settings: Settings) -> SipTelephone:
    return SipTelephone(
        SipConfig(
            host=settings.bind,
            port=settings.sip_port,
            public_host=settings.public_host,
            rtp_ports=settings.rtp_ports,
            trunks=tuple(trunk(url) for url in settings.trunks),
            users=_demo_users() if settings.demo else (),
        )
    )


def trunk(url: str) -> Trunk:
    """`sip://user:password@host[:port]`; with a user it registers, so that the carrier knows where to send calls."""
    parts = urlsplit(url)
    if parts.scheme != "sip" or not parts.hostname:
        raise Refused("CARELINE_TRUNKS: write each as sip://user:password@host:port, with spaces between them")
    return Trunk(
        name=parts.hostname,
        host=parts.hostname,
        port=parts.port or 5060,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        register=bool(parts.username),
    )


def _demo_users() -> tuple[User, ...]:
    return tuple(User(member.phone, DEMO_SIP_PASSWORD) for member in data.practice("demo").staff)
