"""What a secretary writes is what happens: turns, hours, layers, holidays, and the most specific rule."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from oncall_rotas import DAY, WEEK, calendar, daily, ny, scopes, weekly

from careline.core.clinical import Level
from careline.core.oncall.cover import holdings, ladder, shifts, shifts_of, who
from careline.core.oncall.holidays import Holiday, On
from careline.core.oncall.overrides import StandIn, explain
from careline.core.oncall.rules import (
    Absence,
    Calendar,
    Hours,
    Need,
    OnHolidays,
    Rotation,
    Rule,
    Scope,
    Standing,
    Turn,
)
from careline.core.oncall.weekly import calendar_of
from careline.core.practice import parse_practice
from careline.core.spans import Span

NIGHT = ny(2026, 1, 14, 3)  # a Wednesday
CHRISTMAS = Holiday("Christmas Day", On((date(2026, 12, 25),)))


def on(rota: Calendar, *at: int, need: Need | None = None) -> list[str]:
    return [one.person for one in who(rota, ny(*at), need or Need())]


def test_two_people_alternate_weeks_and_hand_over_on_friday_evening() -> None:
    rota = calendar(weekly("week", "ana", "ben", first=date(2026, 1, 2), at=time(17)))
    assert on(rota, 2026, 1, 9, 16, 59) == ["ana"]
    assert on(rota, 2026, 1, 9, 17, 0) == ["ben"]
    assert on(rota, 2026, 1, 16, 17, 0) == ["ana"]


def test_turns_of_any_length_follow_one_another() -> None:
    turns = (Turn(("ana",), 3 * DAY), Turn(("ben", "cleo"), 4 * DAY), Turn(("dov",), 2 * WEEK), Turn(("eva",), 12 * 60))
    rota = calendar(Rule("odd", Rotation(date(2026, 1, 5), time(7), turns)))
    assert on(rota, 2026, 1, 8, 6, 59) == ["ana"]
    assert on(rota, 2026, 1, 8, 7) == ["ben", "cleo"]
    assert on(rota, 2026, 1, 12, 7) == ["dov"]
    assert on(rota, 2026, 1, 26, 7) == ["eva"]
    assert on(rota, 2026, 1, 26, 19) == ["ana"]


def test_nights_only_leave_the_days_to_whoever_stands_in() -> None:
    nights = Rule("nights", Standing(("ana",)), hours=(Hours((0, 1, 2, 3, 4), Span(time(17), time(8))),))
    rota = calendar(nights)
    assert on(rota, 2026, 1, 14, 7, 59) == ["ana"]
    assert on(rota, 2026, 1, 14, 8) == ["second", "boss"]
    assert on(rota, 2026, 1, 17, 7, 59) == ["ana"]  # Friday's night ends on Saturday morning
    assert on(rota, 2026, 1, 17, 20) == ["second", "boss"]
    assert [one.why.stand_in for one in who(rota, ny(2026, 1, 14, 8))] == [StandIn.BACKUP, StandIn.SUPERVISOR]


def test_the_most_specific_rule_wins_and_the_general_one_answers_when_it_has_nobody() -> None:
    rota = calendar(
        weekly("all", "ana"),
        weekly("heart", "ben", scope=Scope(specialty="cardiology"), until=date(2026, 1, 20)),
        weekly("north", "cleo", scope=Scope(location="north", role="midwife")),
    )
    heart, north = Need(specialty="cardiology"), Need(location="north", role="midwife")
    assert on(rota, 2026, 1, 14, 3) == ["ana"]
    assert on(rota, 2026, 1, 14, 3, need=heart) == ["ben"]
    assert on(rota, 2026, 1, 14, 3, need=north) == ["cleo"]
    assert on(rota, 2026, 1, 14, 3, need=Need(specialty="cardiology", location="north", role="midwife")) == ["ben"]
    assert on(rota, 2026, 1, 21, 3, need=heart) == ["ana"]


def test_fewer_urgencies_are_more_specific() -> None:
    rota = calendar(
        weekly("all", "ana"),
        weekly("wake", "ben", scope=Scope(urgency=(Level.EMERGENCY, Level.URGENT))),
        weekly("red", "cleo", scope=Scope(urgency=(Level.EMERGENCY,))),
    )
    asked = {level: on(rota, 2026, 1, 14, 3, need=Need(level)) for level in Level}
    assert asked[Level.EMERGENCY] == ["cleo"]
    assert asked[Level.URGENT] == ["ben"]
    assert asked[Level.ROUTINE] == ["ana"]


@given(scopes, scopes)
def test_a_rule_that_names_all_another_names_and_more_is_never_less_specific(one: Scope, other: Scope) -> None:
    both = Scope(one.specialty or other.specialty, one.location or other.location, one.role or other.role, one.urgency)
    narrower, wider = Rule("n", Standing(("ana",)), scope=both), Rule("w", Standing(("ana",)), scope=one)
    assert narrower.rank >= wider.rank


def test_layers_are_reached_one_after_the_other_then_backup_then_supervisor() -> None:
    rota = calendar(weekly("first", "ana"), weekly("second-line", "ben", layer=2), weekly("third", "second", layer=3))
    assert [[one.person for one in rung] for rung in ladder(rota, NIGHT)] == [["ana"], ["ben"], ["second"], ["boss"]]
    away = Absence("a", "ana", NIGHT, NIGHT + timedelta(hours=1))
    rota = calendar(*rota.rules, absences=(away,))
    assert [[one.person for one in rung] for rung in ladder(rota, NIGHT)] == [["ben"], ["second"], ["boss"]]


def test_back_up_and_supervisor_stand_in_even_when_everybody_is_away() -> None:
    away = [Absence(name, name, NIGHT, NIGHT + timedelta(hours=1)) for name in ("ana", "second")]
    rota = calendar(weekly("all", "ana"), absences=tuple(away))
    assert [one.person for one in who(rota, NIGHT)] == ["boss"]
    rota = calendar(weekly("all", "ana"), absences=(*away, Absence("boss", "boss", NIGHT, NIGHT + timedelta(hours=1))))
    assert [one.person for one in who(rota, NIGHT)] == ["second", "boss"]


def test_a_holiday_rule_takes_the_day_from_hand_off_to_hand_off() -> None:
    rota = calendar(
        weekly("all", "ana", at=time(7)),
        daily("feast", "ben", first=date(2026, 1, 5), at=time(7), holidays=OnHolidays.ONLY),
        holidays=(CHRISTMAS,),
    )
    assert on(rota, 2026, 12, 25, 6, 59) == ["ana"]
    assert on(rota, 2026, 12, 25, 7) == ["ben"]
    assert on(rota, 2026, 12, 26, 6, 59) == ["ben"]
    assert on(rota, 2026, 12, 26, 7) == ["ana"]


def test_a_rule_that_rests_on_holidays_leaves_them_to_the_others() -> None:
    everyday = Hours(tuple(range(7)), Span(time(8), time(20)))
    rota = calendar(
        Rule("days", Standing(("ana",)), hours=(everyday,), holidays=OnHolidays.NEVER, together=True),
        weekly("all", "ben"),
        holidays=(CHRISTMAS,),
    )
    assert on(rota, 2026, 12, 24, 12) == ["ana", "ben"]
    assert on(rota, 2026, 12, 25, 12) == ["ben"]


def test_a_clinician_of_another_practice_covers_and_is_told_apart() -> None:
    guest = "Lakeside Clinic"
    rota = calendar(weekly("all", "ana", "finn"))
    people = tuple(
        one if one.id != "finn" else type(one)("finn", one.name, one.channels, practice=guest) for one in rota.people
    )
    rota = Calendar("clinic", "America/New_York", people, rota.rules, "second", "boss")
    found = who(rota, ny(2026, 1, 13, 3))[0]
    assert (found.person, rota.person(found.person).practice) == ("finn", guest)


def test_the_demo_practice_has_its_weekly_shifts_as_rules_and_nobody_is_ever_missing() -> None:
    text = (Path(__file__).parents[3] / "practices/demo/practice.toml").read_text()
    rota = calendar_of(parse_practice(text, "practice.toml"))
    start = ny(2026, 1, 5, 7)
    cover = shifts(rota, start, start + timedelta(days=14))
    assert [(shift.people[0].person, shift.gap) for shift in cover] == [("rivera", False), ("okafor", False)] * 2
    assert explain(rota, cover[0].people[0]) == "rule shift-1"
    assert {one.person for one in who(rota, start)} == {"rivera"}


def test_what_one_person_has_on_call_is_told_apart_by_rule() -> None:
    rota = calendar(weekly("first", "ana", "ben"), weekly("second-line", "ben", "ana", layer=2))
    start = ny(2026, 1, 5, 7)
    held = holdings(rota, start, start + timedelta(days=14), "ana")
    assert [(one.why.rule, one.layer, (one.end - one.start).days) for one in held] == [
        ("first", 1, 7),
        ("second-line", 2, 7),
    ]
    assert shifts_of(rota, "ana", start, start + timedelta(days=14)) == ((start, start + timedelta(days=14)),)


@pytest.mark.parametrize("hours", [0, -5])
def test_no_time_has_no_shifts(hours: int) -> None:
    assert shifts(calendar(weekly("all", "ana")), NIGHT, NIGHT + timedelta(hours=hours)) == ()
