"""Who is on call now, in the terms an escalation's steps use: layers of the calendar, and people by their id in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.oncall.cover import who
from careline.core.oncall.rules import Calendar, Hours, Person, Rule, Standing
from careline.core.practice import Span
from careline.core.ways import PHONE, PUSH, SMS
from careline.storage.models import Membership, PushSubscription, Shift
from careline.storage.models import Practice as PracticeRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from careline.storage.transactions import Tx


@dataclass(frozen=True, slots=True)
class Reachable:
    """Somebody who can be paged, and how: addresses by channel, only those that work now. That of push is empty: whoever writes
    to it reads the person's browsers then."""

    person: UUID
    name: str
    language: str
    channels: Mapping[str, str]


def reachable(tx: Tx) -> dict[str, Reachable]:
    """Everybody here who can be reached at all, by the text of their person id. A locked PIN closes the telephone, for
    calls and texts."""
    members = Membership.objects.filter(practice_id=tx.practice, active=True, person__is_active=True)
    browsers = with_browsers(tx)
    found: dict[str, Reachable] = {}
    for member in members.select_related("person"):
        ways = {way["kind"]: way["address"] for way in member.channels if way.get("address") and not way.get("blocked")}
        if str(member.person_id) in browsers:
            ways[PUSH] = ""
        if member.pin_locked_at is not None:
            ways.pop(PHONE, None)
        if member.codes_locked_at is not None or member.pin_locked_at is not None:
            ways.pop(SMS, None)
        if ways:
            person = member.person
            found[str(person.id)] = Reachable(person.id, person.name, person.language, ways)
    return found


def with_browsers(tx: Tx) -> set[str]:
    """Who has a browser that shows pages."""
    found = PushSubscription.objects.filter(practice_id=tx.practice).values_list("person_id", flat=True).distinct()
    return {str(person) for person in found}


def layers(tx: Tx, can_reach: Mapping[str, Reachable]) -> dict[str, tuple[str, ...]]:
    """The people of each layer, and of each staff id, now; those who cannot be reached are left out."""
    rows = list(Shift.objects.filter(practice_id=tx.practice))
    standing = {
        layer: tuple(dict.fromkeys(str(row.person_id) for row in rows if row.layer == layer))
        for layer in ("backup", "supervisor")
    }
    calendar = _calendar(tx, rows, standing, can_reach)
    on_call = tuple(one.person for one in who(calendar, tx.now)) if calendar.rules else standing["backup"]
    staff = Membership.objects.filter(practice_id=tx.practice).values_list("staff_id", "person_id")
    named = {**standing, "on_call": on_call, **{staff_id: (str(person),) for staff_id, person in staff if staff_id}}
    return {name: tuple(person for person in people if person in can_reach) for name, people in named.items()}


def _calendar(
    tx: Tx, rows: list[Shift], standing: Mapping[str, tuple[str, ...]], can_reach: Mapping[str, Reachable]
) -> Calendar:
    rules = tuple(
        Rule(
            id=str(row.id),
            pattern=Standing((str(row.person_id),)),
            hours=(Hours((row.weekday,), Span(row.starts, row.ends)),),
            together=True,
        )
        for row in rows
        if row.layer == "on_call" and str(row.person_id) in can_reach
    )
    return Calendar(
        practice=str(tx.practice),
        timezone=PracticeRow.objects.values_list("zone", flat=True).get(id=tx.practice),
        people=tuple(Person(key, one.name, tuple(one.channels)) for key, one in can_reach.items()),
        rules=rules,
        backup=next(iter(standing["backup"]), ""),
        supervisor=next(iter(standing["supervisor"]), ""),
    )
