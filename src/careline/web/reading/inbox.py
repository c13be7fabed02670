"""Reads messages for staff: the list, and one with everything done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from careline.storage.models import Message, MessageAmendment
from careline.web.reading.common import shown, tell, who
from careline.web.seen.inbox import Inbox, MessageDetail, MessageRow, Step
from careline.web.seen.parts import channel_badge, human, spelled, urgency

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.storage.transactions import Tx

_MOST = 100
_STATES = {"taken": "new", "sent": "new", "accepted": "taken by", "outcome": "outcome recorded", "closed": "closed"}


def read_inbox(tx: Tx, tab: str) -> Inbox:
    everything = Message.objects.filter(practice_id=tx.practice).select_related("accepted_by", "closed_by", "patient")
    still_open = everything.exclude(state="closed")
    found = (
        everything.filter(state="closed").order_by("-closed_at")
        if tab == "closed"
        else still_open.order_by("-taken_at")
    )
    rows = [_row(message, tx.now) for message in found[:_MOST]]
    if tab == "open":
        rows.sort(key=lambda row: (not row.overdue, row.urgency.rank if row.urgency else 99))
    tell(tx, "inbox.read", "message", ids=[row.id for row in rows])
    return Inbox(tx.now, tab, tuple(rows), still_open.count())


def read_message(tx: Tx, message_id: UUID) -> MessageDetail:
    found = Message.objects.select_related("contact", "accepted_by", "closed_by", "outcome_by", "patient")
    message = found.filter(id=message_id, practice_id=tx.practice).first()
    if message is None:
        raise Http404
    tx.journal("message.read", "message", message.id)
    told = who(message.identity)
    row = _row(message, tx.now)
    return MessageDetail(
        row=row,
        channel=channel_badge(message.contact.channel) if message.contact else None,
        number=spelled(told.number),
        date_of_birth=told.birth,
        relation=told.relation,
        safe=told.safe,
        details=_details(message.details),
        steps=_steps(message),
        outcome=_outcome(message),
        can_accept=message.accepted_by is None and message.state != "closed",
        can_close=message.state != "closed",
    )


def _row(message: Message, now: datetime) -> MessageRow:
    told = who(message.identity)
    holder = message.closed_by if message.state == "closed" else message.accepted_by
    return MessageRow(
        id=message.id,
        contact_id=message.contact_id,
        kind=human(message.kind),
        patient=told.patient or (shown(message.patient.name) if message.patient else ""),
        caller=told.caller,
        reason=shown(message.reason),
        urgency=urgency(message.disposition),
        taken_at=message.taken_at,
        due=message.due_at,
        overdue=message.state != "closed" and message.due_at is not None and message.due_at < now,
        state=_STATES.get(message.state, human(message.state)),
        holder=holder.name if holder else "",
    )


def _details(details: Any) -> tuple[tuple[str, str], ...]:
    pairs = details.items() if isinstance(details, dict) else (details or ())
    return tuple((human(str(name)), str(value)) for name, value in pairs)


def _steps(message: Message) -> tuple[Step, ...]:
    steps = [Step(message.taken_at, "", "Taken from the caller.")]
    if message.accepted_by and message.accepted_at:
        steps.append(Step(message.accepted_at, message.accepted_by.name, "Accepted by"))
    changes = MessageAmendment.objects.filter(message=message).select_related("by").order_by("at")
    steps += [Step(change.at, change.by.name if change.by else "", _words(change)) for change in changes]
    if message.closed_by and message.closed_at:
        steps.append(Step(message.closed_at, message.closed_by.name, "Closed by"))
    return tuple(sorted(steps, key=lambda step: step.at))


def _words(change: MessageAmendment) -> str:
    body = change.body
    text = body.get("text", "") if isinstance(body, dict) else str(body or "")
    return f"{human(change.kind)}: {text}" if text else human(change.kind)


def _outcome(message: Message) -> str:
    return human(message.outcome) if message.outcome else ""
