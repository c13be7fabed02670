"""Who is on call now, in the terms an escalation's steps use: names of layers, and people by their id in the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions.rota.calendar import calendar_between, channels_of
from careline.core.oncall.cover import ANY, ladder
from careline.core.oncall.escalation import CALLED
from careline.core.oncall.overrides import STAND_IN, stand_ins
from careline.core.ways import PUSH
from careline.storage.models import Membership, PushSubscription, Rota

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from careline.core.oncall.rules import Need
    from careline.storage.transactions import Tx

MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Reachable:
    """Somebody who can be paged, and how: addresses by channel, only those that work now. That of push is empty: whoever writes
    to it reads the person's browsers then."""

    person: UUID
    name: str
    language: str
    channels: Mapping[str, str]


def reachable(tx: Tx) -> dict[str, Reachable]:
    """Everybody here who can be reached at all, by the text of their person id."""
    members = Membership.objects.filter(practice_id=tx.practice, active=True, person__is_active=True)
    browsers = with_browsers(tx)
    found: dict[str, Reachable] = {}
    for member in members.select_related("person"):
        ways = channels_of(member)
        if str(member.person_id) in browsers:
            ways[PUSH] = ""
        if ways:
            person = member.person
            found[str(person.id)] = Reachable(person.id, person.name, person.language, ways)
    return found


def with_browsers(tx: Tx) -> set[str]:
    """Who has a browser that shows pages."""
    found = PushSubscription.objects.filter(practice_id=tx.practice).values_list("person_id", flat=True).distinct()
    return {str(person) for person in found}


def layers(tx: Tx, can_reach: Mapping[str, Reachable], need: Need = ANY) -> dict[str, tuple[str, ...]]:
    """The people behind each name a step can use, now and for this need; those who cannot be reached are left out.

    "on_call" is whoever is called first, the stand-ins where no layer has anybody; "second_call" and "third_call" are the
    layers after it, which may be empty; "backup" and "supervisor" are themselves, on call or not, unless they are away."""
    members = Membership.objects.filter(practice_id=tx.practice).values_list("staff_id", "person_id")
    named: dict[str, tuple[str, ...]] = {staff_id: (str(person),) for staff_id, person in members if staff_id}
    named |= dict.fromkeys((*CALLED, "backup", "supervisor"), ())
    if Rota.objects.filter(practice_id=tx.practice).exists():
        calendar = calendar_between(tx, tx.now, tx.now + MOMENT)
        rungs = ladder(calendar, tx.now, need)
        called = [rung for rung in rungs if rung[0].layer != STAND_IN] or rungs[:1]
        named |= {name: tuple(one.person for one in rung) for name, rung in zip(CALLED, called, strict=False)}
        away = {one.person for one in calendar.absences if one.start <= tx.now < one.end}
        named |= {str(one.why.stand_in): (one.person,) for one in stand_ins(calendar, away)}
    return {name: tuple(person for person in people if person in can_reach) for name, people in named.items()}
