"""Put a practice's file into force: its lines, people, shifts and the file itself, which every contact then refers to."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError

from careline.actions.rota.load import load_rota
from careline.core.errors import Refused
from careline.core.oncall.file import weekly_rota
from careline.storage import keys
from careline.storage.ids import new_id
from careline.storage.models import DataKey, Line, Membership, Person, PracticeFile
from careline.storage.models import Practice as PracticeRow
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.core.oncall.file import RotaFile
    from careline.core.practice import Practice, StaffMember
    from careline.storage.transactions import Tx

PIN_ROUNDS = 200_000


@dataclass(frozen=True, slots=True)
class Loaded:
    practice: UUID
    changed: bool


def load_practice(file: Practice, source: str, actor: Actor, now: datetime, rota: RotaFile | None = None) -> Loaded:
    """`source` is the text `file` was parsed from, `rota` that of its `oncall.toml`, when it has one. The same texts again
    change nothing. People who left the files keep their names in the record and lose their access."""
    rota = rota or weekly_rota(file, "practice.toml")
    emails = [member.email.lower() for member in (*file.staff, *rota.guests)]
    if len(set(emails)) != len(emails):
        raise Refused("two people of this practice have the same e-mail address: each signs in with one of their own")
    known = PracticeRow.objects.filter(slug=file.id).first()
    practice_id = known.id if known else new_id()
    sha256 = hashlib.sha256("\0".join(filter(None, (source, rota.source))).encode()).hexdigest()
    with practice(practice_id, actor=actor, purpose="set up practice", now=now) as tx:
        if known is None:
            PracticeRow.objects.create(id=practice_id, slug=file.id)
        if not DataKey.objects.filter(practice_id=practice_id).exists():
            keys.make(practice_id)
        newest = PracticeFile.objects.order_by("-id").first()
        if newest is not None and newest.sha256 == sha256:
            return Loaded(practice_id, changed=False)
        PracticeRow.objects.filter(id=practice_id).update(name=file.name, zone=file.timezone, live=file.live)
        PracticeFile.objects.create(practice_id=practice_id, sha256=sha256, source=source, loaded_at=now)
        _lines(tx, file)
        people = {member.id: _member(tx, member) for member in file.staff}
        people |= {guest.id: _member(tx, guest, rota.home_of(guest.id)) for guest in rota.guests}
        Membership.objects.exclude(staff_id__in=people).update(active=False)
        load_rota(tx, file, rota, people)
        tx.journal("practice.loaded", "practice", practice_id, sha256=sha256)
    return Loaded(practice_id, changed=True)


def give_first_passwords(password: str) -> None:
    """Let everybody who has no password yet sign in with this one: for the demo, which says so in a banner."""
    unused = Person.objects.filter(password__startswith="!")  # noqa: S106 - how Django marks a password nobody has chosen
    unused = unused.exclude(email__endswith=".invalid")  # nobody at all
    unused.update(password=make_password(password))


def _lines(tx: Tx, file: Practice) -> None:
    lines = {line.number: line for line in file.lines}
    Line.objects.exclude(number__in=lines).update(active=False)
    for number, line in lines.items():
        what = {"mode": line.mode.value, "specialty": line.specialty, "location": line.location}
        try:
            Line.objects.update_or_create(number=number, defaults={"practice_id": tx.practice, "active": True, **what})
        except IntegrityError as error:
            raise Refused(
                f"{number} is the line of another practice here: take it out of one of the two files"
            ) from error


def _member(tx: Tx, member: StaffMember, of_practice: str = "") -> Person:
    email = member.email.lower()
    person, _ = Person.objects.get_or_create(
        email=email, defaults={"name": member.name, "language": member.languages[0], "password": "!"}
    )
    # Somebody else had this id before: they keep their place in the record and lose it at the practice.
    before = Membership.objects.filter(staff_id=member.id).exclude(person=person).first()
    if before is not None:
        Membership.objects.filter(id=before.id).update(active=False, staff_id=f"was:{before.id.hex}"[:40])
    salt, hashed = hash_pin(member.pin) if member.pin else (b"", b"")
    Membership.objects.update_or_create(
        practice_id=tx.practice,
        person=person,
        defaults={
            "role": member.role.value,
            "staff_id": member.id,
            "active": True,
            "of_practice": of_practice,
            "channels": _ways(member),
            "pin_salt": salt,
            "pin_hash": hashed,
            "pin_locked_at": None,
            "wrong_codes": 0,
            "codes_locked_at": None,
        },
    )
    return person


def _ways(member: StaffMember) -> list[dict[str, str]]:
    ways = {"phone": member.phone, "sms": member.sms, "pager": member.pager, "email": member.email.lower()}
    return [{"kind": kind, "address": address} for kind, address in ways.items() if address]


def hash_pin(pin: str) -> tuple[bytes, bytes]:
    """Salt and hash as `ports.PageScript` wants them."""
    salt = os.urandom(16)
    return salt, hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, PIN_ROUNDS)
