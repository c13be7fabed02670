"""How long a pause is waited out, and what is only the noise of listening."""

from __future__ import annotations

import pytest

from careline.core.contact import Expect
from careline.core.language.turns import CLOSED_S, LONGEST_S, SHORTEST_S, listening, patience


@pytest.mark.parametrize("said", ["", "yes", "no it is not", "sí"])
def test_a_closed_question_waits_350_ms_at_most_for_a_plain_answer(said: str) -> None:
    assert patience(Expect.YES_NO, said, "en") <= CLOSED_S


@pytest.mark.parametrize("kind", [Expect.YES_NO, Expect.OPEN, Expect.NAME])
@pytest.mark.parametrize("said", ["um", "I think", "it hurts because", "my", "yes but"])
def test_whoever_has_begun_something_is_given_the_time(kind: Expect, said: str) -> None:
    assert patience(kind, said, "en") == LONGEST_S


@pytest.mark.parametrize(("said", "language"), [("me duele porque", "es"), ("es que mi", "es")])
def test_in_spanish_too(said: str, language: str) -> None:
    assert patience(Expect.OPEN, said, language) == LONGEST_S


def test_an_open_answer_outlasts_a_pause_of_a_second_unless_it_is_plainly_over() -> None:
    assert patience(Expect.OPEN, "I have had this cough for three weeks", "en") > 1.0
    assert patience(Expect.OPEN, "I need a refill, thank you", "en") == SHORTEST_S


def test_a_number_is_waited_for_until_all_its_digits_are_there() -> None:
    assert patience(Expect.DIGITS, "two one two five five five", "en") == LONGEST_S
    assert patience(Expect.DIGITS, "212 555 0123", "en") == SHORTEST_S
    assert patience(Expect.OPEN, "call me at 212 555", "en") == LONGEST_S


@pytest.mark.parametrize("text", ["mm-hm", "Okay.", "uh huh", "yeah, right", "I see"])
def test_listeners_noises_are_no_turns(text: str) -> None:
    assert listening(text, "en")


@pytest.mark.parametrize("text", ["no", "stop", "okay but my chest hurts", "I can't breathe", "yes I have a question"])
def test_words_are_turns(text: str) -> None:
    assert not listening(text, "en")
