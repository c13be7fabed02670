"""A calendar file with a mistake is refused with its line and how to mend it; never taken with a silent gap."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oncall_rotas import ny

from careline.core.clinical import Level
from careline.core.errors import DataFileError
from careline.core.oncall.cover import shifts, who
from careline.core.oncall.read import parse_calendar
from careline.core.oncall.rules import Calendar, Need
from careline.core.practice import parse_practice

PRACTICE = parse_practice((Path(__file__).parents[3] / "practices/demo/practice.toml").read_text(), "practice.toml")

GOOD = """
desk = ["mon-fri 08:00-17:00"]

[[guests]]
id = "novak"
name = "Dr. Eva Novak"
practice = "Lakeside Clinic"
phone = "+12125550155"
email = "novak@lakeside.example"
pin = "4755"

[[rules]]
id = "nights"
people = ["rivera", "okafor"]
every = "week"
first = 2026-01-02
hand_off = "fri 17:00"

[[rules]]
id = "heart"
specialty = "cardiology"
urgency = ["emergency", "urgent"]
turns = ["novak 3 days", "rivera+okafor 4 days"]
first = 2026-01-05
hand_off = "07:00"

[[rules]]
id = "second-line"
layer = 2
people = ["lindgren"]
hours = ["mon-thu 17:00-08:00", "fri 17:00-08:00", "sat,sun 08:00-08:00"]

[[rules]]
id = "feast"
holidays = "only"

[[shifts]]
rule = "christmas"
person = "novak"
start = "2026-12-24 17:00"
end = "2026-12-26 08:00"

[[rules]]
id = "christmas"
together = true

[[overrides]]
id = "o1"
change = "replace"
person = "okafor"
leaves = "rivera"
start = "2026-01-05 19:00"
end = "2026-01-06 07:00"
by = "front desk"

[[absences]]
id = "a1"
person = "okafor"
start = "2026-01-14"
end = "2026-01-15"

[[holidays]]
name = "Christmas Day"
date = "12-25"
""".replace('holidays = "only"', 'holidays = "only"\npeople = ["novak"]')


def parse(text: str) -> Calendar:
    return parse_calendar(text, "oncall.toml", PRACTICE)


def on(rota: Calendar, *at: int, need: Need | None = None) -> list[str]:
    return [one.person for one in who(rota, ny(*at), need or Need())]


def test_a_good_file_means_what_it_says() -> None:
    rota = parse(GOOD)
    assert on(rota, 2026, 1, 5, 18) == ["rivera", "lindgren"]
    assert on(rota, 2026, 1, 5, 20) == ["okafor", "lindgren"]
    assert on(rota, 2026, 1, 8, 6, need=Need(Level.URGENT, "cardiology")) == ["novak", "lindgren"]
    assert on(rota, 2026, 1, 8, 9, need=Need(Level.URGENT, "cardiology")) == ["rivera", "okafor"]
    assert on(rota, 2026, 1, 14, 18) == ["lindgren"]
    assert on(rota, 2026, 12, 25, 12) == ["novak"]
    assert rota.person("novak").practice == "Lakeside Clinic"


def test_without_rules_the_weekly_shifts_of_the_practices_file_hold() -> None:
    rota = parse("")
    assert on(rota, 2026, 1, 5, 7) == ["rivera"]
    assert on(rota, 2026, 1, 9, 7) == ["okafor"]


def changed(old: str, new: str) -> tuple[str, int]:
    """The good file with one place changed, and the line of that place."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new), GOOD[: GOOD.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "problem", "further"),
    [
        ('desk = ["mon-fri 08:00-17:00"]', 'timezone = "America/Newyork"', "no time zone is called", 0),
        ('desk = ["mon-fri 08:00-17:00"]', 'timezone = "America"', "no time zone is called", 0),
        ('desk = ["mon-fri 08:00-17:00"]', 'backup = "nobody"', "nobody here is called 'nobody'", 0),
        ('desk = ["mon-fri 08:00-17:00"]', 'desk = ["weekdays 08:00-17:00"]', "are not hours of the week", 0),
        ('id = "novak"', 'id = "rivera"', "'rivera' is listed twice", 0),
        ('phone = "+12125550155"', 'phone = "5550155"', "is not valid", 0),
        ('people = ["rivera", "okafor"]', "people = []", "must be a list of texts, not empty", 0),
        ('people = ["rivera", "okafor"]', 'people = ["rivera", "smith"]', "nobody here is called 'smith'", 0),
        ('every = "week"', 'every = "fortnight"', "is not a length of time", 0),
        ('every = "week"', 'every = "0 weeks"', "lasts no time, or has no end", 0),
        ('every = "week"', 'every = "999 weeks"', "lasts no time, or has no end", 0),
        ("first = 2026-01-02", "first = 2026-01-03", "is a sat, but the hand-off is on fri", 0),
        ("first = 2026-01-02", 'first = "2026-01-02"', "first must be a date", 0),
        ("first = 2026-01-02", "first = 0026-01-02", "is not a likely date", 0),
        ('hand_off = "fri 17:00"', 'hand_off = "fri 25:00"', "is not valid", 0),
        ('urgency = ["emergency", "urgent"]', 'urgency = ["red"]', "no urgency is called 'red'", 0),
        ('"novak 3 days"', '"novak"', "is not a turn", 0),
        ("layer = 2", "layer = 0", "whole number from 1 to 9", 0),
        ('"fri 17:00-08:00"', '"thu 18:00-20:00"', "hours of rule 'second-line' overlap", 0),
        ('end = "2026-12-26 08:00"', 'end = "2026-12-24 08:00"', "ends before it begins", 0),
        ('end = "2026-12-26 08:00"', 'end = "2030-12-26 08:00"', "does not end within a year", 0),
        ('end = "2026-12-26 08:00"', "", "end is missing", -4),
        ('end = "2026-12-26 08:00"', 'end = "2026-02-30 08:00"', "is not a time", 0),
        ('rule = "christmas"', 'rule = "xmas"', "no rule is called 'xmas'", 0),
        ("together = true", "together = false", "rules 'nights' and 'christmas' overlap", -2),
        ("together = true", "togther = true", "unknown key 'togther'", 0),
        ('change = "replace"', 'change = "swap"', "change = 'swap' is not known", 0),
        ('leaves = "rivera"', 'leaves = "x"', "nobody here is called 'x'", 0),
        ('end = "2026-01-06 07:00"', 'end = "2026-01-05 19:00"', "ends before it begins", 0),
        ('end = "2026-01-15"', 'end = "2026-01-14"', "ends before it begins", 0),
        ('date = "12-25"', 'date = "25-12"', "is not a date of a holiday", 0),
    ],
)
def test_each_mistake_is_refused_with_file_line_and_mend(old: str, new: str, problem: str, further: int) -> None:
    text, line = changed(old, new)
    with pytest.raises(DataFileError) as refused:
        parse(text)
    assert problem in str(refused.value)
    assert (refused.value.file, refused.value.line) == ("oncall.toml", line + further)
    assert refused.value.mend or "must be" in str(refused.value)


