"""Shifts kept in the database are right when clocks change, on 29 February and over New Year, in every kind of zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

import rotas
from careline.actions.rota.ask import ask
from careline.actions.rota.calendar import calendar_between
from careline.actions.rota.overrides import Wanted, override
from careline.actions.rota.rules import save_rule
from careline.core.oncall.cover import who
from careline.core.oncall.rules import Change, Need
from careline.core.oncall.wall import instant, wall
from careline.storage.transactions import Actor, practice
from careline.testing.clock import MovableClock
from database import ROOT, TestDatabase, load_text

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SPECIAL = [(2028, 2, 28), (2028, 2, 29), (2028, 3, 1), (2027, 12, 31), (2028, 1, 1)]
CHANGES = {
    "America/New_York": [(2028, 3, 12), (2028, 11, 5)],
    "Europe/London": [(2028, 3, 26), (2028, 10, 29)],
    "Australia/Lord_Howe": [(2028, 4, 2), (2028, 10, 1)],  # by half an hour
    "America/Phoenix": [],  # never
    "Asia/Kolkata": [],  # half an hour beside the others, always
    "Australia/Sydney": [(2028, 4, 2), (2028, 10, 1)],
    "America/Santiago": [(2028, 4, 2), (2028, 9, 3)],  # at midnight
}


def first_shown(zone: ZoneInfo, day: date, hour: int, minute: int) -> datetime:
    """Found the slow way: the first minute of the day at which the clock shows this time or a later one."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=14)
    while (local := at.astimezone(zone)).date() < day or (
        local.date() == day and (local.hour, local.minute) < (hour, minute)
    ):
        at += MINUTE
    return at


@pytest.mark.parametrize("name", CHANGES)
def test_a_daily_hand_off_happens_once_and_at_its_time(db: TestDatabase, name: str) -> None:
    source = (ROOT / "practices" / "demo" / "practice.toml").read_text().replace("America/New_York", name)
    clock = MovableClock(datetime(2027, 12, 1, 12, tzinfo=UTC))
    of, now = load_text(source, clock), clock.now()
    staff, zone = rotas.people(of, now), ZoneInfo(name)
    turns = [str(staff[one]) for one in ("rivera", "okafor")]
    for hand_off in ("02:15", "00:10"):
        table = {"id": hand_off, "role": hand_off, "people": turns, "every": "day", "hand_off": hand_off}
        save_rule(rotas.keeper(of, now), {**table, "first": "2027-12-01"})
    with practice(of, actor=Actor.service("test"), purpose="test", now=now) as tx:
        calendar = calendar_between(tx, now, now + timedelta(days=400))
    names = {str(person): staff_id for staff_id, person in staff.items()}
    for hand_off in ("02:15", "00:10"):
        for day in (date(*parts) for parts in (*CHANGES[name], *SPECIAL)):
            at = first_shown(zone, day, *map(int, hand_off.split(":")))
            expected = ("rivera", "okafor")[(day - date(2027, 12, 1)).days % 2]
            need = Need(role=hand_off)
            found = [
                [names[one.person] for one in who(calendar, at + after, need)]
                for after in (-MINUTE, MINUTE * 0, HOUR, 2 * HOUR, 12 * HOUR)
            ]
            other = "okafor" if expected == "rivera" else "rivera"
            assert found == [[other], *([expected],) * 4], (name, day)


def test_an_override_over_a_skipped_hour_is_as_long_as_the_night(db: TestDatabase) -> None:
    """From 19:00 to 07:00 on the night in March: eleven hours, and the same people a minute before and after."""
    clock = MovableClock(datetime(2028, 3, 11, 12, tzinfo=UTC))
    of = load_text((ROOT / "practices" / "demo" / "practice.toml").read_text(), clock)
    staff, zone = rotas.people(of, clock.now()), ZoneInfo("America/New_York")
    start, end = instant(zone, wall(date(2028, 3, 11), time(19))), instant(zone, wall(date(2028, 3, 12), time(7)))
    assert end - start == timedelta(hours=11)
    override(rotas.keeper(of, clock.now()), Wanted(Change.REPLACE, start, end, staff["rivera"], staff["okafor"]))
    found = [_first(of, at, Need()) for at in (start - MINUTE, start, end - MINUTE, end)]
    assert found == ["okafor", "rivera", "rivera", "okafor"]


def _first(of: UUID, at: datetime, need: Need) -> str:
    return ask(of, Actor.service("test"), datetime(2027, 12, 1, tzinfo=UTC), at, need).people[0].staff_id
