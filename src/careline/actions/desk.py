"""Who takes calls at the desk: said at the console, believed until signed out or until their telephone was not answered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from careline.actions.desk_commands import AtDesk, DeskRang, FindDesk, SetCallState
from careline.actions.in_force import in_force
from careline.actions.open_contact import VOICE
from careline.actions.perform import performs, retried
from careline.core.errors import Refused
from careline.storage.lookups import practices_of_person
from careline.storage.models import DeskPresence, LiveCall, Membership
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.storage.transactions import Tx

#: A telephone that rang this often in a row with nobody answering is not rung again until its owner says that they are back.
MOST_MISSED = 2
#: Who may take calls at the desk.
ROLES = ("operator", "nurse", "manager")
_TELEPHONE = re.compile(r"^\+?[0-9*#]{2,32}$|^[A-Za-z][\w.\-]{1,40}$", re.ASCII)


@retried
def set_available(practice_id: UUID, person: UUID, available: bool, number: str, now: datetime) -> None:
    """`number` is the telephone to ring; empty means the one the practice has on file. Raises `Refused` for what is none."""
    number = re.sub(r"[\s()./-]", "", number) if number[:1] in "+(0123456789" else number.strip()
    if number and not _TELEPHONE.match(number):
        raise Refused("that is not a telephone: write a number such as +12125550114, or the name it registers with")
    with practice(practice_id, actor=Actor.person(person), purpose="work desk", now=now) as tx:
        number = number or _on_file(Membership.objects.get(person_id=person))
        if available and not number:
            raise Refused("no telephone is known for you: write the number to ring")
        DeskPresence.objects.update_or_create(
            practice_id=practice_id,
            person_id=person,
            defaults={"available": available, "number": number, "since": now, "missed": 0},
        )
        tx.journal("desk.available" if available else "desk.away", "desk_presence", person)


def sign_out(person: UUID, now: datetime) -> None:
    """Whoever signs out takes no calls."""
    for of in practices_of_person(person):
        _stand_down(of, person, now)


@retried
def _stand_down(of: UUID, person: UUID, now: datetime) -> None:
    with practice(of, actor=Actor.person(person), purpose="work desk", now=now) as tx:
        if DeskPresence.objects.filter(person_id=person, available=True).update(available=False, since=now):
            tx.journal("desk.away", "desk_presence", person)


@performs(FindDesk)
def find_desk(command: FindDesk) -> tuple[AtDesk, ...]:
    with practice(command.practice, actor=VOICE, purpose="answer contact", now=command.at) as tx:
        present = DeskPresence.objects.filter(
            available=True, missed__lt=MOST_MISSED, person__is_active=True, person__memberships__active=True,
            person__memberships__practice_id=tx.practice, person__memberships__role__in=ROLES,
        )  # fmt: skip
        busy = LiveCall.objects.exclude(with_person=None).values("with_person_id")
        rows = present.exclude(person_id__in=busy).order_by("since").values_list("person_id", flat=True)
        found = [one for person in rows if (one := at_the_desk(tx, person)) is not None and one.number]
        tx.journal("desk.asked", "contact", command.contact, available=len(found))
        return tuple(sorted(found, key=lambda one: command.language not in one.languages))


@performs(DeskRang)
def desk_rang(command: DeskRang) -> None:
    """With somebody answering, the others had no chance to; with nobody, each has missed one."""
    with practice(command.practice, actor=VOICE, purpose="answer contact", now=command.at) as tx:
        rung = DeskPresence.objects.filter(person_id__in=command.rung)
        if command.answered is not None:
            rung.filter(person_id=command.answered).update(missed=0)
        for presence in rung if command.answered is None else ():
            presence.missed += 1
            presence.save()
        tx.journal("desk.rang", "contact", command.contact, rung=len(command.rung), answered=command.answered)


@performs(SetCallState)
def set_call_state(command: SetCallState) -> int | None:
    with practice(command.practice, actor=VOICE, purpose="work call", now=command.at) as tx:
        tx.journal("call.state", "contact", command.contact, state=command.state)
        return call_state(command.contact, command.state, command.person)


def call_state(contact: UUID, state: str, person: UUID | None) -> int | None:
    """Inside another action's transaction."""
    live = LiveCall.objects.select_for_update().filter(contact_id=contact).first()
    if live is None:
        return None
    live.state, live.with_person_id, live.version = state, person, live.version + 1
    live.save()
    return live.version


def at_the_desk(tx: Tx, person: UUID) -> AtDesk | None:
    """Who this is, and the telephone they said they are at; else the one on file."""
    member = Membership.objects.filter(practice_id=tx.practice, person_id=person).select_related("person").first()
    if member is None:
        return None
    said = (
        DeskPresence.objects.filter(practice_id=tx.practice, person_id=person).values_list("number", flat=True).first()
    )
    languages = next((one.languages for one in in_force().staff if one.id == member.staff_id), ())
    return AtDesk(person, member.person.name, said or _on_file(member), languages)


def _on_file(member: Membership) -> str:
    return next((str(way["address"]) for way in member.channels if way.get("kind") == "phone"), "")
