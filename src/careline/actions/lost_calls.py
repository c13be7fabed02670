"""Calls whose machine has died: their records are completed as they stand, and their callers are owed a call."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions import paging
from careline.actions.close_contact import end
from careline.actions.commands import Beat
from careline.actions.perform import performs, retried
from careline.storage.lookups import lost_calls
from careline.storage.models import Contact, Node, Recording
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

LOST_AFTER = timedelta(seconds=5)
WATCH = Actor.service("watch")


@performs(Beat)
def beat(command: Beat) -> None:
    Node.objects.update_or_create(
        name=command.node,
        defaults={"heartbeat_at": command.at},
        create_defaults={"started_at": command.at, "heartbeat_at": command.at},
    )


@retried
def mark_lost_calls(now: datetime) -> int:
    """Complete what dead nodes left behind; returns how many calls. Any number of watchers may do so at once."""
    return sum(_lost(of, contact, now) for of, contact in lost_calls(now - LOST_AFTER))


def _lost(practice_id: UUID, contact_id: UUID, now: datetime) -> bool:
    with practice(practice_id, actor=WATCH, purpose="complete lost call", now=now) as tx:
        contact = Contact.objects.select_for_update().get(id=contact_id)
        tx.journal("contact.lost", "contact", contact.id, repeat=contact.state != "open")
        if contact.state != "open":
            return False
        end(tx, contact, "lost", "lost", "call was cut off")
        Recording.objects.filter(contact=contact, state="recording").update(state="lost", ended_at=now)
        paging.sound(tx, "call_lost", f"lost:{contact.id}", contact=contact.id)
        return True
