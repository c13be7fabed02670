"""Web push to the on-call phone page: RFC 8030 (delivery), RFC 8291 (encryption), RFC 8292 (VAPID), with `http-ece` and `pyjwt`.

    letter.to: [{"endpoint": …, "keys": {"p256dh": …, "auth": …}}, …], one for each browser of the person
      └──► each is encrypted for its browser and posted to its push service
             201 ──► taken          404, 410 ──► gone: the subscription is removed
             429, 5xx, time-out ──► again          everything else ──► failed
    One browser that has taken it makes the letter DELIVERED; a later letter about the same page replaces an earlier one (Topic).

The sending key is derived from the installation's own, so there is nothing to set and nothing to lose apart from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.errors import Refused
from careline.notify.webpush.keys import SendingKey, allowed
from careline.notify.webpush.send import PushMessenger
from careline.ports import Provider

if TYPE_CHECKING:
    from careline.ports import Means

#: The push services of Chrome, Firefox, Safari and Windows. A subscription names where we send to, so it may name only these.
SERVICES = ("fcm.googleapis.com", "*.push.services.mozilla.com", "*.push.apple.com", "*.notify.windows.com")
_MEND = "serve the console over https and set CARELINE_PUBLIC_URL (browsers allow push on no other address)"


class BrowserPush:
    """What the console tells a browser that subscribes."""

    def __init__(self, key: SendingKey, hosts: tuple[str, ...]) -> None:
        self.public_key = key.public
        self._hosts = hosts

    def accepts(self, endpoint: str) -> bool:
        return allowed(endpoint, self._hosts)


def _hosts(means: Means) -> tuple[str, ...]:
    return (*SERVICES, *means.environment.get("CARELINE_PUSH_HOSTS", "").split())


def _usable(means: Means) -> bool:
    return means.public_url.startswith(("https://", "http://localhost", "http://127.0.0.1"))


def _contact(means: Means) -> str:
    contact = means.environment.get("CARELINE_PUSH_CONTACT") or means.public_url
    if not contact.startswith(("mailto:", "https://", "http://localhost", "http://127.0.0.1")):
        raise Refused("CARELINE_PUSH_CONTACT must be mailto:somebody@example.com or an https:// address")
    return contact


def _build(means: Means) -> PushMessenger | None:
    if not _usable(means):
        return None
    return PushMessenger(SendingKey.derived(means.secret("web push")), _contact(means), _hosts(means))


def _subscriptions(means: Means) -> BrowserPush | None:
    return BrowserPush(SendingKey.derived(means.secret("web push")), _hosts(means)) if _usable(means) else None


PROVIDER = Provider("webpush", "push", _MEND, _build, subscriptions=_subscriptions)
