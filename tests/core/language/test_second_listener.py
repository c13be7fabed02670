"""The second listener: an open model that may only add."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from language_tables import VOCABULARY, table

from careline.bootstrap import data
from careline.core.errors import DataFileError
from careline.core.language import SecondListener
from careline.core.language.second import EMERGENCY, features_of, words_of

REHEARSALS = Path("tests/rehearsals")
TABLES = Path("tests/core/language")
SMALL = "# made by hand\nen\t-1\t0\t-1\t0\t-0.9\n\n=chest\t200\t3000\t3000\n=hours\t150\t-2000\t-2000\n_che\t300\t1000\t1000\n"


@pytest.fixture(scope="module")
def second() -> SecondListener:
    return data.lexicons().second


def head() -> list[str]:
    return (resources.files("careline.core.language") / "second.tsv").read_text().split("\n\n")[0].split("\n")


def test_it_was_learnt_from_the_open_sets_as_they_stand_and_from_nothing_else() -> None:
    sources = sorted(REHEARSALS.glob("*/open*.jsonl"))
    sources += [path for kind in ("hears", "mild", "quiet") for path in sorted(TABLES.glob(f"{kind}*.toml"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    names = head()[0].split("(")[1].rstrip(")").split(", ")
    assert names == [path.relative_to("tests").as_posix() for path in sources], "run `make listener`"
    assert digest in head()[1], "the open sets changed: run `make listener`"


@given(st.text(max_size=60))
def test_words_are_found_where_they_were_said(text: str) -> None:
    for word in words_of(text):
        assert 0 <= word.start < word.end <= len(text)


def test_accents_capitals_and_curly_apostrophes_make_no_difference() -> None:
    plain = [name for name, _ in features_of(words_of("no puedo respirar, he's blue"))]
    assert plain == [name for name, _ in features_of(words_of("NO Puedo respirár, he\u2019s blue"))]


@given(st.lists(st.sampled_from(["my chest", "three hours", "opening hours", "chesty cough"]), max_size=6))
def test_what_was_heard_only_grows_and_its_order_has_no_meaning(turns: list[str]) -> None:
    small = SecondListener.parse(SMALL)
    forwards, backwards = frozenset[int](), frozenset[int]()
    for turn in turns:
        assert forwards <= (forwards := small.hear(turn, forwards))
    for turn in reversed(turns):
        backwards = small.hear(turn, backwards)
    assert small.judge(forwards, "en") == small.judge(backwards, "en")


def test_it_quotes_the_words_that_weighed_most() -> None:
    small = SecondListener.parse(SMALL)
    said = "well I was only wondering about your hours because since the day before yesterday there is my chest"
    finding = small.findings("my chest", small.hear("my chest"), "en", 2)[0]
    assert (finding.concept, finding.quote.text, finding.quote.turn) == (EMERGENCY, "my chest", 2)
    assert small.findings(said, small.hear("opening hours"), "en", 1) == ()


def test_a_language_it_did_not_learn_is_judged_by_the_first_it_did() -> None:
    small = SecondListener.parse(SMALL)
    assert small.judge(small.hear("chest"), "fr") == small.judge(small.hear("chest"), "en")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("en\t0\t0\t0\t0\t0\n\n=chest\tmany\t1\t1\n", 3),
        ("en\t0\t0\t0\t0\t0\n\n=chest\t1\t1\n", 3),
        ("en\tnone\t0\t0\t0\t0\n\n=chest\t1\t1\t1\n", 1),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(DataFileError) as refused:
        SecondListener.parse(text, "second.tsv")
    assert refused.value.line == line


def test_a_flood_of_words_costs_no_more_than_its_two_ends(second: SecondListener) -> None:
    end = " and now my whole left side is numb"
    assert second.hear("blah " * 50_000 + end) == second.hear("blah " * 500 + end)


def test_it_is_not_calm_about_plain_danger(second: SecondListener) -> None:
    """Who says it plainly is hardly ever asked first: of a thousand such sentences not one in two hundred sounds calm."""
    dangers = frozenset(name for name, concept in VOCABULARY.items() if concept.get("danger"))
    said = [
        (path.suffixes[0][1:], line)
        for path in sorted(TABLES.glob("hears*.toml"))
        for names, lines in table(path.name)["hears"].items()
        if dangers.issuperset(names.split())
        for line in lines.splitlines()
        if line.strip()
    ]
    calm = [line for language, line in said if second.calm(second.hear(line), len(line.split()), language)]
    assert len(said) > 1000
    assert len(calm) * 200 <= len(said), calm
