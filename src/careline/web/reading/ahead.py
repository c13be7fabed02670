"""Reads the changes and absences that are still to come, or under way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core.oncall.telling import stretch
from careline.storage.models import Membership, RotaAbsence, RotaOverride
from careline.web.seen.oncall import Ahead

if TYPE_CHECKING:
    from uuid import UUID

    from careline.core.oncall.rules import Calendar
    from careline.storage.transactions import Tx

_LONGEST = timedelta(days=366)
_MOST = 60


def read_ahead(tx: Tx, calendar: Calendar, person: UUID, *, may_change: bool) -> tuple[Ahead, ...]:
    zone = ZoneInfo(calendar.timezone)
    coming = {"practice_id": tx.practice, "withdrawn_at": None, "ends_at__gt": tx.now}
    coming["starts_at__gte"] = tx.now - _LONGEST
    changes = RotaOverride.objects.filter(**coming).order_by("starts_at")[:_MOST]
    absences = RotaAbsence.objects.filter(**coming).order_by("starts_at")[:_MOST]
    names = dict(Membership.objects.filter(practice_id=tx.practice).values_list("person_id", "person__name"))
    rows = [
        (
            row.starts_at,
            Ahead(
                row.id,
                "override",
                stretch(zone, row.starts_at, row.ends_at),
                _told(row, names),
                names.get(row.made_by_id, "") if row.made_by_id else "the practice's file",
                row.reason,
                may_change or row.made_by_id == person,
            ),
        )
        for row in changes
    ]
    rows += [
        (
            row.starts_at,
            Ahead(
                row.id,
                "absence",
                stretch(zone, row.starts_at, row.ends_at),
                f"{names.get(row.person_id, 'somebody')} is away",
                names.get(row.made_by_id, "") if row.made_by_id else "the practice's file",
                row.reason,
                may_change or row.person_id == person,
            ),
        )
        for row in absences
    ]
    return tuple(one for _, one in sorted(rows, key=lambda found: found[0]))


def _told(row: RotaOverride, names: dict[UUID, str]) -> str:
    comes = names.get(row.person_id, "") if row.person_id else ""
    goes = names.get(row.leaves_id, "") if row.leaves_id else ""
    of = f", {row.rule}" if row.rule else ""
    if row.change == "add":
        return f"{comes} is added{of}"
    if row.change == "remove":
        return f"{goes} is taken off{of}"
    return f"{comes} in place of {goes or 'everybody'}{of}"
