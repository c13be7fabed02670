"""Holidays: days on which rules may hold, or not hold, and to which the office keeps closed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from careline.actions.perform import retried
from careline.actions.rota.changing import changing
from careline.core import toml
from careline.core.errors import Refused
from careline.core.oncall.tables import holiday_of, plain
from careline.storage.ids import new_id
from careline.storage.models import RotaHoliday
from careline.storage.rows import one

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from careline.actions.rota.changing import Who


def add_holiday(who: Who, table: Mapping[str, Any]) -> None:
    """`table` is in the words of `oncall.toml`. Raises `DataFileError` for a date that is none."""
    _add(who, [table])


def add_public_holidays(who: Who, source: str) -> None:
    """Those of a file of public holidays that are not there yet, by name."""
    _add(who, toml.parse(source, "public holidays").values["holidays"], skip_known=True)


@retried
def _add(who: Who, tables: Sequence[Mapping[str, Any]], *, skip_known: bool = False) -> None:
    with changing(replace(who, despite_gaps=True)) as change:
        rows = RotaHoliday.objects.filter(practice_id=who.practice, withdrawn_at=None)
        known = {str(row.table["name"]) for row in rows}
        for table in tables:
            if table["name"] in known:
                if skip_known:
                    continue
                raise Refused(f"{table['name']} is there already — take the old one out first")
            holiday_of(table)
            row = new_id()
            RotaHoliday.objects.create(
                id=row,
                practice_id=who.practice,
                table=plain(table),
                made_at=who.now,
                made_by_id=who.person,
            )
            change.tx.journal("rota.holiday.added", "rota_holiday", row)


@retried
def withdraw_holiday(who: Who, row: UUID) -> None:
    with changing(replace(who, despite_gaps=True)) as change:
        found = one(RotaHoliday.objects.select_for_update(), practice_id=who.practice, id=row, withdrawn_at=None)
        found.withdrawn_at = who.now
        found.save()
        change.tx.journal("rota.holiday.withdrawn", "rota_holiday", row)
