"""A message's row, inside other actions' transactions: taken once per key, kept up to date by what is learned later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from careline.actions.append_record import picture
from careline.actions.commands import Picture
from careline.actions.patients import patient_for
from careline.actions.words import reference
from careline.core.clinical import Disposition, most_urgent
from careline.core.dialogue.deeds import MessageKind
from careline.storage.ids import new_id
from careline.storage.jsonable import to_json
from careline.storage.models import Contact, Message, MessageAmendment, Page, Patient, Triage
from careline.storage.rows import one

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from careline.core.dialogue.deeds import Summary, TriageRecord
    from careline.core.people import Private
    from careline.storage.transactions import Tx


def take(
    tx: Tx, contact: UUID, key: str, kind: str, summary: Summary, due: datetime | None, details: dict[str, Private]
) -> tuple[Message, bool]:
    """The message of this key, and whether it is new. It is in the inbox ("sent") once this transaction has committed."""
    full_key = f"{contact}:{key}"
    found = Message.objects.filter(practice_id=tx.practice, key=full_key).first()
    if found is not None:
        return found, False
    if summary.thread and kind == MessageKind.CLINICAL:
        gone_on = _go_on(tx, contact, summary)
        if gone_on is not None:
            return gone_on
    patient = patient_for(tx, summary.identity)
    message = Message(
        id=new_id(),
        practice_id=tx.practice,
        contact_id=contact,
        patient=patient,
        key=full_key,
        kind=kind,
        state="sent",
        taken_at=tx.now,
        due_at=due,
        details=to_json(details),
    )
    message.reference = reference(message.id)
    _fill(message, summary)
    message.save(force_insert=True)
    _picture(contact, summary, patient)
    tx.journal("message.taken", "message", message.id, kind=kind, level=message.level)
    return message, True


def _go_on(tx: Tx, contact: UUID, summary: Summary) -> tuple[Message, bool] | None:
    """This contact goes on about an open matter of the same patient: it joins that message, which then says the newest and keeps
    the more urgent level. None when the matter was closed meanwhile, or is another patient's."""
    row = one(Contact.objects.select_for_update(), id=contact)
    patient = patient_for(tx, summary.identity)
    still_open = Message.objects.select_for_update().filter(practice_id=tx.practice, id=UUID(summary.thread))
    message = still_open.filter(patient=patient).exclude(state__in=("outcome", "closed")).first() if patient else None
    if message is None:
        return None
    if row.thread_id == message.id:
        return message, False
    row.thread = message
    row.save()
    _picture(contact, summary, patient)
    _keep_before(tx, message, "called_again", contact=str(contact), worse=summary.worse)
    graver = most_urgent(summary.disposition, Disposition(message.disposition))
    _fill(message, replace(summary, disposition=graver))
    message.save()
    tx.journal("message.called_again", "message", message.id, level=message.level, worse=summary.worse)
    return message, True


def of_contact(tx: Tx, contact: UUID) -> Q:
    """Messages that this contact took, or joined."""
    joined = Contact.objects.filter(practice_id=tx.practice, id=contact, thread__isnull=False).values("thread_id")
    return Q(contact_id=contact) | Q(id__in=joined)


def pages_of_contact(tx: Tx, contact: UUID) -> QuerySet[Page]:
    """Pages about this contact: its own, and the one of the matter it joined."""
    joined = Contact.objects.filter(practice_id=tx.practice, id=contact, thread__isnull=False).values("thread_id")
    return Page.objects.filter(Q(contact_id=contact) | Q(message_id__in=joined), practice_id=tx.practice)


def amend(tx: Tx, message: Message, contact: UUID, summary: Summary) -> None:
    """What was learned later: the message shows the newest, and what it said before stands as an amendment."""
    _keep_before(tx, message, "correction")
    if summary.thread:
        summary = replace(summary, disposition=most_urgent(summary.disposition, Disposition(message.disposition)))
    _fill(message, summary)
    message.save()
    _picture(contact, summary)
    tx.journal("message.amended", "message", message.id, level=message.level)


def _keep_before(tx: Tx, message: Message, kind: str, **why: object) -> None:
    before = {"identity": message.identity, "brief": to_json(message.brief), "disposition": message.disposition}
    body = {**why, "before": before}
    MessageAmendment.objects.create(practice_id=tx.practice, message=message, at=tx.now, kind=kind, body=body)


def triaged(tx: Tx, contact: UUID, record: TriageRecord | None) -> None:
    """Keep why. The rule named in the columns is the most urgent one that fired."""
    if record is None:
        return
    first = min(record.fired, key=lambda rule: rule.disposition.rank, default=None)
    named: dict[str, Any] = {}
    if first is not None:
        named = {
            "protocol": first.protocol,
            "protocol_version": first.version,
            "protocol_hash": first.hash,
            "rule": first.rule,
            "source": ",".join(first.because)[:40],
        }
    Triage.objects.create(
        practice_id=tx.practice,
        contact_id=contact,
        at=tx.now,
        disposition=record.disposition.value,
        complete=record.complete,
        record=to_json(record),
        **named,
    )


def _fill(message: Message, summary: Summary) -> None:
    message.disposition, message.level = summary.disposition.value, summary.disposition.level.value
    message.language = summary.language
    message.identity = {
        **to_json(summary.identity),
        "age_years": summary.age_years,
        "pregnant_weeks": summary.pregnant_weeks,
    }
    message.reason, message.brief = summary.reason, summary.brief


def _picture(contact: UUID, summary: Summary, patient: Patient | None = None) -> None:
    now = Picture(
        language=summary.language,
        disposition=summary.disposition,
        identity=summary.identity,
        reason=summary.reason,
    )
    row = one(Contact.objects.select_for_update(), id=contact)
    row.patient = patient or row.patient
    picture(row, now)
