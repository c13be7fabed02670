"""A contact ends: however it ended, its record is complete in this transaction, and whoever is owed a call is on the list."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions.append_record import picture
from careline.actions.commands import CloseContact, Picture
from careline.actions.in_force import in_force
from careline.actions.messages import pages_of_contact, triaged
from careline.actions.open_contact import VOICE
from careline.actions.perform import performs
from careline.actions.request_callback import owe
from careline.actions.words import as_word
from careline.core.clinical import Level
from careline.core.routing.hours import desk_due
from careline.storage.models import Contact, LiveCall, Triage
from careline.storage.rows import one
from careline.storage.transactions import practice

if TYPE_CHECKING:
    from careline.storage.transactions import Tx


@performs(CloseContact)
def close_contact(command: CloseContact) -> None:
    with practice(command.practice, actor=VOICE, purpose="record contact", now=command.at) as tx:
        contact = one(Contact.objects.select_for_update(), id=command.contact)
        outcome = as_word(command.outcome)
        tx.journal("contact.closed", "contact", contact.id, outcome=outcome, repeat=contact.state == "closed")
        if contact.state == "closed":
            return
        if command.summary is not None:
            summary = command.summary
            contact.language = summary.language
            now = Picture(disposition=summary.disposition, identity=summary.identity, reason=summary.reason)
            picture(contact, now)
        if command.triage is not None and not Triage.objects.filter(contact=contact, complete=True).exists():
            triaged(tx, contact.id, command.triage)
        end(tx, contact, "closed", outcome, command.unfinished)


def end(tx: Tx, contact: Contact, state: str, outcome: str, unfinished: str) -> None:
    """Complete a locked contact. What was symptomatic and is not being paged is owed a call soon, the rest by desk time."""
    contact.state, contact.outcome, contact.ended_at = state, outcome, tx.now
    contact.save()
    LiveCall.objects.filter(contact=contact).delete()
    if not unfinished:
        return
    file = in_force()
    urgent = contact.red_flag or contact.level in (Level.EMERGENCY, Level.URGENT)
    paged = pages_of_contact(tx, contact.id).exists()
    soon = tx.now + timedelta(minutes=file.promises.callback_minutes)
    due = soon if urgent and not paged else desk_due(file, tx.now)
    owe(tx, contact.id, "unfinished", unfinished, due, None, contact.reason, urgent)
