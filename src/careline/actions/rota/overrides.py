"""Changes for a time: somebody more, less, or in another's place; a duty taken over at once; a change taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions.perform import retried
from careline.actions.rota.calendar import must_be_reachable
from careline.actions.rota.changing import changing, looking
from careline.core.errors import Refused
from careline.core.oncall import changes
from careline.core.oncall.rules import Change, Override
from careline.storage.ids import new_id
from careline.storage.models import RotaOverride
from careline.storage.rows import one

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.actions.rota.changing import Changing, Who

MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`person` comes, `leaves` goes, in `rule` (empty: in all of them), or in `layer` when somebody is added for everything."""

    change: Change
    start: datetime
    end: datetime
    person: UUID | None = None
    leaves: UUID | None = None
    rule: str = ""
    layer: int = 1
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """The row made or changed, and what the change leaves missing, told in sentences."""

    row: UUID
    gaps: tuple[str, ...] = ()


@retried
def override(who: Who, wanted: Wanted) -> Changed:
    """Raises `Refused` for a change that does nothing, has passed, or brings somebody who is away or cannot be reached."""
    if wanted.end <= who.now:
        raise Refused("this time has passed — choose one to come")
    with changing(who, wanted.start, wanted.end) as change:
        if wanted.person is not None:
            must_be_reachable(change.calendar, str(wanted.person))
        row = new_id()
        changes.with_override(change.calendar, _value(row, wanted))
        write(change, row, wanted, who.person)
    return Changed(row, change.gaps)


@retried
def take_over(who: Who, by: UUID, colleague: UUID, until: datetime | None = None) -> Changed:
    """`by` is on call in the colleague's place from this minute, until the shift ends or `until`."""
    with changing(who, who.now, until or who.now + MONTH) as change:
        must_be_reachable(change.calendar, str(by))
        row = new_id()
        made = changes.take_over(change.calendar, str(by), str(colleague), who.now, str(row), until)
        wanted = Wanted(Change.REPLACE, made.start, made.end, by, colleague, reason=made.reason)
        write(change, row, wanted, who.person)
    return Changed(row, change.gaps)


@retried
def withdraw_override(who: Who, row: UUID) -> Changed:
    """Take a change back: the part of it that has passed stays as it was."""
    with looking(who) as tx:
        end = one(RotaOverride.objects.all(), practice_id=tx.practice, id=row).ends_at
    with changing(who, who.now, end) as change:
        found = one(RotaOverride.objects.select_for_update(), practice_id=change.tx.practice, id=row, withdrawn_at=None)
        if found.ends_at <= who.now:
            raise Refused("this change has passed — it stays on record")
        if found.starts_at < who.now:
            found.ends_at = who.now
        else:
            found.withdrawn_at = who.now
        found.withdrawn_by_id = who.person
        found.save()
        change.tx.journal("rota.override.withdrawn", "rota_override", row)
    return Changed(row, change.gaps)


def write(change: Changing, row: UUID, wanted: Wanted, by: UUID | None, swap: UUID | None = None) -> None:
    tx = change.tx
    RotaOverride.objects.create(
        id=row,
        practice_id=tx.practice,
        change=wanted.change.value,
        person_id=wanted.person,
        leaves_id=wanted.leaves,
        rule=wanted.rule,
        layer=wanted.layer,
        starts_at=wanted.start,
        ends_at=wanted.end,
        reason=wanted.reason[:200],
        swap_id=swap,
        made_at=tx.now,
        made_by_id=by,
    )
    tx.journal(
        "rota.override.made",
        "rota_override",
        row,
        change=wanted.change.value,
        person=wanted.person,
        leaves=wanted.leaves,
        start=f"{wanted.start:%Y-%m-%dT%H:%MZ}",
        end=f"{wanted.end:%Y-%m-%dT%H:%MZ}",
    )


def _value(row: UUID, wanted: Wanted) -> Override:
    return Override(
        str(row), wanted.change, wanted.start, wanted.end, str(wanted.person or ""), str(wanted.leaves or ""),
        wanted.rule, wanted.layer, reason=wanted.reason,
    )  # fmt: skip
