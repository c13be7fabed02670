"""What is open for a patient already, once two identifiers match: how each matter stands, never what it is about."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions.commands import DeedDone
from careline.actions.deeds import carry_out
from careline.actions.patients import known_patient
from careline.core.clinical import Disposition
from careline.core.dialogue.deeds import Earlier, MessageKind, Recall
from careline.storage.models import Membership, Message, Page

if TYPE_CHECKING:
    from uuid import UUID

    from careline.actions.commands import DoDeed
    from careline.storage.transactions import Tx

REMEMBERED = timedelta(days=14)
MOST = 3
OPEN = ("taken", "sent", "accepted")


@carry_out.register(Recall)
def recall(deed: Recall, tx: Tx, command: DoDeed) -> DeedDone:
    patient = known_patient(tx, deed.identity)
    if patient is None:
        tx.journal("patient.not_matched", "contact", command.contact)
        return DeedDone()
    found = Message.objects.filter(
        practice_id=tx.practice, patient=patient, state__in=OPEN, taken_at__gte=tx.now - REMEMBERED
    )
    others = found.exclude(contact_id=command.contact).select_related("accepted_by").order_by("-taken_at")[:MOST]
    earlier = tuple(_as_it_stands(tx, message) for message in others)
    tx.journal("patient.recalled", "patient", patient.id, matters=len(earlier))
    return DeedDone(earlier=earlier)


def _as_it_stands(tx: Tx, message: Message) -> Earlier:
    paged = Page.objects.filter(practice_id=tx.practice, message=message).exclude(state="closed").exists()
    return Earlier(
        matter=str(message.id),
        kind=MessageKind(message.kind),
        disposition=Disposition(message.disposition),
        at=message.taken_at,
        paged=paged,
        accepted_by=message.accepted_by.name if message.accepted_by else "",
        role=_role(tx, message.accepted_by_id),
        accepted_at=message.accepted_at,
        due=message.due_at,
    )


def _role(tx: Tx, person: UUID | None) -> str:
    member = Membership.objects.filter(practice_id=tx.practice, person_id=person).first() if person else None
    return member.role if member else ""
