"""Reads messages for staff: the list, and one with everything done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from careline.storage.models import Message, MessageAmendment, Page
from careline.web.reading.common import shown, tell, who
from careline.web.seen.inbox import OUTCOMES, Inbox, MessageDetail, MessageRow, Step
from careline.web.seen.parts import channel_badge, human, spelled, urgency

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.storage.transactions import Tx

_MOST = 100
_LABELS = dict(OUTCOMES)
_PAGED = {
    "open": "A clinician is being paged about this message; accepting the page accepts it.",
    "accepted": "A clinician has accepted the page; its outcome is due from them.",
}
_STATES = {"taken": "new", "sent": "new", "accepted": "with", "outcome": "outcome recorded by", "closed": "closed by"}


def read_inbox(tx: Tx, tab: str) -> Inbox:
    everything = Message.objects.filter(practice_id=tx.practice).select_related(
        "accepted_by", "closed_by", "outcome_by", "patient"
    )
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
    page = Page.objects.filter(practice_id=tx.practice, message=message).first()
    still_paged, unsettled = bool(page and page.state == "open"), bool(page and page.state in ("open", "accepted"))
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
        outcome=_LABELS.get(message.outcome, human(message.outcome)),
        paged=_PAGED.get(page.state, "") if page else "",
        can_accept=not still_paged and message.accepted_by is None and message.state not in ("outcome", "closed"),
        can_report=page is None and message.state not in ("outcome", "closed"),
        can_close=not unsettled and message.state == "outcome",
    )


def _row(message: Message, now: datetime) -> MessageRow:
    told = who(message.identity)
    holder = {"closed": message.closed_by, "outcome": message.outcome_by}.get(message.state, message.accepted_by)
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
    steps = [Step(message.taken_at, "", "Taken from the caller")]
    if message.accepted_by and message.accepted_at:
        steps.append(Step(message.accepted_at, message.accepted_by.name, "Accepted"))
    changes = MessageAmendment.objects.filter(message=message).select_related("by").order_by("at")
    steps += [Step(change.at, change.by.name if change.by else "", _words(change)) for change in changes]
    return tuple(sorted(steps, key=lambda step: step.at))


def _words(change: MessageAmendment) -> str:
    body = change.body if isinstance(change.body, dict) else {}
    said = [_LABELS.get(body.get("outcome") or "", ""), body.get("note") or ""]
    words = ". ".join(part for part in said if part)
    if change.kind == "called_again":
        return "The patient called again: it has become worse" if body.get("worse") else "The patient called again"
    label = {"closed": "Closed", "outcome": "Outcome", "correction": "Corrected by what the caller said later"}.get(
        change.kind, human(change.kind)
    )
    return f"{label}: {words}" if words else label
