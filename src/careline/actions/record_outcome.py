"""What came of an accepted page or message, in the accepter's words. "Could not reach" never closes an urgent one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions import paging
from careline.actions.advance_page import locked
from careline.actions.perform import retried
from careline.core.errors import Refused
from careline.storage.jsonable import to_json
from careline.storage.models import Message, MessageAmendment, Page
from careline.storage.rows import one
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.core.people import Private
    from careline.storage.transactions import Tx

OUTCOMES = ("spoke_with_patient", "sent_to_ed", "advice_given", "could_not_reach")


@retried
def record_outcome(
    practice_id: UUID, message_id: UUID, by: UUID, outcome: str, now: datetime, note: Private | None = None
) -> None:
    """`outcome` is one of OUTCOMES, or "done" for a message that was never a page. Repeating it changes nothing."""
    with practice(practice_id, actor=Actor.person(by), purpose="record outcome", now=now) as tx:
        first = Page.objects.filter(practice_id=practice_id, message_id=message_id).first()
        page = locked(tx, first.id) if first is not None else None
        message = one(Message.objects.select_for_update(), practice_id=practice_id, id=message_id)
        if outcome not in ((*OUTCOMES, "done") if page is None else OUTCOMES):
            raise Refused("not one of the outcomes there are")
        if message.state == "closed":
            raise Refused("this message is closed: what is added now is a note")
        if message.outcome == outcome and message.state == "outcome":
            return
        _keep(tx, message, by, outcome, note)
        if page is not None:
            _settle(tx, page, outcome)
        tx.journal("message.outcome", "message", message.id, outcome=outcome)


def _keep(tx: Tx, message: Message, by: UUID, outcome: str, note: Private | None) -> None:
    message.state, message.outcome, message.outcome_by_id, message.outcome_at = "outcome", outcome, by, tx.now
    message.save()
    body = {"outcome": outcome, "note": to_json(note)}
    MessageAmendment.objects.create(
        practice_id=tx.practice, message=message, at=tx.now, by_id=by, kind="outcome", body=body
    )


def _settle(tx: Tx, page: Page, outcome: str) -> None:
    paging.stop(tx, page)
    page.outcome = outcome
    if outcome == "could_not_reach":
        raise_again(tx, page)
        return
    page.state, page.outcome_due_at = "done", None
    page.save()


def raise_again(tx: Tx, page: Page) -> None:
    """The patient has still not been helped: page from the first step again, and say so at the desk."""
    page.raised_again, page.outcome_due_at = page.raised_again + 1, None
    paging.start_round(page)
    page.save()
    Message.objects.filter(id=page.message_id).update(state="sent", accepted_by=None, accepted_at=None)
    paging.sound(tx, "page_raised_again", f"again:{page.id}:{page.raised_again}", page)
    tx.journal("page.raised_again", "page", page.id, round=page.round)
    paging.promise_late(tx, page)
    paging.advance(tx, page)
