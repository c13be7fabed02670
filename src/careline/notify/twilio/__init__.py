"""Text messages through Twilio, or any carrier with the same REST interface (Messages.json).

The interface has no idempotency key. So each page's text holds a code that no other text holds, and whenever an earlier try may
have arrived, the carrier's own list of messages is asked before anything is sent again; a second copy says that it is one.

    send ──(an earlier try?)──► list messages to this number ──found──► DELIVERED (or FAILED, as that one ended)
      │                                   └──not there──► post again, marked
      └──► post ──201──► DELIVERED to the carrier; nobody has accepted anything
                ├──400 with a code──► FAILED; opted out: the number is gone
                └──429, 5xx, time-out──► RETRY
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from careline.core.errors import Refused
from careline.notify.twilio.receive import TwilioReceiver
from careline.notify.twilio.rest import TwilioMessenger
from careline.notify.twilio.values import Account
from careline.ports import Provider

if TYPE_CHECKING:
    from careline.ports import Means

_MEND = "set CARELINE_TWILIO_URL=https://ACCOUNT:TOKEN@api.twilio.com and CARELINE_TWILIO_FROM"


def account(means: Means) -> Account | None:
    url, sender = means.environment.get("CARELINE_TWILIO_URL"), means.environment.get("CARELINE_TWILIO_FROM")
    if not url and not sender:
        return None
    parts = urlsplit(url or "")
    if not parts.username or not parts.password or not parts.hostname or not sender:
        raise Refused(f"text messages are half set up: {_MEND}")
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise Refused("CARELINE_TWILIO_URL must begin with https://: the token would travel in clear")
    port = f":{parts.port}" if parts.port else ""
    old = means.environment.get("CARELINE_TWILIO_OLD_TOKEN", "")
    return Account(
        base=f"{parts.scheme}://{parts.hostname}{port}{parts.path.rstrip('/')}",
        sid=unquote(parts.username),
        tokens=tuple(token for token in (unquote(parts.password), old) if token),
        sender=sender,
        hook=f"{means.public_url}/hooks/twilio/",
    )


def _messenger(means: Means) -> TwilioMessenger | None:
    found = account(means)
    return TwilioMessenger(found) if found else None


def _receiver(means: Means) -> TwilioReceiver | None:
    found = account(means)
    return TwilioReceiver(found) if found else None


PROVIDER = Provider("twilio", "sms", _MEND, _messenger, receiver=_receiver)
