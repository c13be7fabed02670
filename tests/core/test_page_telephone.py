"""A practice chooses what rings its people, and a call that may be a repeat says so."""

from pathlib import Path

import pytest

from careline.core.errors import DataFileError
from careline.core.oncall import script
from careline.core.practice import parse_practice

DEMO = (Path(__file__).parents[2] / "practices" / "demo" / "practice.toml").read_text(encoding="utf-8")


def with_telephone(line: str) -> str:
    return DEMO.replace("[escalation]\n", f"[escalation]\n{line}\n", 1)


def test_a_practice_may_choose_and_need_not() -> None:
    assert parse_practice(DEMO, "practice.toml").paging.telephone == ""
    assert parse_practice(with_telephone('telephone = "twilio"'), "practice.toml").paging.telephone == "twilio"


def test_a_telephone_that_does_not_exist_is_an_error_with_its_line_and_mend() -> None:
    with pytest.raises(DataFileError, match="one of: sip, twilio"):
        parse_practice(with_telephone('telephone = "pigeon"'), "practice.toml")


@pytest.mark.parametrize(("language", "words"), [("en", "before"), ("es", "ya haya recibido")])
def test_a_call_that_may_be_a_repeat_says_so_before_anything_else(language: str, words: str) -> None:
    first = script.by_phone(language, "urgent", "Cedar Hill", "Dr. Rivera").first
    again = script.by_phone(language, "urgent", "Cedar Hill", "Dr. Rivera", repeat=True).first
    assert words in again.partition(".")[0]
    assert again.endswith(first)
