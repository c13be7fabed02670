"""A message's row, inside other actions' transactions: taken once per key, kept up to date by what is learned later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careline.actions.append_record import picture
from careline.actions.commands import Picture
from careline.actions.paging import reference
from careline.actions.patients import patient_for
from careline.storage.ids import new_id
from careline.storage.jsonable import to_json
from careline.storage.models import Contact, Message, MessageAmendment, Patient, Triage
from careline.storage.rows import one

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

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


def amend(tx: Tx, message: Message, summary: Summary) -> None:
    """What was learned later: the message shows the newest, and what it said before stands as an amendment."""
    before = {"identity": message.identity, "brief": to_json(message.brief), "disposition": message.disposition}
    MessageAmendment.objects.create(
        practice_id=tx.practice, message=message, at=tx.now, kind="correction", body={"before": before}
    )
    _fill(message, summary)
    message.save()
    if message.contact_id is not None:
        _picture(message.contact_id, summary)
    tx.journal("message.amended", "message", message.id, level=message.level)


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
