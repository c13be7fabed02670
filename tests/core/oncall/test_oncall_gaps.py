"""Missing cover is seen when a calendar is made, days ahead, and sounded before it begins; never found out by a caller."""

from __future__ import annotations

from datetime import date, time, timedelta

from oncall_rotas import calendar, ny, weekly

from careline.core.clinical import Level
from careline.core.oncall.cover import who
from careline.core.oncall.gaps import EmptyShift, Gap, alarms, because, empty_shifts, gaps, needs
from careline.core.oncall.holidays import Holiday, On
from careline.core.oncall.rules import Absence, Calendar, Change, Hours, Need, Override, Rule, Scope, Standing
from careline.core.spans import Span

START, END = ny(2026, 1, 5, 7), ny(2026, 1, 19, 7)
WEEKDAYS = (0, 1, 2, 3, 4)
NOON, EVENING = ny(2026, 1, 7, 12), ny(2026, 1, 7, 18)
AWAY = Absence("a1", "ana", NOON, EVENING, "at a conference")


def spans(rota: Calendar, *of: Need) -> list[str]:
    return [f"{gap.start:%d %H:%M}-{gap.end:%d %H:%M}" for gap in gaps(rota, START, END, of)]


def test_a_rota_without_holes_has_no_gap() -> None:
    assert gaps(calendar(weekly("all", "ana", "ben")), START, END) == ()


def test_an_absence_nobody_covers_is_a_gap_and_says_why_and_who_would_be_called() -> None:
    rota = calendar(weekly("all", "ana", "ben"), absences=(AWAY,))
    (gap,) = gaps(rota, START, END)
    assert (gap.start, gap.end) == (NOON, EVENING)
    assert [one.person for one in gap.reached] == ["second", "boss"] == [one.person for one in who(rota, NOON)]
    assert [because(rota, place) for place in gap.vacant] == ["rule all: Dr. Ana is away"]
    assert gap.needs == (Need(Level.EMERGENCY), Need(Level.URGENT))


def test_somebody_taken_off_and_not_replaced_is_told_with_the_override() -> None:
    off = Override("o7", Change.REMOVE, NOON, EVENING, leaves="ana")
    rota = calendar(weekly("all", "ana"), overrides=(off,))
    (gap,) = gaps(rota, START, END)
    assert because(rota, gap.vacant[0]) == "rule all: Dr. Ana was taken off by override o7"


def test_the_second_layer_does_not_hide_that_the_first_is_empty() -> None:
    rota = calendar(weekly("all", "ana"), weekly("behind", "ben", layer=2), absences=(AWAY,))
    (gap,) = gaps(rota, START, END)
    assert [one.person for one in gap.reached] == ["ben"]


def test_every_need_that_a_rule_names_is_looked_after() -> None:
    heart = weekly("heart", "ben", scope=Scope(specialty="cardiology"))
    assert gaps(calendar(heart), START, END)[0].needs == (Need(Level.EMERGENCY), Need(Level.URGENT))
    red = weekly("red", "ben", scope=Scope(urgency=(Level.EMERGENCY,)))
    assert gaps(calendar(red), START, END)[0].needs == (Need(Level.URGENT),)
    assert Need(Level.URGENT, "cardiology") in needs(calendar(heart))


def test_hours_in_which_the_office_answers_are_no_gap_except_on_holidays() -> None:
    nights = Rule("nights", Standing(("ana",)), hours=(Hours(WEEKDAYS, Span(time(17), time(8))),))
    weekend = Rule("weekend", Standing(("ben",)), hours=(Hours((5, 6), Span(time(8), time(8))),))
    desk = (Hours(WEEKDAYS, Span(time(8), time(17))),)
    assert spans(calendar(nights, weekend, desk=desk)) == []
    off = (Holiday("closed", On((date(2026, 1, 8),))),)
    assert spans(calendar(nights, weekend, desk=desk, holidays=off)) == ["08 13:00-08 22:00"]


def test_a_special_rule_left_empty_is_an_empty_shift_even_when_the_general_one_answers() -> None:
    heart = weekly("heart", "ana", scope=Scope(specialty="cardiology"))
    rota = calendar(weekly("all", "ben"), heart, absences=(AWAY,))
    assert spans(rota) == []
    assert [(one.rule, one.start, one.end) for one in empty_shifts(rota, START, END)] == [("heart", NOON, EVENING)]


def test_one_of_two_away_leaves_no_empty_shift() -> None:
    pair = Rule("pair", Standing(("ana", "ben")))
    assert empty_shifts(calendar(pair, absences=(AWAY,)), START, END) == ()


def test_the_alarm_sounds_so_long_before_an_empty_shift_begins() -> None:
    rota = calendar(weekly("all", "ana"), absences=(AWAY,))
    ahead = timedelta(minutes=90)
    due = alarms(rota, START, END, ahead)
    assert [(alarm.at, type(alarm.about)) for alarm in due] == [(NOON - ahead, Gap), (NOON - ahead, EmptyShift)]
    just_after = alarms(rota, NOON - ahead + timedelta(seconds=1), END, ahead)
    assert just_after[0].at == NOON - ahead + timedelta(seconds=1)
    assert alarms(rota, START, NOON - ahead, ahead) == ()


def test_a_gap_that_has_begun_sounds_at_once() -> None:
    rota = calendar(weekly("all", "ana"), absences=(AWAY,))
    now = NOON + timedelta(hours=1)
    assert {alarm.at for alarm in alarms(rota, now, END, timedelta(minutes=30))} == {now}
