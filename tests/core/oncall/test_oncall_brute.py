"""Promises of every calendar, however odd, on the nights when clocks change: held against an independent calculator."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oncall_brute import expected, minutes
from oncall_rotas import asked, calendars

from careline.core.oncall.cover import Shift, shifts, who
from careline.core.oncall.gaps import gaps
from careline.core.oncall.holidays import holiday
from careline.core.oncall.overrides import STAND_IN, OnCall
from careline.core.oncall.rules import Calendar, Need

quick = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
MINUTE = timedelta(minutes=1)


def window(night: date, start_hour: int, hours: int) -> tuple[datetime, datetime]:
    start = datetime.combine(night, time(0), UTC) + timedelta(hours=start_hour)
    return start, start + timedelta(hours=hours)


def holidays_near(calendar: Calendar, night: date) -> set[date]:
    """Which days are holidays is tested elsewhere; here, what rules do on one."""
    near = [night + timedelta(days=days) for days in range(-5, 6)]
    return {day for day in near if holiday(calendar.holidays, day)}


def by_rule(people: tuple[OnCall, ...]) -> frozenset[tuple[str, int]]:
    return frozenset((one.person, one.layer) for one in people if one.layer != STAND_IN)


@settings(quick, max_examples=40)
@given(asked(), st.integers(-20, 22))
def test_every_minute_has_exactly_the_people_an_independent_calculator_gives(
    made: tuple[Calendar, date, Need], hour: int
) -> None:
    calendar, night, need = made
    start, end = window(night, hour, 8)
    cover = iter(shifts(calendar, start, end, need))
    shift = next(cover)
    for at, people in minutes(calendar, need, start, end, holidays_near(calendar, night)):
        while at >= shift.end:
            shift = next(cover)
        assert by_rule(shift.people) == people, at
        assert shift.gap == all(layer != 1 for _, layer in people)


@settings(quick, max_examples=100)
@given(asked(), st.lists(st.integers(-2 * 1440, 3 * 1440), min_size=3, max_size=3))
def test_around_every_hand_off_who_says_the_same_as_the_calculator(
    made: tuple[Calendar, date, Need], minutes_on: list[int]
) -> None:
    calendar, night, need = made
    start, end = window(night, -48, 120)
    cover = shifts(calendar, start, end, need)
    looked_at = [start + after * MINUTE for after in (2880 + minute for minute in minutes_on)]
    looked_at += [cut for shift in cover[:12] for cut in (shift.start, shift.end - MINUTE)]
    off = holidays_near(calendar, night)
    for at in looked_at:
        assert by_rule(who(calendar, at, need)) == expected(calendar, need, at, off), at


@settings(quick, max_examples=50)
@given(asked())
def test_shifts_follow_each_other_without_overlap_or_hole_and_never_with_nobody(
    made: tuple[Calendar, date, Need],
) -> None:
    calendar, night, need = made
    start, end = window(night, -200, 400)
    cover = shifts(calendar, start, end, need)
    assert cover[0].start == start
    assert cover[-1].end == end
    for before, after in pairwise(cover):
        assert before.start < before.end == after.start
        assert what(before) != what(after)
    assert all(shift.people for shift in cover)


def what(shift: Shift) -> tuple[object, ...]:
    return shift.people, shift.gap, shift.vacant


@settings(quick, max_examples=40)
@given(asked(), st.lists(st.integers(0, 200 * 60 - 1), min_size=20, max_size=20))
def test_no_instant_has_nobody_unless_it_is_reported_as_a_gap(
    made: tuple[Calendar, date, Need], minutes_on: list[int]
) -> None:
    calendar, night, need = made
    start, end = window(night, -100, 200)
    reported = [(gap.start, gap.end) for gap in gaps(calendar, start, end, [need])]
    off = holidays_near(calendar, night)
    for at in (start + minute * MINUTE for minute in minutes_on):
        nobody = all(layer != 1 for _, layer in expected(calendar, need, at, off))
        assert nobody == any(first <= at < last for first, last in reported), at


@settings(quick, max_examples=30)
@given(calendars(), st.integers(1, 399))
def test_looking_in_two_parts_gives_what_looking_once_gives(made: tuple[Calendar, date], cut_hour: int) -> None:
    calendar, night = made
    start, end = window(night, -200, 400)
    cut = start + timedelta(hours=cut_hour)
    parts = [*shifts(calendar, start, cut), *shifts(calendar, cut, end)]
    whole = shifts(calendar, start, end)
    joined = [shift for shift in parts if shift.start != cut or what(shift) != what(parts[parts.index(shift) - 1])]
    assert [what(shift) for shift in joined] == [what(shift) for shift in whole]
    assert [shift.start for shift in joined] == [shift.start for shift in whole]
