"""Staff work through the inbox: take a message over, add to it, close it. An urgent one closes only with an outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.perform import retried
from careline.actions.take_message import DUE
from careline.core.errors import Refused
from careline.storage import promises
from careline.storage.jsonable import to_json
from careline.storage.models import Message, MessageAmendment, Page
from careline.storage.rows import one
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.core.people import Private

UNSETTLED = ("open", "accepted")


@retried
def accept_message(practice_id: UUID, message_id: UUID, by: UUID, now: datetime) -> bool:
    """Somebody at the practice takes a message over. False when somebody else already has. A paged message is accepted by
    accepting its page."""
    with practice(practice_id, actor=Actor.person(by), purpose="work inbox", now=now) as tx:
        message = one(Message.objects.select_for_update(), practice_id=practice_id, id=message_id)
        tx.journal("message.accepted", "message", message.id)
        if Page.objects.filter(practice_id=practice_id, message=message, state="open").exists():
            raise Refused("this message is being paged: accept the page")
        if message.accepted_by_id is not None:
            return message.accepted_by_id == by
        if message.state == "closed":
            raise Refused("this message is closed")
        message.state, message.accepted_by_id, message.accepted_at = "accepted", by, now
        message.save()
        return True


@retried
def close_message(practice_id: UUID, message_id: UUID, by: UUID, now: datetime, note: Private | None = None) -> None:
    """Done with it. Closing again changes nothing."""
    with practice(practice_id, actor=Actor.person(by), purpose="work inbox", now=now) as tx:
        message = one(Message.objects.select_for_update(), practice_id=practice_id, id=message_id)
        if Page.objects.filter(practice_id=practice_id, message=message, state__in=UNSETTLED).exists():
            raise Refused("record what came of the page first")
        tx.journal("message.closed", "message", message.id)
        if message.state == "closed":
            return
        message.state, message.closed_by_id, message.closed_at = "closed", by, now
        message.save()
        body = {"note": to_json(note)}
        MessageAmendment.objects.create(
            practice_id=practice_id, message=message, at=now, by_id=by, kind="closed", body=body
        )
        promises.cancel(tx, DUE, str(message.id))


@retried
def add_note(practice_id: UUID, message_id: UUID, by: UUID, now: datetime, note: Private) -> None:
    """What was taken stays as it was; this stands beside it."""
    with practice(practice_id, actor=Actor.person(by), purpose="work inbox", now=now) as tx:
        message = one(Message.objects.all(), practice_id=practice_id, id=message_id)
        body = {"note": to_json(note)}
        MessageAmendment.objects.create(
            practice_id=practice_id, message=message, at=now, by_id=by, kind="note", body=body
        )
        tx.journal("message.noted", "message", message.id)