def test_a_guest_nothing_reaches_is_refused_where_a_rule_wants_them() -> None:
    text = GOOD.replace('phone = "+12125550155"\nemail = "novak@lakeside.example"\npin = "4755"\n', "")
    with pytest.raises(DataFileError, match="Eva Novak cannot be reached in any way — give a telephone number"):
        parse(text)


@pytest.mark.parametrize(
    ("line", "problem"), [('pin = "4755"', "pin is missing"), ('email = "novak@lakeside.example"', "email is missing")]
)
def test_a_guest_with_a_telephone_proves_who_they_are_and_can_sign_in(line: str, problem: str) -> None:
    with pytest.raises(DataFileError, match=problem):
        parse(GOOD.replace(f"{line}\n", ""))


def test_rules_that_overlap_by_mistake_are_refused_and_meant_ones_are_not() -> None:
    two = '[[rules]]\nid = "a"\npeople = ["rivera"]\nhours = ["mon-fri 17:00-08:00"]\n'
    two += '[[rules]]\nid = "b"\npeople = ["okafor"]\nhours = ["sat-mon 00:00-24:00"]\n'
    with pytest.raises(DataFileError, match="is not a span of time"):
        parse(two)
    two = two.replace("00:00-24:00", "00:00-00:00")
    with pytest.raises(DataFileError, match=r"oncall\.toml:5: rules 'a' and 'b' overlap"):
        parse(two)
    parse(two + "together = true\n")
    parse(two.replace("sat-mon", "sat-sun").replace("17:00-08:00", "08:00-00:00"))
    until = two.replace('id = "a"', 'id = "a"\nuntil = 2026-02-01').replace('id = "b"', 'id = "b"\nstarts = 2026-02-02')
    parse(until)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_written_it_is_taken_or_refused_with_a_line(data: st.DataObject) -> None:
    lines = GOOD.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    key = lines[at].split("=")[0]
    value = data.draw(
        st.sampled_from(("[]", "7", '""', '"x"', "true", "1979-05-27T07:32:00", "{}", "[1]", '["", "x y"]', "-1"))
    )
    lines[at] = data.draw(st.sampled_from(("", f"{key}= {value}", "[[rules]]", lines[at][:-1], lines[at] * 2)))
    try:
        rota = parse("\n".join(lines))
    except DataFileError as error:
        refused_at = error.line
    else:
        refused_at = 1
        assert all(shift.people for shift in shifts(rota, ny(2026, 1, 1), ny(2026, 2, 1)))
    assert 1 <= refused_at <= len(lines) + 1
