"""What holds for whatever is said: no crash, quotes that match, bounded work, and danger that no other words can hide."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language_tables import VOCABULARY, table

from careline.core.clinical import Presence
from careline.core.language import Context, Lexicons, name, number, phone_number, reply, understand

HOLDS = (Presence.PRESENT, Presence.UNCERTAIN)
DANGERS = {concept for concept, entry in VOCABULARY.items() if entry.get("danger")}
SAID = [line for lines in table("hears.en.toml")["hears"].values() for line in lines.strip().split("\n")]
WORDS = st.sampled_from(
    """no not my chest pain hurts and but or bleeding won't stop can't breathe is the he she a since yesterday 3 102 . , ...
    el me duele no puedo""".split()  # noqa: SIM905 - a sentence of words reads better than a list
)
UNRELATED = [
    "I live on Elm Street.",
    "My sister says hello.",
    "I need a refill too.",
    "No fever.",
    "It's raining here.",
    "My dad had a stroke years ago.",
    "I'm fine otherwise.",
    "Thanks.",
]


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=400))
def test_nothing_that_can_be_typed_crashes(lexicons: Lexicons, text: str) -> None:
    understand(lexicons, text, Context())
    reply(lexicons, text, "en")
    number(lexicons, text, "en", "age")
    phone_number(lexicons, text, "es")
    name(lexicons, text, "en")


@settings(max_examples=300, deadline=None)
@given(words=st.lists(WORDS, max_size=40))
def test_quotes_are_the_callers_own_words(lexicons: Lexicons, words: list[str]) -> None:
    text = " ".join(words)
    understood = understand(lexicons, text, Context(turn=3))
    quotes = [finding.quote for finding in understood.findings] + [intent.quote for intent in understood.intents]
    for quote in quotes:
        assert quote.turn == 3
        assert text[quote.start : quote.end] == quote.text
        assert quote.text


@settings(max_examples=400, deadline=None)
@given(said=st.sampled_from(SAID), other=st.sampled_from(UNRELATED), before=st.booleans())
def test_an_unrelated_sentence_never_hides_a_danger(lexicons: Lexicons, said: str, other: str, before: bool) -> None:
    def dangers(text: str) -> set[str]:
        found = understand(lexicons, text, Context()).findings
        return {finding.concept for finding in found if finding.presence in HOLDS and finding.concept in DANGERS}

    longer = f"{other} {said}." if before else f"{said}. {other}"
    assert dangers(said + ".") <= dangers(longer)


@pytest.mark.parametrize("text", ["", " ", "....", "\x00\x07", "🙂🙂", "胸が痛い", "a" * 5000, "١٢٣ 3½ ²"])
def test_odd_input_is_understood_as_nothing(lexicons: Lexicons, text: str) -> None:
    assert understand(lexicons, text, Context()).findings == ()


def test_a_hundred_thousand_characters_are_bounded_and_danger_in_them_is_heard(lexicons: Lexicons) -> None:
    filler = "well I was at the store and then I went home and had some lunch with my friend, "
    text = (filler * 1300)[:99_900] + ". I have crushing chest pain"
    started = time.process_time()
    found = understand(lexicons, text, Context()).findings
    assert time.process_time() - started < 5
    assert {"chest_pain", "chest_pressure"} & {finding.concept for finding in found}


def test_the_same_words_give_the_same_understanding(lexicons: Lexicons) -> None:
    for text in SAID[:50]:
        assert understand(lexicons, text, Context()) == understand(lexicons, text, Context())
