"""A clinician accepts a page. First to accept wins; the steps still to come are cancelled in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions import paging
from careline.actions.advance_page import locked
from careline.actions.in_force import in_force
from careline.actions.on_call import reachable
from careline.actions.perform import retried
from careline.core.errors import Refused
from careline.core.ways import TOLD_BY
from careline.storage import promises
from careline.storage.claims import New
from careline.storage.models import Alarm, Membership, Message, PageNotice, Person
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from careline.storage.models import Page
    from careline.storage.transactions import Tx

MAY_ACCEPT = ("clinician", "nurse")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who has the page now: `mine` is False when somebody else was first."""

    mine: bool
    by: UUID
    name: str
    at: datetime


@retried
def accept_page(practice_id: UUID, page_id: UUID, by: UUID, via: str, now: datetime) -> Acceptance:
    """`via` is phone, sms, web or desk. Accepting again gives the same answer. Raises `Refused` when it is over already."""
    with practice(practice_id, actor=Actor.person(by), purpose="page clinician", now=now) as tx:
        page = locked(tx, page_id)
        paged = PageNotice.objects.filter(page=page, person_id=by).exists()
        if not paged and not Membership.objects.filter(person_id=by, role__in=MAY_ACCEPT).exists():
            raise Refused("only a clinician, a nurse or whoever was paged can accept a page")
        return accept(tx, page, by, via)


def accept(tx: Tx, page: Page, by: UUID, via: str) -> Acceptance:
    """Inside a transaction whose actor has proved to be `by` (signed in, or by PIN)."""
    if page.accepted_by_id is not None and page.accepted_at is not None:
        tx.journal("page.accept.repeated", "page", page.id, via=via)
        return _as_it_stands(page.accepted_by_id, page.accepted_at, by)
    if page.state != "open":
        raise Refused("this page is closed")
    page.state, page.accepted_by_id, page.accepted_at, page.accepted_via = "accepted", by, tx.now, via
    due = tx.now + timedelta(minutes=in_force().promises.outcome_minutes)
    page.outcome_due_at = due
    page.save()
    paging.stop(tx, page)
    promises.make(tx, New(paging.OUTCOME, f"{page.id}:{page.round}:{tx.now.isoformat()}", due, {"page": str(page.id)}))
    Message.objects.filter(id=page.message_id).update(state="accepted", accepted_by=by, accepted_at=tx.now)
    Alarm.objects.filter(page=page, cleared_at=None).update(cleared_at=tx.now, cleared_by=by)
    _tell_the_others(tx, page, by)
    name = Person.objects.values_list("name", flat=True).get(id=by)
    paging.tell_callers(tx, page, "page_accepted", f"accepted:{page.id}:{page.round}", by=name)
    tx.journal("page.accepted", "page", page.id, via=via, round=page.round, step=page.step)
    return Acceptance(True, by, name, tx.now)


def _as_it_stands(holder: UUID, at: datetime, asked_by: UUID) -> Acceptance:
    name = Person.objects.values_list("name", flat=True).get(id=holder)
    return Acceptance(holder == asked_by, holder, name, at)


def _tell_the_others(tx: Tx, page: Page, by: UUID) -> None:
    """Everybody who was reached for this page is told by the ways they were reached that they need not come."""
    reached = PageNotice.objects.filter(page=page).exclude(person_id=by).values_list("person_id", "channel").distinct()
    can_reach = reachable(tx)
    told = {
        (person, way)
        for person, channel in reached
        if (one := can_reach.get(str(person))) and (way := _told_by(channel, one.channels))
    }
    for person, way in sorted(told, key=str):
        key = f"{page.id}:{page.round}:{person}:{way}"
        payload = {"page": str(page.id), "person": str(person), "channel": way}
        promises.make(tx, New(paging.TAKEN, key, tx.now, payload))


def _told_by(channel: str, ways: Mapping[str, str]) -> str:
    return next((way for way in TOLD_BY.get(channel, ()) if way in ways), "")
