"""Who is on call now, or at another time: the one look-up behind the page, the API, the command and the telephone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions.perform import retried
from careline.actions.rota.calendar import calendar_between
from careline.actions.rota.keys import API, opened_by
from careline.core.errors import Refused
from careline.core.oncall.cover import ANY, FIRST, ladder, looks, rules_for
from careline.core.oncall.gaps import desk_hours
from careline.core.oncall.overrides import STAND_IN, explain
from careline.core.oncall.telling import missing, told
from careline.storage.models import Membership, Practice, RotaKey
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.core.oncall.rules import Calendar, Need
    from careline.storage.transactions import Tx

_REACH = timedelta(days=366 * 10)
_MONTH = timedelta(days=31)
_PLACES = {1: "on_call", 2: "second_call", 3: "third_call"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody to reach, in the order of calling. `place`: on_call, second_call, third_call, layer_4 …, backup, supervisor.
    `until` is when their place ends (None: not within a month)."""

    person: UUID
    staff_id: str
    name: str
    role: str
    practice: str
    place: str
    why: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OnCallAt:
    """`gap` says that nobody of the first layer is on call; `desk` that the office itself answers then."""

    at: datetime
    zone: str
    people: tuple[Standing, ...]
    gap: bool
    desk: bool


def who_is_on_call(tx: Tx, at: datetime, need: Need = ANY, known: Calendar | None = None) -> OnCallAt:
    """Inside a transaction. `known` is a calendar that is right for the month from `at`, if there is one at hand. Raises
    `Refused` for a time out of reach."""
    if abs(at - tx.now) > _REACH:
        raise Refused("this is more than ten years away — ask for a nearer time")
    calendar = known or calendar_between(tx, at, at + _MONTH)
    rungs = ladder(calendar, at, need)
    called = [one for rung in rungs for one in rung]
    members = {
        str(member.person_id): member
        for member in Membership.objects.filter(practice_id=tx.practice).select_related("person")
    }
    people: list[Standing] = []
    for one in called:
        member = members[one.person]
        place = _PLACES.get(one.layer, f"layer_{one.layer}") if one.layer != STAND_IN else str(one.why.stand_in)
        people.append(
            Standing(
                person=member.person_id,
                staff_id=member.staff_id,
                name=member.person.name,
                role=member.role,
                practice=member.of_practice,
                place=place,
                why=explain(calendar, one),
                until=_until(calendar, one.person, at, need) if one.layer != STAND_IN else None,
            )
        )
    gap = all(one.layer != FIRST for one in called)
    return OnCallAt(
        at, calendar.timezone, tuple(people), gap, bool(desk_hours(calendar, at, at + timedelta(seconds=1)))
    )


def _until(calendar: Calendar, person: str, at: datetime, need: Need) -> datetime | None:
    """Until when they have a place on call for this need without a break, whatever rule it is by."""
    for look in looks(calendar, rules_for(calendar, need), at, at + _MONTH):
        if person in look.away or all(slot.holder != person for slot in look.places):
            return look.start
    return None


def ask(practice_id: UUID, actor: Actor, now: datetime, at: datetime, need: Need = ANY) -> OnCallAt:
    """In a transaction of its own, and in the journal."""
    with practice(practice_id, actor=actor, purpose="who is on call", now=now) as tx:
        tx.journal("rota.asked", "rota", None)
        return who_is_on_call(tx, at, need)


@retried
def ask_by_key(token: str, slug: str, now: datetime, at: datetime, need: Need = ANY) -> OnCallAt | None:
    """For whoever holds a key of the API; None when this one does not open this practice."""
    found = opened_by(token)
    if found is None or not Practice.objects.filter(id=found.practice, slug=slug).exists():
        return None
    with practice(found.practice, actor=Actor.service("api"), purpose="who is on call", now=now) as tx:
        if not RotaKey.objects.filter(id=found.key, kind=API).exists():
            return None
        tx.journal("rota.asked", "rota_key", found.key)
        return who_is_on_call(tx, at, need)


@dataclass(frozen=True, slots=True)
class Here:
    id: UUID
    name: str
    zone: str


def practice_named(slug: str) -> Here:
    found = Practice.objects.filter(slug=slug).first()
    if found is None:
        raise Refused(f"no practice here is called {slug!r} — load its file first")
    return Here(found.id, found.name, found.zone)


def missing_ahead(practice_id: UUID, actor: Actor, now: datetime, days: int) -> tuple[str, ...]:
    """What is missing in the days ahead, in sentences."""
    if not 1 <= days <= 366:
        raise Refused("look 1 to 366 days ahead")
    end = now + timedelta(days=days)
    with practice(practice_id, actor=actor, purpose="who is on call", now=now) as tx:
        tx.journal("rota.asked", "rota", None)
        calendar = calendar_between(tx, now, end)
        return tuple(told(calendar, one) for one in missing(calendar, now, end))
