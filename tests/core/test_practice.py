"""A practice file is taken whole or refused with file, line and mend; no mistake in it becomes a silent gap."""

from __future__ import annotations

from pathlib import Path

import pytest

from careline.core.errors import DataFileError
from careline.core.practice import CoverageMode, Recording, parse_practice

DEMO = (Path(__file__).parents[2] / "practices" / "demo" / "practice.toml").read_text(encoding="utf-8")


def test_the_demo_practice_is_read_whole() -> None:
    practice = parse_practice(DEMO, "demo")
    assert [line.mode for line in practice.lines] == [CoverageMode.FULL_TIME, CoverageMode.AFTER_HOURS]
    assert practice.recording is Recording.BY_LAW
    assert practice.member("rivera").pin == "4711"
    assert practice.shifts[0].hours.overnight
    assert set(practice.faq) == {
        "hours", "directions", "services", "insurance_accepted", "referral", "fees", "preparation",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ('staff = "okafor"', 'staff = "okafr"', "nobody here is called 'okafr'"),
        ('timezone = "America/New_York"', 'timezone = "Amerika/New_York"', "no time zone is called"),
        ('mon = "08:00-17:00"', 'mon = "08:00-27:00"', "not a span of time"),
        ('mode = "after_hours"', 'mode = "afterhours"', "one of: full_time, after_hours, overflow"),
        ('number = "+12125550101"', 'number = "212-555-0101"', "full number with +"),
        ('number = "+12125550101"', 'number = "+12125550100"', "listed twice"),
        ("seconds = 120", "seconds = 0", "from 15 to 3600"),
        ('channels = ["phone", "email"]\nseconds = 120', "channels = []\nseconds = 120", "not empty"),
        ('days = ["fri", "sat", "sun"]', 'days = ["fri", "sabado"]', "'sabado' is not a day"),
        ('pin = "4711"', 'pin = "12"', "4 to 8 digits"),
        ("[promises]", "[promisses]", "unknown key 'promisses'"),
        ('topic = "fees"', 'topic = "fee"', "no topic is called 'fee'"),
        ('en = "Thank you', 'em = "Thank you', "en is missing"),
        ("live = false", "live = fals", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_mend(wrong: str, right: str, says: str) -> None:
    assert wrong in DEMO
    with pytest.raises(DataFileError) as error:
        parse_practice(DEMO.replace(wrong, right, 1), "practice.toml")
    assert str(error.value).startswith("practice.toml:")
    assert says in str(error.value)
    written_at = DEMO[: DEMO.index(wrong)].count("\n") + 1
    assert abs(error.value.line - written_at) <= 2
