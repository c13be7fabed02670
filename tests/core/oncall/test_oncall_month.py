"""A month as a nurse reads it: every day, who, from when to when, and in words when nobody is there."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oncall_rotas import calendar, daily, local, ny, weekly

from careline.core.oncall.holidays import Holiday, On
from careline.core.oncall.month import Day, Page, month, week
from careline.core.oncall.rules import Absence

ROTA = calendar(
    weekly("week", "ana", "ben"),
    absences=(Absence("a", "ana", ny(2026, 1, 7, 12), ny(2026, 1, 7, 18)),),
    holidays=(Holiday("Martin Luther King Jr. Day", On((date(2026, 1, 19),))),),
)


def day(page: Page, wanted: date) -> Day:
    return next(one for weeks in page.weeks for one in weeks if one.date == wanted)


def told(page: Page, wanted: date) -> list[str]:
    return [entry.text for entry in day(page, wanted).entries]


def test_each_day_says_who_is_on_call_from_when_to_when() -> None:
    page = month(ROTA, 2026, 1)
    assert told(page, date(2026, 1, 11)) == ["all day: Dr. Ana"]
    assert told(page, date(2026, 1, 12)) == ["until 07:00: Dr. Ana", "from 07:00: Dr. Ben"]
    assert told(page, date(2026, 1, 7)) == [
        "until 12:00: Dr. Ana",
        "12:00 to 18:00: nobody on call, Dr. Second, Dr. Boss would be called",
        "from 18:00: Dr. Ana",
    ]
    assert day(page, date(2026, 1, 7)).away == ("Dr. Ana",)
    assert day(page, date(2026, 1, 19)).holiday == "Martin Luther King Jr. Day"
    assert day(page, date(2026, 1, 12)).entries[1].people[0].why == "rule week"


def test_a_month_is_whole_weeks_and_knows_which_days_are_its_own() -> None:
    page = month(ROTA, 2026, 2, week_start=6)
    days = [one for weeks in page.weeks for one in weeks]
    assert (days[0].date, days[-1].date, len(page.weeks)) == (date(2026, 2, 1), date(2026, 2, 28), 4)
    page = month(ROTA, 2026, 12)
    days = [one for weeks in page.weeks for one in weeks]
    assert (days[0].date, days[-1].date) == (date(2026, 11, 30), date(2027, 1, 3))
    assert [one.date.day for one in days if not one.in_month] == [30, 1, 2, 3]
    assert week(ROTA, date(2026, 1, 7)).weeks[0][0].date == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("zone", "changed", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("America/Phoenix", date(2026, 3, 8), 24),
        ("America/Santiago", date(2026, 9, 6), 23),
    ],
)
def test_nights_on_which_the_clock_changes_have_the_hours_they_have(zone: str, changed: date, hours: float) -> None:
    rota = calendar(daily("day", "ana", "ben", at=time(12)), zone=zone)
    page = month(rota, changed.year, changed.month)
    found = day(page, changed)
    assert found.hours == hours
    assert [entry.hours for entry in found.entries] == ["until 12:00", "from 12:00"]
    assert found.entries[0].start == local(zone, changed.year, changed.month, changed.day)


@given(st.integers(2000, 2100), st.integers(1, 12), st.integers(0, 6))
def test_every_instant_of_the_page_stands_on_it_once(year: int, number: int, week_start: int) -> None:
    page = month(ROTA, year, number, week_start=week_start)
    days = [one for weeks in page.weeks for one in weeks]
    entries = [entry for one in days for entry in one.entries]
    assert all(len(weeks) == 7 and weeks[0].date.weekday() == week_start for weeks in page.weeks)
    assert all(before.end == after.start for before, after in pairwise(entries))
    assert sum(one.in_month for one in days) >= 28


def test_the_page_lists_its_gaps() -> None:
    assert [entry.hours for entry in month(ROTA, 2026, 1).gaps] == ["all day"] * 7 + ["until 07:00", "12:00 to 18:00"]
