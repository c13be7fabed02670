"""The record grows while the contact lasts: what was heard, said and noted, and how it stands now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.commands import AppendRecord, Picture
from careline.actions.open_contact import VOICE
from careline.actions.perform import performs
from careline.storage.ids import new_id
from careline.storage.jsonable import to_json
from careline.storage.models import Contact, ContactEvent, Turn
from careline.storage.rows import one
from careline.storage.transactions import practice

if TYPE_CHECKING:
    from careline.storage.transactions import Tx


@performs(AppendRecord)
def append_record(command: AppendRecord) -> None:
    with practice(command.practice, actor=VOICE, purpose="record contact", now=command.at) as tx:
        _turns(tx, command)
        _events(tx, command)
        if command.picture is not None:
            picture(one(Contact.objects.select_for_update(), id=command.contact), command.picture)
        tx.journal("contact.recorded", "contact", command.contact, turns=len(command.turns), events=len(command.events))


def picture(contact: Contact, now: Picture) -> None:
    """Save how the contact stands. A red flag, once raised, stays."""
    if now.language is not None:
        contact.language = now.language
    if now.hearing is not None:
        contact.hearing = now.hearing.value
    if now.disposition is not None:
        contact.disposition, contact.level = now.disposition.value, now.disposition.level.value
    contact.red_flag = contact.red_flag or bool(now.red_flag)
    if now.identity is not None:
        contact.identity = to_json(now.identity)
    if now.reason is not None:
        contact.reason = now.reason
    contact.save()


def _turns(tx: Tx, command: AppendRecord) -> None:
    Turn.objects.bulk_create(
        [
            Turn(
                id=new_id(),
                practice_id=tx.practice,
                contact_id=command.contact,
                seq=line.seq,
                who=line.who,
                text=line.text,
                language=line.language,
                started_ms=round(line.started * 1000),
                ended_ms=round(line.ended * 1000),
                confidence=line.confidence,
            )
            for line in command.turns
        ],
        ignore_conflicts=True,
    )


def _events(tx: Tx, command: AppendRecord) -> None:
    ContactEvent.objects.bulk_create(
        [
            ContactEvent(
                id=new_id(),
                practice_id=tx.practice,
                contact_id=command.contact,
                seq=line.seq,
                at_ms=round(line.at * 1000),
                kind=line.kind,
                body=to_json(line.body),
            )
            for line in command.events
        ],
        ignore_conflicts=True,
    )
