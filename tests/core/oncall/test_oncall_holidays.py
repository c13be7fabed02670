"""Holidays fall, and move, as their law says."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careline.core.errors import DataFileError
from careline.core.oncall.holidays import Holiday, Moved, Yearly, easter, holiday, parse_holidays


def public(name: str) -> tuple[Holiday, ...]:
    text = (files("careline.core.oncall") / "public_holidays" / f"{name}.toml").read_text()
    return parse_holidays(text, name)


def on(name: str, *days: date) -> list[str]:
    return [holiday(public(name), day) for day in days]


def test_us_federal_holidays_move_to_the_nearest_weekday_even_into_the_old_year() -> None:
    """New Year's Day 2028 is a Saturday: observed on Friday 31 December 2027. Independence Day 2027 is a Sunday."""
    observed = on("us", date(2027, 12, 31), date(2028, 1, 1), date(2027, 7, 4), date(2027, 7, 5), date(2026, 7, 3))
    assert observed == [
        "New Year's Day (observed)", "New Year's Day", "Independence Day", "Independence Day (observed)",
        "Independence Day (observed)",
    ]  # fmt: skip


def test_us_holidays_of_2026() -> None:
    """As listed by the Office of Personnel Management."""
    days = [(1, 1), (1, 19), (2, 16), (5, 25), (6, 19), (7, 3), (9, 7), (10, 12), (11, 11), (11, 26), (12, 25)]
    assert all(on("us", *(date(2026, month, day) for month, day in days)))
    found = [
        day for day in (date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(365)) if on("us", day)[0]
    ]
    assert len(found) == len(days) + 1  # 4 July itself, a Saturday, beside the Friday


def test_english_bank_holidays_over_christmas_move_past_one_another() -> None:
    """2021: Saturday and Sunday become Monday and Tuesday. 2022: Sunday becomes Tuesday, Boxing Day stays on Monday."""
    days = [date(2021, 12, 27), date(2021, 12, 28), date(2022, 12, 26), date(2022, 12, 27), date(2022, 12, 28)]
    assert on("gb-eng", *days) == [
        "Christmas Day (observed)", "Boxing Day (observed)", "Boxing Day", "Christmas Day (observed)", "",
    ]  # fmt: skip
    assert on("gb-eng", date(2026, 4, 3), date(2026, 4, 6)) == ["Good Friday", "Easter Monday"]


@pytest.mark.parametrize(
    "day", [(1961, 4, 2), (2000, 4, 23), (2011, 4, 24), (2024, 3, 31), (2025, 4, 20), (2038, 4, 25)]
)
def test_easter_falls_on_its_sunday(day: tuple[int, int, int]) -> None:
    assert easter(day[0]) == date(*day)


@given(st.integers(1900, 2199))
def test_easter_is_a_sunday_in_spring(year: int) -> None:
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


def test_a_holiday_on_the_twenty_ninth_of_february_falls_in_leap_years_only() -> None:
    leap = (Holiday("Leap Day", Yearly(2, 29)),)
    assert holiday(leap, date(2028, 2, 29)) == "Leap Day"
    assert not holiday(leap, date(2027, 3, 1))


def test_a_moved_holiday_may_leave_its_own_day_free() -> None:
    only_observed = (Holiday("Day", Yearly(7, 4), Moved.NEAREST, both=False),)
    assert [holiday(only_observed, date(2026, 7, day)) for day in (3, 4)] == ["Day (observed)", ""]


@pytest.mark.parametrize(
    "written",
    ['"02-30"', '"13-01"', '"5th mon of 01"', '"easter + x"', "[]", '["2026-01-01"]', "2026-01-01", "7", '""'],
)
def test_a_date_that_is_none_is_refused_with_its_line_and_mend(written: str) -> None:
    with pytest.raises(DataFileError, match=r"days\.toml:3: .* — write a date as"):
        parse_holidays(f'[[holidays]]\nname = "x"\ndate = {written}\n', "days.toml")


def test_dates_may_be_written_one_by_one() -> None:
    listed = parse_holidays('[[holidays]]\nname = "Diwali"\ndate = [2026-11-08, 2027-10-29]\n', "days.toml")
    assert holiday(listed, date(2027, 10, 29)) == "Diwali"
