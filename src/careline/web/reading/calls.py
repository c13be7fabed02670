"""Reads what can be done to a contact that is up, and who takes calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.desk import MOST_MISSED, at_the_desk
from careline.storage.models import DeskPresence, LiveCall
from careline.web.seen.calls import Controls, Presence

if TYPE_CHECKING:
    from uuid import UUID

    from careline.storage.transactions import Tx

_STATES = {"agent": "Assistant speaking", "ringing": "Ringing the desk", "waiting": "Waits for a person"}


def controls(call: LiveCall, viewer: UUID) -> Controls:
    return Controls(
        contact=call.contact_id,
        version=call.version,
        holder=call.with_person.name if call.with_person is not None else "",
        mine=call.with_person_id == viewer,
        held=call.state == "held",
        waiting=call.state in ("ringing", "waiting"),
        written=call.contact.channel != "phone",
    )


def who_speaks(call: LiveCall) -> str:
    """In words: "With Toni Brooks", "Waits for a person"."""
    if call.with_person is None:
        return _STATES.get(call.state, _STATES["agent"])
    return f"{'On hold, with' if call.state == 'held' else 'With'} {call.with_person.name}"


def controls_of(tx: Tx, contact: UUID, viewer: UUID) -> Controls | None:
    call = (
        LiveCall.objects.filter(practice_id=tx.practice, contact_id=contact)
        .select_related("contact", "with_person")
        .first()
    )
    return controls(call, viewer) if call is not None else None


def read_presence(tx: Tx, viewer: UUID) -> Presence:
    mine = DeskPresence.objects.filter(practice_id=tx.practice, person_id=viewer).first()
    others = DeskPresence.objects.filter(practice_id=tx.practice, available=True, missed__lt=MOST_MISSED)
    names = others.exclude(person_id=viewer).order_by("person__name").values_list("person__name", flat=True)
    known = at_the_desk(tx, viewer)
    return Presence(
        available=mine is not None and mine.available and mine.missed < MOST_MISSED,
        number=known.number if known is not None else "",
        missed=mine is not None and mine.available and mine.missed >= MOST_MISSED,
        others=tuple(names),
    )
