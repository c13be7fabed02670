"""The question by telephone: who may ask (a PIN of one's own from one's own number, or the office's PIN), and the answer."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions.in_force import in_force
from careline.actions.load_practice import PIN_ROUNDS
from careline.actions.paging import sound
from careline.actions.perform import performs
from careline.actions.rota.ask import who_is_on_call
from careline.actions.rota.calendar import rota_of
from careline.actions.rota.commands import (
    AskOnCall,
    CheckEnquiryPin,
    PinAnswer,
    StaffLine,
    StaffLineOpened,
)
from careline.core.oncall.enquiry import Told
from careline.core.practice import CoverageMode
from careline.storage.lookups import practice_of_line
from careline.storage.models import Line, Membership
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from careline.storage.models import Rota
    from careline.storage.transactions import Tx

MOST_WRONG = 5
LOCKED_FOR = timedelta(minutes=15)
ASKER = Actor.service("staff line")


@performs(StaffLine)
def staff_line(command: StaffLine) -> StaffLineOpened | None:
    found = practice_of_line(command.called)
    if found is None:
        return None
    with practice(found[0], actor=ASKER, purpose="who is on call", now=command.at):
        if not Line.objects.filter(id=found[1], mode=CoverageMode.STAFF.value).exists():
            return None
        file = in_force()
        return StaffLineOpened(found[0], file.name, file.languages[0], file.timezone)


@performs(CheckEnquiryPin)
def check_enquiry_pin(command: CheckEnquiryPin) -> PinAnswer:
    """Five wrong ones close the line for a quarter of an hour, and an alarm sounds at the desk."""
    with practice(command.practice, actor=ASKER, purpose="who is on call", now=command.at) as tx:
        rota = rota_of(tx, lock=True)
        if rota.enquiry_locked_until is not None and rota.enquiry_locked_until > tx.now:
            tx.journal("rota.enquiry.locked", "rota", rota.id)
            return PinAnswer(right=False, locked=True)
        asker = _asker(tx, rota, command.caller, command.pin)
        if asker is None:
            return _wrong(tx, rota)
        if rota.enquiry_wrong:
            rota.enquiry_wrong = 0
            rota.save()
        tx.journal("rota.enquiry.opened", "rota", rota.id, person=asker or None)
        return PinAnswer(right=True, actor=asker)


def _asker(tx: Tx, rota: Rota, caller: str, pin: str) -> str | None:
    """A person's id, empty for the office's PIN, None for a wrong one. A number alone proves nothing."""
    members = Membership.objects.filter(practice_id=tx.practice, active=True, pin_locked_at=None)
    for member in members.select_related("person"):
        numbers = [way.get("address") for way in member.channels if way.get("kind") == "phone"]
        if caller in numbers and _is(pin, bytes(member.pin_salt), bytes(member.pin_hash)):
            return str(member.person_id)
    return "" if _is(pin, bytes(rota.enquiry_salt), bytes(rota.enquiry_hash)) else None


def _is(pin: str, salt: bytes, hashed: bytes) -> bool:
    made = hashlib.pbkdf2_hmac("sha256", pin.encode(), salt or b"none", PIN_ROUNDS)
    return bool(hashed) and hmac.compare_digest(made, hashed)


def _wrong(tx: Tx, rota: Rota) -> PinAnswer:
    rota.enquiry_wrong += 1
    locked = rota.enquiry_wrong >= MOST_WRONG
    if locked:
        rota.enquiry_wrong, rota.enquiry_locked_until = 0, tx.now + LOCKED_FOR
        sound(tx, "pin_locked", f"staff-line:{tx.now:%Y%m%dT%H%M}")
    rota.save()
    tx.journal("rota.enquiry.refused", "rota", rota.id, locked=locked)
    return PinAnswer(right=False, locked=locked)


@performs(AskOnCall)
def ask_on_call(command: AskOnCall) -> tuple[Told, ...]:
    with practice(command.practice, actor=ASKER, purpose="who is on call", now=command.at) as tx:
        found = who_is_on_call(tx, command.about)
        tx.journal("rota.asked", "rota", None, person=command.actor or None)
        return tuple(Told(one.name, one.role, one.place, one.practice) for one in found.people)
