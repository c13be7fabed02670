"""Secret addresses: calendar feeds of one person or of the practice, and keys of the HTTP API. Only a hash of each is kept.

A feed tells names of staff and times: never a patient's, and not the reasons that people have typed.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions.perform import retried
from careline.actions.rota.calendar import calendar_between
from careline.actions.rota.changing import looking
from careline.core.errors import Refused
from careline.core.oncall.ical.write import events, events_of, to_ics
from careline.storage.ids import new_id
from careline.storage.lookups import practice_of_rota_key
from careline.storage.models import Membership, Practice, RotaKey
from careline.storage.rows import one
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.actions.rota.changing import Who

FEED, API = "feed", "api"
BACK, AHEAD = timedelta(days=31), timedelta(days=180)
READER = Actor.service("calendar feed")


@dataclass(frozen=True, slots=True)
class Made:
    """`token` is told once, to who made it."""

    row: UUID
    token: str


@retried
def make_key(who: Who, kind: str, person: UUID | None = None, label: str = "") -> Made:
    """A feed of `person` (everybody's when None), or a key of the API."""
    if kind not in (FEED, API):
        raise Refused("a key is for a feed or for the API")
    token, row = secrets.token_urlsafe(32), new_id()
    with looking(who) as tx:
        if person is not None:
            one(Membership.objects.all(), practice_id=tx.practice, person_id=person)
        RotaKey.objects.create(
            id=row,
            practice_id=tx.practice,
            kind=kind,
            person_id=person,
            label=label[:60],
            token_hash=hashed(token),
            made_at=tx.now,
            made_by_id=who.person,
        )
        tx.journal("rota.key.made", "rota_key", row, kind=kind, person=person)
    return Made(row, token)


@retried
def revoke_key(who: Who, row: UUID, *, anybodys: bool) -> None:
    """One's own; anybody's, for whoever keeps the rota."""
    with looking(who) as tx:
        found = one(RotaKey.objects.select_for_update(), practice_id=tx.practice, id=row)
        if not anybodys and found.person_id != who.person:
            raise Refused("this address is not yours to revoke")
        found.revoked_at = found.revoked_at or tx.now
        found.save()
        tx.journal("rota.key.revoked", "rota_key", row)


@dataclass(frozen=True, slots=True)
class Opened:
    practice: UUID
    key: UUID


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def opened_by(token: str) -> Opened | None:
    """Whose a secret is. The look-up goes by its hash, so nothing is learnt from how long it takes."""
    found = practice_of_rota_key(hashed(token))
    return Opened(*found) if found else None


@retried
def read_feed(token: str, now: datetime) -> str | None:
    """The feed as iCalendar text; None for a secret that opens none."""
    found = opened_by(token)
    if found is None:
        return None
    with practice(found.practice, actor=READER, purpose="calendar feed", now=now) as tx:
        key = RotaKey.objects.select_related("person").get(id=found.key)
        if key.kind != FEED or (key.person_id and not _works_here(key)):
            return None
        start, end = now - BACK, now + AHEAD
        calendar = calendar_between(tx, start, end)
        silent = replace(calendar, overrides=tuple(replace(each, reason="") for each in calendar.overrides))
        name = Practice.objects.values_list("name", flat=True).get(id=tx.practice)
        if key.person is not None:
            found_events, title = (
                events_of(silent, str(key.person_id), start, end),
                f"On call: {key.person.name}, {name}",
            )
        else:
            found_events, title = events(silent, start, end), f"On call: {name}"
        _used(tx.now, key)
        return to_ics(found_events, title, now)


def _works_here(key: RotaKey) -> bool:
    members = Membership.objects.filter(practice_id=key.practice_id, person=key.person, active=True)
    return members.filter(person__is_active=True).exists()


def _used(now: datetime, key: RotaKey) -> None:
    """Once a minute is enough to know that an address is in use."""
    if key.used_at is None or now - key.used_at > timedelta(minutes=1):
        key.used_at = now
        key.save()
