"""What came of the contacts since a moment, as plain lines: for the terminal that has just rung the practice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.actions.messages import of_contact, pages_of_contact
from careline.storage.models import Contact, Message, Practice, Turn
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.storage.transactions import Tx

READER = Actor.service("call command")


@dataclass(frozen=True, slots=True)
class ShownContact:
    """One contact. `turns` are (seconds since it began, who, words); `followed` says what was made of it."""

    disposition: str
    turns: tuple[tuple[float, str, str], ...]
    followed: tuple[str, ...]


def contacts_since(since: datetime, channel: str, now: datetime) -> list[ShownContact]:
    """Contacts of every practice here that began since then, the latest first."""
    return [shown for row in Practice.objects.all() for shown in _of(row.id, since, channel, now)]


def _of(practice_id: UUID, since: datetime, channel: str, now: datetime) -> list[ShownContact]:
    with practice(practice_id, actor=READER, purpose="show contact", now=now) as tx:
        found = list(Contact.objects.filter(started_at__gte=since, channel=channel).order_by("-started_at"))
        tx.journal("contact.listed", "contact", count=len(found))
        for contact in found:
            tx.journal("contact.read", "contact", contact.id)
        return [_shown(tx, contact) for contact in found]


def _shown(tx: Tx, contact: Contact) -> ShownContact:
    turns = Turn.objects.filter(contact=contact).order_by("seq")
    messages = [f"message: {message.state}" for message in Message.objects.filter(of_contact(tx, contact.id))]
    pages = [f"page {page.reference}: {page.state}, step {page.step + 1}" for page in pages_of_contact(tx, contact.id)]
    return ShownContact(
        contact.disposition,
        tuple((turn.started_ms / 1000, turn.who, turn.text.reveal() if turn.text else "") for turn in turns),
        (*messages, *pages),
    )
