"""What the desk can do about an unresolved page: page again, page somebody of its choice, note, or close with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions import paging
from careline.actions.advance_page import locked
from careline.actions.on_call import reachable
from careline.actions.perform import retried
from careline.core.errors import Refused
from careline.storage.jsonable import to_json
from careline.storage.models import Alarm, Message, MessageAmendment, PageNotice
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.core.people import Private
    from careline.storage.models import Page
    from careline.storage.transactions import Tx

REASONS = ("helped_otherwise", "paged_twice", "not_a_patient", "rehearsal")
_PURPOSE = "work board"


@retried
def page_again(practice_id: UUID, page_id: UUID, by: UUID, now: datetime) -> None:
    """From the first step at once, even if somebody has accepted and nothing has come of it."""
    with practice(practice_id, actor=Actor.person(by), purpose=_PURPOSE, now=now) as tx:
        page = _unresolved(tx, page_id)
        paging.stop(tx, page)
        paging.start_round(page)
        page.outcome_due_at = None
        page.save()
        Message.objects.filter(id=page.message_id).update(state="sent", accepted_by=None, accepted_at=None)
        paging.promise_late(tx, page)
        tx.journal("page.again", "page", page.id, round=page.round)
        paging.advance(tx, page)


@retried
def page_person(practice_id: UUID, page_id: UUID, person: UUID, by: UUID, now: datetime) -> None:
    """Beside whom the policy reaches, by every way they have; its steps go on as they would."""
    with practice(practice_id, actor=Actor.person(by), purpose=_PURPOSE, now=now) as tx:
        page = _unresolved(tx, page_id)
        who = reachable(tx).get(str(person))
        if page.state != "open":
            raise Refused("somebody has accepted this page: page again first")
        if who is None:
            raise Refused("they cannot be reached on any channel now")
        if PageNotice.objects.filter(page=page, round=page.round, step=page.step, person_id=person).exists():
            raise Refused("they are being reached in this step already: page again begins anew")
        paging.reach(tx, page, who)
        tx.journal("page.person", "page", page.id, person=person)


@retried
def close_page(practice_id: UUID, page_id: UUID, by: UUID, reason: str, note: Private, now: datetime) -> None:
    """It needs nobody any more, for one of REASONS and in somebody's own words. Whoever is still being rung is let be."""
    if reason not in REASONS or not note.reveal().strip():
        raise Refused("say why it is closed, and in a few words how it was resolved")
    with practice(practice_id, actor=Actor.person(by), purpose=_PURPOSE, now=now) as tx:
        page = _unresolved(tx, page_id)
        paging.stop(tx, page)
        page.state, page.outcome, page.outcome_due_at = "closed", reason, None
        page.save()
        Message.objects.filter(id=page.message_id).update(state="closed", closed_by=by, closed_at=now)
        Alarm.objects.filter(page=page, cleared_at=None).update(cleared_at=now, cleared_by=by)
        _amend(tx, page, by, "closed", {"reason": reason, "note": to_json(note)})
        tx.journal("page.closed", "page", page.id, reason=reason)


@retried
def note_page(practice_id: UUID, page_id: UUID, by: UUID, note: Private, now: datetime) -> None:
    if not note.reveal().strip():
        raise Refused("a note needs words")
    with practice(practice_id, actor=Actor.person(by), purpose=_PURPOSE, now=now) as tx:
        page = _unresolved(tx, page_id)
        _amend(tx, page, by, "note", {"note": to_json(note)})
        tx.journal("page.noted", "page", page.id)


def _unresolved(tx: Tx, page_id: UUID) -> Page:
    page = locked(tx, page_id)
    if page.state not in ("open", "accepted"):
        raise Refused("this page is over already")
    return page


def _amend(tx: Tx, page: Page, by: UUID, kind: str, body: dict[str, object]) -> None:
    MessageAmendment.objects.create(
        practice_id=tx.practice, message_id=page.message_id, at=tx.now, by_id=by, kind=kind, body=body
    )
