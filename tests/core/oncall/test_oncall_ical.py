"""Feeds that every calendar program can read; imports that are right, or refused with line and mend, within a second."""

from __future__ import annotations

import time as clock
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oncall_rotas import calendar, daily, ny, weekly

from careline.core.errors import DataFileError
from careline.core.oncall.check import checked
from careline.core.oncall.cover import who
from careline.core.oncall.ical.people import shifts_from
from careline.core.oncall.ical.read import Imported, parse_ics
from careline.core.oncall.ical.write import Event, events, events_of, to_ics
from careline.core.oncall.rules import Absence, Listed, Person, Rule

NY = ZoneInfo("America/New_York")
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
ROTA = calendar(weekly("week", "ana", "ben"), absences=(Absence("a", "ana", ny(2026, 1, 7, 12), ny(2026, 1, 7, 18)),))


def ics(*lines: str, before: tuple[str, ...] = ()) -> str:
    event = ("BEGIN:VEVENT", "UID:1", "SUMMARY:On call: Dr. Ana", *lines, "END:VEVENT")
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *before, *event, "END:VCALENDAR", ""))


def read(*lines: str, before: tuple[str, ...] = (), hand_off: time = time(0)) -> list[tuple[str, str]]:
    found = parse_ics(ics(*lines, before=before), "rota.ics", NY, START, END, hand_off)
    return [(f"{shift.start:%m-%d %H:%M}", f"{shift.end:%m-%d %H:%M}") for shift in found]


# ---------------------------------------------------------------- feeds


def test_a_feed_has_everybodys_shifts_and_says_when_nobody_is_on_call() -> None:
    found = events(ROTA, ny(2026, 1, 5, 7), ny(2026, 1, 13, 7))
    assert [event.summary for event in found] == [
        "On call: Dr. Ana (week)", "NOBODY ON CALL", "On call: Dr. Ana (week)", "On call: Dr. Ben (week)",
    ]  # fmt: skip
    assert found[1].description == "Reached instead: Dr. Second, Dr. Boss"


def test_one_persons_feed_has_their_shifts_only_and_keeps_their_uids() -> None:
    first = events_of(ROTA, "ben", ny(2026, 1, 5, 7), ny(2026, 2, 5, 7))
    later = events_of(ROTA, "ben", ny(2026, 1, 10, 7), ny(2026, 2, 10, 7))
    assert [event.summary for event in first] == ["On call: Dr. Ben (week)"] * 2
    assert {event.uid for event in first} <= {event.uid for event in later}


def test_what_goes_out_comes_back_in() -> None:
    sent = events_of(ROTA, "ana", ny(2026, 1, 5, 7), ny(2026, 6, 5, 7))
    text = to_ics(sent, "Dr. Ana, on call", datetime(2026, 1, 1, tzinfo=UTC))
    back = parse_ics(text, "feed.ics", NY, START, END)
    assert [(shift.start, shift.end, shift.summary) for shift in back] == [
        (one.start, one.end, one.summary) for one in sent
    ]


@given(st.text(max_size=200))
def test_no_name_can_break_out_of_its_line(name: str) -> None:
    event = Event("1@clinic", START, START + timedelta(hours=1), name, name)
    text = to_ics([event], name, START)
    assert all(len(line.encode("utf-8", "surrogatepass")) <= 75 for line in text.split("\r\n"))
    assert text.replace("\r\n ", "").count("BEGIN:VEVENT\r\n") == 1
    assert "\n" not in text.replace("\r\n", "")
    (back,) = parse_ics(text, "feed.ics", NY, START, END)
    assert back.start == START


# ---------------------------------------------------------------- what an import understands


def test_a_nightly_shift_keeps_to_the_clock_on_the_wall_on_both_nights() -> None:
    found = read(
        "DTSTART;TZID=America/New_York:20260305T190000",
        "DTEND;TZID=America/New_York:20260306T070000",
        "RRULE:FREQ=DAILY;UNTIL=20261105T235959Z",
    )
    assert ("03-08 00:00", "03-08 11:00") in found  # 19:00 EST to 07:00 EDT
    assert ("10-31 23:00", "11-01 12:00") in found  # 19:00 EDT to 07:00 EST
    assert all(before[1] < after[0] for before, after in pairwise(found))
    assert len(found) == 246


