"""Sentences of protocols: what they mean, and what is said to an author who writes one that means nothing."""

from __future__ import annotations

import pytest

from careline.core.clinical import Fact, Reply
from careline.core.triage.concepts import Concepts
from careline.core.triage.conditions import BadSentence, Op, Part, Terms, Truth, parse, truth

CONCEPTS = Concepts.parse(
    """
[age]
kind = "number"
unit = "years"
min = 0
max = 120
normal = 30
means = "age"

[temperature]
kind = "number"
unit = "celsius"
min = 30
max = 44
normal = 37
means = "temperature"

[sex]
kind = "choice"
choices = ["female", "male", "other"]
means = "sex"

[fever]
kind = "flag"
means = "fever"

[bleeding]
kind = "flag"
danger = true
means = "bleeding"

[playing]
kind = "flag"
reassuring = true
means = "plays"
""",
    "concepts.toml",
)
TERMS = Terms(
    "page", CONCEPTS.by_name, {"either": (False, (Part("fever", danger=False), Part("bleeding", danger=True)))}, {}
)


def holds(sentence: str, **known: Reply | float | str) -> Truth:
    return truth(parse(sentence, TERMS), {name.replace("__", "."): Fact(value) for name, value in known.items()}, {})


@pytest.mark.parametrize(
    ("sentence", "known", "expected"),
    [
        ("fever is yes", {"fever": Reply.YES}, Truth.TRUE),
        ("fever is yes", {"fever": Reply.NO}, Truth.FALSE),
        ("fever is yes", {"fever": Reply.UNSURE}, Truth.DOUBT),
        ("fever is yes", {}, Truth.UNKNOWN),
        ("bleeding is yes", {"bleeding": Reply.UNSURE}, Truth.TRUE),
        ("playing is no", {"playing": Reply.UNSURE}, Truth.TRUE),
        ("playing is no or not known", {}, Truth.TRUE),
        ("age below 3 months", {"age": 0.249}, Truth.TRUE),
        ("age below 3 months", {"age": 0.25}, Truth.FALSE),
        ("age at least 30 years or not known", {}, Truth.TRUE),
        ("age at least 30 years or not known", {"age": 29.0}, Truth.FALSE),
        ("temperature at least 38 celsius", {"temperature": 38.0}, Truth.TRUE),
        ("temperature at least 38 celsius", {"temperature": Reply.UNSURE}, Truth.DOUBT),
        ("sex is male", {"sex": "male"}, Truth.TRUE),
        ("sex is not male", {"sex": "other"}, Truth.TRUE),
        ("sex one of female, other", {"sex": "male"}, Truth.FALSE),
    ],
)
def test_a_sentence_is_true_false_doubtful_or_unknown(
    sentence: str, known: dict[str, Reply | float | str], expected: Truth
) -> None:
    assert holds(sentence, **known) is expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, Truth.UNKNOWN),
        ({"fever": Reply.YES}, Truth.TRUE),
        ({"fever": Reply.UNSURE}, Truth.DOUBT),
        ({"bleeding": Reply.UNSURE}, Truth.TRUE),
        ({"fever": Reply.NO}, Truth.UNKNOWN),
        ({"fever": Reply.NO, "bleeding": Reply.NO}, Truth.FALSE),
        ({"page__either": Reply.NO}, Truth.FALSE),
        ({"page__either": Reply.NO, "bleeding": Reply.YES}, Truth.TRUE),
    ],
)
def test_a_compound_is_yes_by_any_part_and_no_by_all_of_them(known: dict[str, Reply], expected: Truth) -> None:
    assert holds("either is yes", **known) is expected


@pytest.mark.parametrize(
    ("sentence", "complaint"),
    [
        ("fever yes", "cannot read"),
        ("cough is yes", "unknown question 'cough'"),
        ("age below 3 celsius", "wrong unit 'celsius'"),
        ("temperature at least 38 days", "wrong unit 'days'"),
        ("temperature at least 60 celsius", "impossible"),
        ("age below young years", "neither a number nor a setting"),
        ("fever at least 1 days", "yes/no question"),
        ("sex is tall", "one of female, male, other"),
        ("either at least 3 years", "compound"),
    ],
)
def test_a_sentence_that_means_nothing_is_refused_with_a_mend(sentence: str, complaint: str) -> None:
    with pytest.raises(BadSentence, match=complaint) as refused:
        parse(sentence, TERMS)
    assert refused.value.mend


def test_a_number_knows_its_smallest_step_in_its_own_unit() -> None:
    assert parse("age below 3 months", TERMS).step == pytest.approx(1 / 12)
    assert parse("temperature at least 38 celsius", TERMS).step == pytest.approx(0.1)
    assert parse("temperature at least 38 celsius", TERMS).op is Op.AT_LEAST
