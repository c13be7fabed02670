"""Somebody is away: for a part of a day or for weeks. Never refused for the gap it leaves; the gap is told at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from careline.actions.perform import retried
from careline.actions.rota.changing import changing
from careline.actions.rota.overrides import Changed
from careline.core.errors import Refused
from careline.core.oncall.changes import with_absence
from careline.core.oncall.rules import Absence
from careline.storage.ids import new_id
from careline.storage.models import RotaAbsence
from careline.storage.rows import one

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.actions.rota.changing import Who


@retried
def record_absence(who: Who, person: UUID, start: datetime, end: datetime, reason: str = "") -> Changed:
    if end <= who.now:
        raise Refused("this time has passed — choose one to come")
    with changing(replace(who, despite_gaps=True), start, end) as change:
        change.calendar.person(str(person))
        row = new_id()
        with_absence(change.calendar, Absence(str(row), str(person), start, end, reason))
        RotaAbsence.objects.create(
            id=row,
            practice_id=change.tx.practice,
            person_id=person,
            starts_at=start,
            ends_at=end,
            reason=reason[:200],
            made_at=change.tx.now,
            made_by_id=who.person,
        )
        times = {"start": f"{start:%Y-%m-%dT%H:%MZ}", "end": f"{end:%Y-%m-%dT%H:%MZ}"}
        change.tx.journal("rota.absence.made", "rota_absence", row, person=person, **times)
    return Changed(row, change.gaps)


@retried
def end_absence(who: Who, row: UUID) -> Changed:
    """They are back (or will not be away after all)."""
    with changing(who) as change:
        found = one(RotaAbsence.objects.select_for_update(), practice_id=change.tx.practice, id=row, withdrawn_at=None)
        if found.ends_at <= who.now:
            raise Refused("this absence has ended already")
        if found.starts_at < who.now:
            found.ends_at = who.now
        else:
            found.withdrawn_at = who.now
        found.save()
        change.tx.journal("rota.absence.ended", "rota_absence", row)
    return Changed(row, change.gaps)


def whose_absence(practice: UUID, row: UUID) -> UUID:
    """The person who is away: they may end it themselves."""
    return one(RotaAbsence.objects.all(), practice_id=practice, id=row).person_id
