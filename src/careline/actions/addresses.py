"""Addresses that stopped working: a browser that unsubscribed, a number that texted STOP. They are left alone from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions import paging
from careline.actions.decline_page import hurry_if_hopeless
from careline.core.ways import SMS
from careline.ports import Attempt, Outcome
from careline.storage.models import Membership, Page, PageNotice, ProviderEvent, PushSubscription
from careline.storage.transactions import keys_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from careline.storage.claims import Claimed
    from careline.storage.transactions import Tx

STOPPED = "stop"


def endpoint_index(tx: Tx, endpoint: str) -> str:
    return keys_of(tx.practice).fingerprint("push endpoint", endpoint)


def remove_gone(tx: Tx, person: UUID, gone: Iterable[str]) -> None:
    """What a provider says will never work again for this person."""
    addresses = list(gone)
    if not addresses:
        return
    indexes = [endpoint_index(tx, address) for address in addresses]
    removed, _ = PushSubscription.objects.filter(practice_id=tx.practice, endpoint_index__in=indexes).delete()
    if removed:
        tx.journal("push.subscription.over", "push_subscription", None, person=person, count=removed)
    if any(address.startswith("+") for address in addresses):
        block_texts(tx, person)


def block_texts(tx: Tx, person: UUID) -> None:
    """They texted STOP: the carrier delivers nothing more, so their steps use their other ways, and somebody should ask them."""
    if _mark_texts(tx, person, STOPPED):
        paging.sound(tx, "texts_stopped", f"stop:{person}:{tx.now.isoformat(timespec='seconds')}")
        tx.journal("texts.stopped", "membership", None, person=person)
    waiting = PageNotice.objects.filter(person_id=person, channel=SMS, page__state="open")
    for page_id in set(waiting.values_list("page_id", flat=True)):
        page = Page.objects.select_for_update().get(id=page_id)
        waiting.filter(page=page, round=page.round).update(outcome="refused", ended_at=tx.now)
        hurry_if_hopeless(tx, page)


def allow_texts(tx: Tx, person: UUID) -> None:
    if _mark_texts(tx, person, ""):
        tx.journal("texts.started", "membership", None, person=person)


def as_reported(tx: Tx, claim: Claimed, attempt: Attempt) -> Attempt:
    """A receipt may overtake the answer it is about: a letter that the network has given up meanwhile was not delivered."""
    if attempt.outcome is not Outcome.DELIVERED:
        return attempt
    failed = ProviderEvent.objects.filter(
        practice_id=tx.practice, promise_id=claim.promise, effect=Outcome.FAILED.value
    )
    found = failed.filter(reference=attempt.reference).first()
    return attempt if found is None else Attempt(Outcome.FAILED, attempt.reference, found.reason)


def _mark_texts(tx: Tx, person: UUID, blocked: str) -> bool:
    member = Membership.objects.select_for_update().filter(practice_id=tx.practice, person_id=person).first()
    if member is None:
        return False
    before = [dict(way) for way in member.channels]
    for way in member.channels:
        if way.get("kind") == SMS:
            way.pop("blocked", None)
            way |= {"blocked": blocked} if blocked else {}
    if member.channels == before:
        return False
    member.save(update_fields=["channels"])
    return True
