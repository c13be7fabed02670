"""Office hours hold in the practice's own wall-clock time, past midnight and on both clock-change nights."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from careline.core.practice import CoverageMode, parse_practice
from careline.core.routing.hours import answers, desk_due, is_open
from careline.core.spans import Span

NEW_YORK = ZoneInfo("America/New_York")
DEMO = parse_practice(
    (Path(__file__).parents[3] / "practices" / "demo" / "practice.toml").read_text(encoding="utf-8"), "demo"
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("when", "open_now"),
    [
        ("2026-11-23T08:00", True),
        ("2026-11-23T07:59", False),
        ("2026-11-23T17:00", False),
        ("2026-11-26T18:59", True),
        ("2026-11-22T12:00", False),
    ],
)
def test_the_line_is_taken_over_exactly_when_the_office_closes(when: str, open_now: bool) -> None:
    assert is_open(DEMO, at(when)) is open_now
    assert answers(DEMO, CoverageMode.AFTER_HOURS, at(when)) is not open_now
    assert answers(DEMO, CoverageMode.FULL_TIME, at(when))


def test_hours_past_midnight_belong_to_the_day_they_start_on() -> None:
    night = replace(DEMO, hours={4: (Span(time(20, 0), time(4, 0)),)})
    assert is_open(night, at("2026-11-27T23:00"))
    assert is_open(night, at("2026-11-28T03:59"))
    assert not is_open(night, at("2026-11-28T04:00"))
    assert not is_open(night, at("2026-11-27T03:00"))


@pytest.mark.parametrize(
    ("utc", "open_now"), [("2026-03-09T12:00", True), ("2026-11-02T12:59", False), ("2026-11-02T13:00", True)]
)
def test_eight_o_clock_stays_eight_o_clock_when_the_clocks_change(utc: str, open_now: bool) -> None:
    assert is_open(DEMO, datetime.fromisoformat(utc).replace(tzinfo=UTC)) is open_now


def test_a_callback_is_promised_for_the_next_day_that_the_office_opens() -> None:
    assert desk_due(DEMO, at("2026-11-27T16:30")) == at("2026-11-30T09:00")
    assert desk_due(DEMO, at("2026-11-24T03:00")) == at("2026-11-24T09:00")
    assert desk_due(DEMO, at("2026-11-24T09:00")) == at("2026-11-25T09:00")
