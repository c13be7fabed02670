"""Where a number is sent: to a telephone that registered here, straight to a SIP address, or to the trunks in their order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from careline.core.errors import WireError
from careline.telephony.sip.endpoint import Target
from careline.wire import sip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.telephony.sip.config import Trunk
    from careline.telephony.sip.endpoint import Address

_NUMBER = re.compile(r"\+?[0-9*#]{1,32}\Z")
_NAME = re.compile(r"[\w.+*#\-]{1,64}\Z", re.ASCII)


def routes(
    number: str, caller_id: str, bindings: Mapping[str, Address], trunks: tuple[Trunk, ...]
) -> list[Target] | None:
    """Targets to try one after the other; their hosts may still be names. None when this is no number at all."""
    sender = caller_id if _NAME.match(caller_id) else "anonymous"
    if number.startswith(("sip:", "sips:")):
        try:
            uri = sip.parse_uri(number)
        except WireError:
            return None
        return [Target(uri.user, (uri.host, uri.port or 5060), sender)] if uri.host else None
    if number in bindings:
        return [Target(number, bindings[number], sender)]
    dialled = re.sub(r"[\s().\-]", "", number)
    if not _NUMBER.match(dialled):
        return None
    return [
        Target(
            user=quote(dialled, safe="+*"),
            address=(trunk.host, trunk.port),
            sender=sender,
            domain=trunk.domain or trunk.host,
            username=trunk.username,
            password=trunk.password,
        )
        for trunk in trunks
    ]
