"""A contact begins: its row and, for a call, the claim of the node that holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.commands import ContactOpened, OpenContact
from careline.actions.in_force import newest_file
from careline.actions.indexes import phone_index
from careline.actions.perform import performs
from careline.core.errors import Refused
from careline.core.practice import CoverageMode
from careline.storage.lookups import practice_of_line
from careline.storage.models import Contact, Line, LiveCall, Practice
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from uuid import UUID

VOICE = Actor.service("voice")


@performs(OpenContact)
def open_contact(command: OpenContact) -> ContactOpened:
    practice_id, line_id = _answering(command.called)
    with practice(practice_id, actor=VOICE, purpose="answer contact", now=command.at) as tx:
        if line_id and Line.objects.filter(id=line_id, mode=CoverageMode.STAFF.value).exists():
            raise Refused("this line is the staff's own")
        file = newest_file()
        contact, new = Contact.objects.get_or_create(
            practice_id=practice_id,
            key=f"{command.node}:{command.key}"[:120],
            defaults={
                "channel": command.channel.value,
                "line_id": line_id,
                "practice_file": file,
                "language": command.language,
                "hearing": command.hearing.value,
                "started_at": command.at,
                "caller_number": command.caller,
                "caller_index": phone_index(tx, command.caller),
            },
        )
        if new:
            LiveCall.objects.create(practice_id=practice_id, contact=contact, node=command.node)
        tx.journal("contact.opened", "contact", contact.id, channel=command.channel.value, repeat=not new)
        return ContactOpened(practice_id, contact.id, command.called, file.source, file.sha256)


def _answering(called: str) -> tuple[UUID, UUID | None]:
    found = practice_of_line(called)
    if found is not None:
        return found
    by_name = Practice.objects.filter(slug=called).first()
    if by_name is None:
        raise Refused("no practice answers this number here")
    return by_name.id, None
