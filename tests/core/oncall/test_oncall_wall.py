"""A hand-off happens once on every night of the year: the first time the clock shows it, or jumps over it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oncall_rotas import calendar, daily, local, weekly

from careline.core.errors import Refused
from careline.core.oncall.cover import shifts, who
from careline.core.oncall.rules import Hours, Rule, Standing
from careline.core.oncall.wall import instant, utc, wall
from careline.core.spans import Span

ZONES = (
    "America/New_York", "America/Los_Angeles", "America/Phoenix", "America/St_Johns", "America/Santiago",
    "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "UTC",
)  # fmt: skip


@given(st.sampled_from(ZONES), st.integers(0, 40 * 366 * 1440), st.integers(0, 3000))
def test_a_later_time_on_the_wall_is_never_an_earlier_instant(zone: str, minutes: int, later: int) -> None:
    start = wall(date(1995, 1, 1), time(0)) + minutes
    assert instant(ZoneInfo(zone), start) <= instant(ZoneInfo(zone), start + later)


@given(st.sampled_from(ZONES), st.integers(0, 40 * 366 * 1440))
def test_the_clock_shows_the_time_at_its_instant_unless_it_jumped_over_it(zone: str, minutes: int) -> None:
    here, start = ZoneInfo(zone), wall(date(1995, 1, 1), time(0)) + minutes
    at = instant(here, start)
    shows = at.astimezone(here).replace(tzinfo=None)
    wanted = datetime.combine(date.fromordinal(start // 1440), time(start % 1440 // 60, start % 60))
    if shows != wanted:
        just_before = (at - timedelta(seconds=1)).astimezone(here).replace(tzinfo=None)
        assert just_before < wanted < shows


@pytest.mark.parametrize(
    ("zone", "at", "happens"),
    [
        ("America/New_York", (2026, 3, 8, 1, 59), "06:59"),  # 02:00 EST becomes 03:00 EDT at 07:00 UTC
        ("America/New_York", (2026, 3, 8, 2, 30), "07:00"),
        ("America/New_York", (2026, 3, 8, 3, 0), "07:00"),
        ("America/New_York", (2026, 11, 1, 1, 30), "05:30"),  # shown at 05:30 and 06:30 UTC
        ("America/New_York", (2026, 11, 1, 2, 0), "07:00"),
        ("Europe/London", (2026, 3, 29, 1, 30), "01:00"),
        ("Europe/London", (2026, 10, 25, 1, 30), "00:30"),
        ("Australia/Lord_Howe", (2026, 10, 4, 2, 15), "15:30"),  # half an hour: 02:00 becomes 02:30
        ("Australia/Lord_Howe", (2026, 4, 5, 1, 45), "14:45"),  # shown at 14:45 and 15:15 UTC
        ("America/Phoenix", (2026, 3, 8, 2, 30), "09:30"),
        ("Asia/Kolkata", (2026, 3, 8, 2, 30), "21:00"),
        ("America/Santiago", (2026, 9, 6, 0, 0), "04:00"),  # midnight itself is jumped over
    ],
)
def test_hand_offs_on_the_nights_that_clocks_change(zone: str, at: tuple[int, ...], happens: str) -> None:
    year, month, day, hour, minute = at
    found = instant(ZoneInfo(zone), wall(date(year, month, day), time(hour, minute)))
    assert f"{found:%H:%M}" == happens


def test_a_night_shift_ends_at_seven_on_both_nights_and_is_eleven_or_thirteen_hours_long() -> None:
    nights = Rule("nights", Standing(("ana",)), hours=(Hours((5,), Span(time(19), time(7))),))
    rota = calendar(nights)
    spring, autumn = (
        next(shift for shift in shifts(rota, start, start + timedelta(days=2)) if shift.people[0].why.rule)
        for start in (local("America/New_York", 2026, 3, 7), local("America/New_York", 2026, 10, 31))
    )
    assert spring.end == local("America/New_York", 2026, 3, 8, 7)
    assert spring.end - spring.start == timedelta(hours=11)
    assert autumn.end == local("America/New_York", 2026, 11, 1, 7)
    assert autumn.end - autumn.start == timedelta(hours=13)


def test_hand_offs_inside_the_jump_leave_no_hole_and_no_overlap() -> None:
    """02:10 and 02:50 do not exist that night: the middle shift vanishes, nobody is on call twice or not at all."""
    spans = ((time(0), time(2, 10), "ana"), (time(2, 10), time(2, 50), "ben"), (time(2, 50), time(0), "cleo"))
    everyday = tuple(range(7))
    rules = [Rule(name, Standing((name,)), hours=(Hours(everyday, Span(a, b)),)) for a, b, name in spans]
    start = local("America/New_York", 2026, 3, 8)
    cover = shifts(calendar(*rules), start, start + timedelta(hours=23))
    assert [(shift.people[0].person, f"{shift.start:%H:%M}") for shift in cover] == [
        ("ana", "05:00"),
        ("cleo", "07:00"),
    ]


@pytest.mark.parametrize("zone", ZONES[:8])
def test_a_weekly_hand_off_stays_at_its_hour_all_year(zone: str) -> None:
    rota = calendar(weekly("week", "ana", "ben", at=time(17)), zone=zone)
    start = local(zone, 2026, 1, 5, 17)
    cover = shifts(rota, start, start + timedelta(days=364))
    local_starts = [shift.start.astimezone(ZoneInfo(zone)) for shift in cover]
    assert len(cover) == 52
    assert {f"{at:%a %H:%M}" for at in local_starts} == {"Mon 17:00"}


def test_the_twenty_ninth_of_february_is_somebodys_day_in_leap_years_only() -> None:
    rota = calendar(daily("day", "ana", "ben", first=date(2028, 2, 28)))
    noon = [local("America/New_York", 2028, 2, 28, 12), local("America/New_York", 2028, 2, 29, 12)]
    noon.append(local("America/New_York", 2028, 3, 1, 12))
    assert [who(rota, at)[0].person for at in noon] == ["ana", "ben", "ana"]


def test_a_shift_over_new_year_goes_on_and_the_turn_after_it_follows() -> None:
    rota = calendar(daily("day", "ana", "ben", "cleo", first=date(2026, 12, 30), at=time(22)))
    times = [(2026, 12, 31, 23, 59), (2027, 1, 1, 0, 0), (2027, 1, 1, 21, 59), (2027, 1, 1, 22, 0)]
    assert [who(rota, local("America/New_York", *at))[0].person for at in times] == ["ben", "ben", "ben", "cleo"]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(Refused, match="without a zone"):
        utc(datetime(2026, 1, 1))  # noqa: DTZ001
    assert utc(datetime(2026, 1, 1, tzinfo=UTC)).tzinfo is UTC
