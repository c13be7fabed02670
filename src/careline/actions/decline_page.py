"""A clinician hands a page on: the next step begins at once unless somebody else is being reached in this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions import paging
from careline.actions.advance_page import locked
from careline.actions.perform import retried
from careline.core.ways import ROUSING
from careline.storage import promises
from careline.storage.models import PageNotice
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.storage.models import Page
    from careline.storage.transactions import Tx

HOPELESS = ("declined", "failed", "locked", "refused")


@retried
def decline_page(practice_id: UUID, page_id: UUID, by: UUID, now: datetime) -> None:
    with practice(practice_id, actor=Actor.person(by), purpose="page clinician", now=now) as tx:
        page = locked(tx, page_id)
        decline(tx, page, by)
        tx.journal("page.declined", "page", page.id, round=page.round, step=page.step)


def decline(tx: Tx, page: Page, by: UUID) -> None:
    mine = PageNotice.objects.filter(page=page, round=page.round, step=page.step, person_id=by)
    mine.update(outcome="declined", ended_at=tx.now)
    for channel, kind in paging.CHANNELS.items():
        promises.cancel(tx, kind, f"{page.id}:{page.round}:{page.step}:{by}:{channel}")
    hurry_if_hopeless(tx, page)


def hurry_if_hopeless(tx: Tx, page: Page) -> None:
    """A step waits its time only while somebody of it may still answer: a person with one open way counts."""
    if page.state != "open":
        return
    tries = PageNotice.objects.filter(page=page, round=page.round, step=page.step)
    ways: dict[UUID, list[tuple[str, str]]] = {}
    for person, channel, outcome in tries.values_list("person_id", "channel", "outcome"):
        ways.setdefault(person, []).append((channel, outcome))
    if ways and all(_hopeless(outcomes) for outcomes in ways.values()):
        paging.hurry(tx, page)


def _hopeless(outcomes: list[tuple[str, str]]) -> bool:
    """Declined anywhere is declined, and a locked PIN or code is nobody who could accept; otherwise everything that can wake
    somebody must have failed (a mail alone does not), or every way."""
    if any(outcome in ("declined", "locked") for _, outcome in outcomes):
        return True
    waking = [outcome for channel, outcome in outcomes if channel in ROUSING]
    return all(outcome in HOPELESS for outcome in waking or [outcome for _, outcome in outcomes])
