"""Browsers that show a person's pages: added by that person signed in at that browser, removed by them or when they have gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from careline.actions.addresses import endpoint_index
from careline.actions.perform import retried
from careline.core.errors import Refused
from careline.storage.ids import new_id
from careline.storage.models import PushSubscription
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

_KEY = re.compile(r"^[A-Za-z0-9_-]{16,200}={0,2}$")
_LONGEST = 1000
MOST = 10


@retried
def add_browser(practice_id: UUID, person: UUID, given: Mapping[str, Any], label: str, now: datetime) -> UUID:
    """`given` is what the browser's `PushSubscription.toJSON()` says. A browser shows pages to whoever subscribed in it last."""
    browser = _checked(given)
    with practice(practice_id, actor=Actor.person(person), purpose="set up paging", now=now) as tx:
        index = endpoint_index(tx, str(browser["endpoint"]))
        mine = PushSubscription.objects.filter(practice_id=practice_id)
        mine.filter(endpoint_index=index).delete()
        if mine.filter(person_id=person).count() >= MOST:
            raise Refused("ten browsers show your pages already: remove one first")
        row = PushSubscription(
            id=new_id(), practice_id=practice_id, person_id=person, endpoint_index=index, label=label, made_at=now
        )
        row.browser = browser
        row.save(force_insert=True)
        tx.journal("push.subscribed", "push_subscription", row.id)
        return row.id


@retried
def remove_browser(practice_id: UUID, person: UUID, row: UUID, now: datetime) -> bool:
    """Only one's own. False when there is none (any more)."""
    with practice(practice_id, actor=Actor.person(person), purpose="set up paging", now=now) as tx:
        tx.journal("push.unsubscribed", "push_subscription", row)
        removed, _ = PushSubscription.objects.filter(practice_id=practice_id, person_id=person, id=row).delete()
        return removed > 0


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    endpoint, keys = given.get("endpoint"), given.get("keys")
    if not isinstance(endpoint, str) or len(endpoint) > _LONGEST or not isinstance(keys, dict):
        raise Refused("this is no subscription of a browser")
    named = {name: keys.get(name) for name in ("p256dh", "auth")}
    if not all(isinstance(key, str) and _KEY.match(key) for key in named.values()):
        raise Refused("this is no subscription of a browser")
    return {"endpoint": endpoint, "keys": named}