@pytest.mark.parametrize(
    ("lines", "shifts"),
    [
        (("DTSTART:20260302T190000Z", "DURATION:PT12H"), [("03-02 19:00", "03-03 07:00")]),
        (("DTSTART;VALUE=DATE:20260302",), [("03-02 05:00", "03-03 05:00")]),
        (("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260309"), [("03-02 05:00", "03-09 04:00")]),
        (
            ("DTSTART;TZID=Eastern Standard Time:20260302T190000", "DTEND;TZID=Eastern Standard Time:20260302T235959"),
            [("03-03 00:00", "03-03 05:00")],
        ),
        (
            ("DTSTART;TZID=/vendor.example/20240101_1/Europe/London:20260702T190000", "DURATION:P1D"),
            [("07-02 18:00", "07-03 18:00")],
        ),
        (
            ("DTSTART:20260302T190000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3"),
            [("03-02 19:00", "03-02 20:00"), ("03-05 19:00", "03-05 20:00"), ("03-09 19:00", "03-09 20:00")],
        ),
        (
            ("DTSTART:20260302T190000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260303T190000Z"),
            [("03-02 19:00", "03-02 20:00"), ("03-04 19:00", "03-04 20:00")],
        ),
        (
            ("DTSTART:20260302T190000Z", "DURATION:PT1H", "RDATE:20260402T190000Z,20260502T190000Z"),
            [("03-02 19:00", "03-02 20:00"), ("04-02 19:00", "04-02 20:00"), ("05-02 19:00", "05-02 20:00")],
        ),
        (
            ("DTSTART:20260130T190000Z", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=2"),
            [("01-30 19:00", "01-30 20:00"), ("02-27 19:00", "02-27 20:00")],
        ),
        (("DTSTART:20260302T190000Z", "DURATION:PT1H", "STATUS:CANCELLED"), []),
        (("DTSTART:20200302T190000Z", "DURATION:PT1H"), []),
        # A leap day: in 2024 and 2028, and in no year between.
        (("DTSTART:20240229T190000Z", "DURATION:PT1H", "RRULE:FREQ=YEARLY"), []),
        # The hour that comes twice: from the first 01:30 to the second.
        (
            ("DTSTART;TZID=America/New_York:20261101T013000", "DTEND:20261101T063000Z"),
            [("11-01 05:30", "11-01 06:30")],
        ),
    ],
)
def test_shifts_are_read_as_calendars_write_them(lines: tuple[str, ...], shifts: list[tuple[str, str]]) -> None:
    assert read(*lines) == shifts


def test_whole_days_go_from_hand_off_to_hand_off() -> None:
    assert read("DTSTART;VALUE=DATE:20260302", hand_off=time(7)) == [("03-02 12:00", "03-03 12:00")]


def test_a_zone_of_the_files_own_is_known_by_the_name_it_gives() -> None:
    zone = ("BEGIN:VTIMEZONE", "TZID:Our Clock", "X-LIC-LOCATION:Asia/Kolkata", "END:VTIMEZONE")
    assert read("DTSTART;TZID=Our Clock:20260302T190000", "DURATION:PT1H", before=zone) == [
        ("03-02 13:30", "03-02 14:30")
    ]


def test_one_changed_night_of_a_repeating_shift_is_moved_not_doubled() -> None:
    moved = ("BEGIN:VEVENT", "UID:1", "SUMMARY:Dr. Ana", "RECURRENCE-ID:20260303T190000Z")
    moved += ("DTSTART:20260303T210000Z", "DURATION:PT1H", "END:VEVENT")
    found = read("DTSTART:20260302T190000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", before=moved)
    assert found == [("03-02 19:00", "03-02 20:00"), ("03-03 21:00", "03-03 22:00"), ("03-04 19:00", "03-04 20:00")]


# ---------------------------------------------------------------- whose shift it is

STAFF = (
    Person("ana", "Dr. Ana Rivera", ("phone",), "rivera@clinic.example"),
    Person("ben", "Dr. Ben Okafor", ("phone",), "okafor@clinic.example"),
    Person("cleo", "Dr. Cleo Okafor", ("phone",)),
)


def whose(summary: str, *attendees: str) -> list[str]:
    shift = Imported(summary, attendees, START, END, 7)
    return [found.person for found in shifts_from([shift], STAFF, "rota.ics")]


def test_a_shift_belongs_to_whom_its_attendees_or_title_name() -> None:
    assert whose("Night call", "okafor@clinic.example") == ["ben"]
    assert whose("On call: ana rivera (nights)") == ["ana"]
    assert whose("RIVERA, A. + Ben Okafor") == ["ben"]
    assert whose("Rivera nights") == ["ana"]


@pytest.mark.parametrize(
    ("summary", "told"), [("Night call", "nobody known here"), ("Okafor", "could be two people's")]
)
def test_a_shift_of_nobody_or_of_either_is_refused_with_its_line(summary: str, told: str) -> None:
    with pytest.raises(DataFileError, match=r"rota\.ics:7: ") as refused:
        whose(summary)
    assert told in str(refused.value)


def test_an_imported_rota_is_a_rule_like_any_other() -> None:
    text = ics("DTSTART:20260302T190000Z", "DURATION:PT12H", "RRULE:FREQ=DAILY;COUNT=30")
    shifts = shifts_from(parse_ics(text, "rota.ics", NY, START, END), ROTA.people, "rota.ics")
    rota = checked(replace(ROTA, rules=(Rule("imported", Listed(shifts)),)))
    assert who(rota, datetime(2026, 3, 10, 20, tzinfo=UTC))[0].why.rule == "imported"


# ---------------------------------------------------------------- what an import refuses


@pytest.mark.parametrize(
    ("lines", "line", "told"),
    [
        (("DTSTART:20260303T190000Z", "DTEND:20260302T190000Z"), 7, "ends before it begins"),
        (("DTSTART:20260303T190000Z", "DTEND:20260303T190000Z"), 7, "ends before it begins"),
        (("DTSTART:20260303T190000Z", "DTEND:20360303T190000Z"), 7, "does not end within a year"),
        (("DTSTART:20260303T190000Z",), 3, "a shift without an end"),
        (("DTEND:20260303T190000Z",), 3, "a shift without a start"),
        (("DTSTART:20260303T190000", "DURATION:PT1H"), 6, "a time without a zone"),
        (("DTSTART;TZID=Nowhere/Land:20260303T190000", "DURATION:PT1H"), 6, "no time zone is called 'Nowhere/Land'"),
        (("DTSTART;TZID=America:20260303T190000", "DURATION:PT1H"), 6, "no time zone is called"),
        (("DTSTART:20260230T190000Z", "DURATION:PT1H"), 6, "not a likely time"),
        (("DTSTART:00010101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"), 6, "not a likely time"),
        (("DTSTART:tomorrow", "DURATION:PT1H"), 6, "is not a time"),
        (("DTSTART:20260303T190000Z", "DURATION:-PT1H"), 7, "is not the length of a shift"),
        (("DTSTART:20260303T190000Z", "DURATION:PT1H", "RRULE:FREQ=SECONDLY"), 8, "cannot repeat SECONDLY"),
        (("DTSTART:20260303T190000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYHOUR=1,2"), 8, "cannot repeat by 'BYHOUR'"),
        (("DTSTART:20260303T190000Z", "DURATION:PT1H", "RRULE:COUNT=3"), 8, "without FREQ"),
        (("DTSTART:20260303T190000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;INTERVAL=0"), 8, "INTERVAL is not a number"),
        (("DTSTART:20260303T190000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=soon"), 8, "is not a time"),
        (("DTSTART:20260303T190000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=XX"), 8, "not a day of the week"),
        (("DTSTART:20260303T190000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=1MO"), 8, "repeat by month"),
        (
            ("DTSTART:20260303T190000Z", "DURATION:PT1H", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T190000Z"),
            8,
            "later",
        ),
        (("DTSTART:20260303T190000Z", "what is this"), 7, "not a line of an iCalendar file"),
        (("BEGIN:VALARM", "DTSTART:20260303T190000Z"), 7 + 1, "END of something that is not open"),
    ],
)
def test_each_mistake_is_refused_with_its_line(lines: tuple[str, ...], line: int, told: str) -> None:
    with pytest.raises(DataFileError) as refused:
        read(*lines)
    assert told in str(refused.value)
    assert refused.value.line == line


@pytest.mark.parametrize(
    "text",
    ["", "hello", "BEGIN:VCALENDAR\r\n", "BEGIN:VEVENT\r\nEND:VEVENT\r\n", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"],
)
def test_a_file_that_is_cut_off_or_empty_or_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(DataFileError):
        parse_ics(text, "rota.ics", NY, START, END)


BOMBS = {
    "never": ics("DTSTART:20200101T000000Z", "DURATION:PT1H", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
    "counted for ever": ics("DTSTART:19700101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=100000;BYMONTH=1"),
    "from long ago": ics("DTSTART:19700101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"),
    "many rules": ics(*["DTSTART:19700101T000000Z", "DURATION:PT1H"], *["RRULE:FREQ=DAILY;COUNT=99999"] * 500),
    "many events": ics(*["DTSTART:20200101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "END:VEVENT", "BEGIN:VEVENT"] * 500)
    .replace("BEGIN:VEVENT\r\nEND:VEVENT\r\n", ""),
    "many dates": ics("DTSTART:20200101T000000Z", "DURATION:PT1H", "EXDATE:" + ",".join(["20260101T000000Z"] * 58_000)),
    "nested": "BEGIN:VCALENDAR\r\n" * 40_000,
    "short lines": ics(*["A:"] * 200_000),
    "folded": ics("X:" + "\r\n " * 300_000),
    "one long line": ics("X" * 900_000),
    "quotes": ics('X;Y="' * 150_000),
    "semicolons": ics("X" + ";Y=1" * 200_000 + ":"),
    "too long": "X" * 5_000_000,
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_file_takes_longer_than_a_second(bomb: str) -> None:
    before = clock.process_time()
    try:
        parse_ics(BOMBS[bomb], "bomb.ics", NY, START, END)
    except DataFileError as refused:
        assert str(refused)  # noqa: PT017
    assert clock.process_time() - before < 1


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from((
    "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM", "END:VALARM", "UID:1", "SUMMARY:x", "DTSTART:20260302T190000Z",
    "DTSTART;VALUE=DATE:20260302", "DTEND:20260303T070000Z", "DTEND;TZID=Europe/London:20260303T070000", "DURATION:P1W",
    "RRULE:FREQ=DAILY", "RRULE:FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU", "RRULE:FREQ=YEARLY;BYMONTHDAY=31", "EXDATE:20260302",
    "RDATE:20260401T000000Z", "RECURRENCE-ID:20260302T190000Z", ":", "", " x", "\x00",
)), max_size=14))  # fmt: skip
def test_whatever_the_lines_they_are_read_or_refused_with_a_line(lines: list[str]) -> None:
    try:
        found = parse_ics("\n".join(("BEGIN:VCALENDAR", *lines, "END:VCALENDAR")), "x.ics", NY, START, END)
    except DataFileError as refused:
        assert 1 <= refused.line <= len(lines) + 2  # noqa: PT017
    else:
        assert all(shift.start < shift.end and shift.start < END and shift.end > START for shift in found)


def test_a_daily_rota_of_a_year_goes_out_quickly() -> None:
    rota = calendar(daily("day", "ana", "ben", "cleo"))
    before = clock.process_time()
    text = to_ics(events(rota, START, END), "clinic", START)
    assert text.count("BEGIN:VEVENT") == 362
    assert clock.process_time() - before < 1
