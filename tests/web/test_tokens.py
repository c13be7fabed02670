"""A note for a browser opens what it was made for, for as long as it was made for, and nothing that was not made here opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careline import tokens
from careline.core.errors import Refused

KEY, NOW = b"k" * 32, datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def test_it_opens_until_it_expires() -> None:
    token = tokens.mint(KEY, "demo", NOW + timedelta(seconds=120), "n1")
    assert tokens.opened(KEY, token, NOW + timedelta(seconds=120)) == "demo"
    with pytest.raises(Refused):
        tokens.opened(KEY, token, NOW + timedelta(seconds=121))


def test_another_purpose_has_another_key() -> None:
    with pytest.raises(Refused):
        tokens.opened(b"x" * 32, tokens.mint(KEY, "demo", NOW, "n1"), NOW)


@given(st.text(max_size=600))
def test_what_was_not_made_here_does_not_open(text: str) -> None:
    with pytest.raises(Refused):
        tokens.opened(KEY, text, NOW)


@given(st.integers(0, 79), st.characters(codec="ascii"))
def test_one_changed_letter_closes_it(at: int, letter: str) -> None:
    token = tokens.mint(KEY, "demo", NOW, "n1")
    changed = token[: at % len(token)] + letter + token[at % len(token) + 1 :]
    if changed != token:
        with pytest.raises(Refused):
            tokens.opened(KEY, changed, NOW)


@pytest.mark.parametrize("subject", ["", "a b", "demo.1", "é", "x" * 121])
def test_a_subject_is_an_id(subject: str) -> None:
    with pytest.raises(ValueError, match="ids"):
        tokens.mint(KEY, subject, NOW, "n1")
