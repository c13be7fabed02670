"""Replies, numbers, choices, names, dates, telephone numbers and states, as people give them."""

from __future__ import annotations

from datetime import date

import pytest

from careline.core import language
from careline.core.clinical import Reply
from careline.core.language import Lexicons

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("yes", Reply.YES),
        ("um, yeah", Reply.YES),
        ("I guess so", Reply.YES),
        ("kind of", Reply.YES),
        ("a little bit", Reply.YES),
        ("yes ma'am he does", Reply.YES),
        ("my chest? yes", Reply.YES),
        ("no", Reply.NO),
        ("no, not that I know of", Reply.NO),
        ("not that I've noticed", Reply.NO),
        ("not really", Reply.NO),
        ("no, I don't think so", Reply.NO),
        ("yeah no", Reply.NO),
        ("well, no, but my arm feels numb", Reply.NO),
        ("No, that's everything", Reply.NO),
        ("I'm not sure", Reply.UNSURE),
        ("I don't know", Reply.UNSURE),
        ("maybe a little", Reply.UNSURE),
        ("I don't think so", Reply.UNSURE),
        ("yes, no, yes", Reply.UNSURE),
        ("I have chest pain", None),
        ("right arm is numb", None),
        ("", None),
    ],
)
def test_yes_no_and_unsure_in_everyday_words(lexicons: Lexicons, text: str, wanted: Reply | None) -> None:
    assert language.reply(lexicons, text, "en") is wanted


@pytest.mark.parametrize(
    ("text", "concept", "wanted"),
    [
        ("fifteen months", "age", 1.25),
        ("she's 3", "age", 3),
        ("seventy-two", "age", 72),
        ("72", "age", 72),
        ("about 29 weeks", "pregnant_weeks", 29),
        ("eight months", "pregnant_weeks", 34.76),
        ("102.5", "temperature", 39.17),
        ("one oh three", "temperature", 39.44),
        ("a hundred point nine", "temperature", 38.28),
        ("38.5", "temperature", 38.5),
        ("190 over 110", "systolic", 190),
        ("190 over 110", "diastolic", 110),
        ("two weeks ago", "postop_days", 14),
        ("yesterday", "postop_days", 1),
        ("three days", "symptom_hours", 72),
        ("none", "pads_per_hour", 0),
        ("250", "age", None),
        ("pregnant 60 weeks", "pregnant_weeks", None),
        ("temperature 300", "temperature", None),
        ("I don't know", "age", None),
    ],
)
def test_numbers_come_in_the_concepts_own_unit(
    lexicons: Lexicons, text: str, concept: str, wanted: float | None
) -> None:
    value = language.number(lexicons, text, "en", concept)
    assert value == (pytest.approx(wanted, abs=0.01) if wanted is not None else None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("March 5th 1980", date(1980, 3, 5)),
        ("the fifth of march nineteen eighty", date(1980, 3, 5)),
        ("march twenty first 1975", date(1975, 3, 21)),
        ("june third two thousand four", date(2004, 6, 3)),
        ("3/5/80", date(1980, 3, 5)),
        ("03051980", date(1980, 3, 5)),
        ("February 30 1990", None),
        ("march 5", None),
        ("next tuesday", None),
    ],
)
def test_dates_of_birth_spoken_typed_or_keyed(lexicons: Lexicons, text: str, wanted: date | None) -> None:
    assert language.date_of_birth(lexicons, text, "en", TODAY) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("555-0123", "5550123"),
        ("+1 (202) 555-0147", "2025550147"),
        ("two oh two five five five oh one four seven", "2025550147"),
        ("two zero two, double five five, zero one, double four", "2025550144"),
        ("12345", None),
    ],
)
def test_telephone_numbers(lexicons: Lexicons, text: str, wanted: str | None) -> None:
    assert language.phone_number(lexicons, text, "en") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("My name is John Smith", "John Smith"),
        ("it's Maria Lopez-Garcia, I'm calling about my son", "Maria Lopez-Garcia"),
        ("uh this is Dr. Payne", "Payne"),
        ("Crystal", "Crystal"),
    ],
)
def test_names_keep_their_spelling(lexicons: Lexicons, text: str, wanted: str) -> None:
    assert language.name(lexicons, text, "en") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("I'm in Texas", "TX"), ("Brooklyn, New York", "NY"), ("west virginia", "WV"), ("TX", "TX"), ("at home", None)],
)
def test_states_by_name_city_or_letters(lexicons: Lexicons, text: str, wanted: str | None) -> None:
    assert language.us_state(lexicons, text, "en") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("for my son", "son"), ("myself", "self"), ("it's for me", "self"), ("my husband", "husband"), ("what?", None)],
)
def test_whom_the_call_is_for(lexicons: Lexicons, text: str, wanted: str | None) -> None:
    assert language.relation(lexicons, text, "en") == wanted


def test_choices(lexicons: Lexicons) -> None:
    assert language.choice(lexicons, "she's a girl", "sex", "en") == "female"
    assert language.choice(lexicons, "hmm", "sex", "en") is None
