"""A rota with something in every table, entered by the manager of the practice, for pages to show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from careline.actions.rota.absences import record_absence
from careline.actions.rota.changing import Who
from careline.actions.rota.holidays import add_holiday
from careline.actions.rota.importing import Upload, import_shifts
from careline.actions.rota.keys import FEED, make_key
from careline.actions.rota.overrides import Wanted, override
from careline.actions.rota.rules import save_rule
from careline.actions.rota.swaps import propose_swap
from careline.core.oncall.changes import Part
from careline.core.oncall.rules import Change
from careline.storage.models import Membership, RotaHoliday
from careline.storage.transactions import Actor, practice


def people(of: UUID, now: datetime) -> dict[str, UUID]:
    """By the id in the practice's file."""
    with practice(of, actor=Actor.service("test"), purpose="test", now=now):
        return dict(Membership.objects.filter(practice_id=of).values_list("staff_id", "person_id"))


def keeper(of: UUID, now: datetime, *, despite_gaps: bool = False, by: str = "lindgren") -> Who:
    return Who(of, Actor.person(people(of, now)[by]), now, despite_gaps)


def rows(of: UUID, now: datetime) -> dict[str, UUID]:
    who, staff = keeper(of, now), people(of, now)
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    heart: dict[str, Any] = {"id": "heart", "specialty": "cardiology", "people": [str(staff["okafor"])]}
    made = {
        "rule_id": save_rule(who, heart).row,
        "override_id": override(
            who, Wanted(Change.ADD, hour, hour + timedelta(hours=3), staff["lindgren"], reason="busy night")
        ).row,
        "absence_id": record_absence(who, staff["rivera"], hour + timedelta(days=9), hour + timedelta(days=9.2)).row,
    }
    first = Part(str(staff["okafor"]), "heart", hour + timedelta(days=20), hour + timedelta(days=21))
    made["swap_id"] = propose_swap(who, first, staff["lindgren"]).row
    add_holiday(who, {"name": "Founders' Day", "date": "03-09", "moved": "nearest"})
    with practice(of, actor=Actor.service("test"), purpose="test", now=now):
        made["holiday_id"] = RotaHoliday.objects.get(practice_id=of).id
    made["key_id"] = make_key(who, FEED, label="the wall").row
    return made


def imported(of: UUID, now: datetime) -> UUID:
    """A list of one shift, as brought over from another program; a week ahead."""
    day = f"{now + timedelta(days=7):%Y%m%d}"
    text = f"""BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
SUMMARY:Ben Okafor
DTSTART:{day}T170000Z
DTEND:{day}T230000Z
END:VEVENT
END:VCALENDAR
"""
    return import_shifts(keeper(of, now, despite_gaps=True), Upload("rota.ics", text, "imported", layer=3)).row
