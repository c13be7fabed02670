"""From what was said to what is held: order never matters, and nothing said later lowers what was known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from triage_shelf import facts, finding, library

from careline.core.clinical import Fact, Facts, Finding, Presence, Quote, Reply, Subject
from careline.core.triage import answer, decide, derive, fold, next_question, screen
from careline.core.triage.facts import join

LIB = library()
CONCEPTS = LIB.concepts


def test_what_is_said_to_be_so_is_a_fact_with_its_words() -> None:
    known = fold(LIB, Facts(), [finding("chest_pain")])
    assert known.reply("chest_pain") is Reply.YES
    fact = known.get("chest_pain")
    assert fact is not None
    assert [quote.text for quote in fact.quotes] == ["chest_pain"]
    assert not fact.confirmed


@pytest.mark.parametrize("presence", [Presence.PAST, Presence.FEARED, Presence.HYPOTHETICAL, Presence.OTHER])
def test_what_is_past_feared_imagined_or_somebody_elses_is_no_fact(presence: Presence) -> None:
    assert not fold(LIB, Facts(), [finding("seizure", presence)]).known


def test_a_findings_subject_decides_whose_fact_it_is() -> None:
    assert not fold(LIB, Facts(), [finding("fever", subject=Subject.OTHER)]).known
    about_child = [finding("pregnant"), finding("fever", subject=Subject.PATIENT), finding("chest_pain")]
    assert set(fold(LIB, Facts(), about_child, about=Subject.PATIENT).known) == {"fever", "chest_pain"}


def test_a_later_no_does_not_take_back_a_danger() -> None:
    known = fold(LIB, Facts(), [finding("chest_pain"), finding("chest_pain", Presence.ABSENT, turn=2)])
    fact = known.get("chest_pain")
    assert fact is not None
    assert fact.value is Reply.YES
    assert fact.denied
    assert decide(LIB, known).contradictions == ("chest_pain",)


def test_saying_no_twice_confirms_it() -> None:
    known = fold(LIB, Facts(), [finding("wheeze", Presence.ABSENT), finding("wheeze", Presence.ABSENT, turn=2)])
    fact = known.get("wheeze")
    assert fact is not None
    assert fact.confirmed


def test_what_reassures_is_taken_back_by_a_no() -> None:
    known = fold(LIB, Facts(), [finding("child_playing"), finding("child_playing", Presence.ABSENT, turn=2)])
    assert known.reply("child_playing") is Reply.NO


def test_of_two_temperatures_the_more_dangerous_stands() -> None:
    two = [finding("temperature", value=37.2), finding("temperature", value=39.5, turn=2)]
    assert fold(LIB, Facts(), two).number("temperature") == 39.5
    cold = [finding("temperature", value=37.2), finding("temperature", value=35.0, turn=2)]
    assert fold(LIB, Facts(), cold).number("temperature") == 35.0


def test_an_answer_about_age_replaces_what_was_only_mentioned() -> None:
    known = fold(LIB, Facts(), [finding("age", value=8.0), finding("headache")])
    assert derive(LIB, known).reply("pregnant") is Reply.NO
    age = screen(LIB, Facts({"headache": Fact(Reply.YES)}))[0]
    known = answer(LIB, known, age, 28.0)
    assert known.number("age") == 28.0
    assert derive(LIB, known).reply("pregnant") is None


@pytest.mark.parametrize(("concept", "value"), [("temperature", 300.0), ("pregnant_weeks", 60.0), ("age", 250.0)])
def test_an_impossible_number_is_not_known_and_lowers_nothing(concept: str, value: float) -> None:
    known = fold(LIB, Facts(), [finding(concept, value=value), finding("fever")])
    assert known.reply(concept) is Reply.UNSURE
    better = fold(LIB, known, [finding(concept, value=30.0 if concept != "temperature" else 39.0, turn=2)])
    assert better.number(concept) is not None


def test_what_follows_from_numbers_severity_and_time_is_data() -> None:
    said = [
        finding("temperature", value=38.0),
        finding("headache", severity=9),
        finding("cough", hours=24 * 40),
        finding("pregnant_weeks", value=30.0),
    ]
    known = derive(LIB, fold(LIB, Facts(), said))
    for concept in ("fever", "headache_severe", "cough_long", "pregnant"):
        assert known.reply(concept) is Reply.YES, concept
    assert derive(LIB, facts(temperature=37.9)).reply("fever") is Reply.NO
    assert derive(LIB, facts("fever", temperature=37.9)).reply("fever") is Reply.YES
    assert derive(LIB, facts("thunderclap")).reply("headache") is Reply.YES
    assert derive(LIB, facts(unsure=("pregnant_weeks",))).reply("pregnant") is Reply.UNSURE


def test_a_no_to_a_compound_question_is_a_no_to_each_of_its_parts() -> None:
    known = facts("sprain", age=40, sex="male")
    breathing = next(q for q in screen(LIB, known) if q.id.endswith(".breathing"))
    known = answer(LIB, known, breathing, Reply.NO)
    for part in ("not_breathing", "choking", "throat_swelling"):
        fact = known.get(part)
        assert fact is not None
        assert fact.value is Reply.NO
        assert fact.confirmed
    kept = answer(LIB, fold(LIB, Facts(), [finding("choking")]), breathing, Reply.NO)
    assert kept.reply("choking") is Reply.YES


def test_a_number_asked_for_and_not_known_is_unsure() -> None:
    age = screen(LIB, facts("headache"))[0]
    assert answer(LIB, facts("headache"), age, 300.0).reply("age") is Reply.UNSURE
    assert next_question(LIB, Facts()) is None


NAMES = ["chest_pain", "fever", "child_playing", "age", "temperature", "pregnant_weeks", "universal-danger.heart"]
QUOTES = st.builds(Quote, st.integers(1, 4), st.integers(0, 3), st.integers(4, 9), st.sampled_from(["a", "b"]))


@st.composite
def one_fact(draw: st.DrawFn, name: str) -> Fact:
    concept = CONCEPTS.get(name)
    replies = st.sampled_from(list(Reply))
    numbers = st.sampled_from([0.1, 2.0, 30.0, 37.0, 39.0, 41.0])
    value = draw(replies if concept is None or concept.kind == "flag" else st.one_of(numbers, st.just(Reply.UNSURE)))
    quotes = tuple(sorted(draw(st.sets(QUOTES, max_size=2)), key=lambda q: (q.turn, q.start, q.end, q.text)))
    return Fact(value, quotes, confirmed=draw(st.booleans()))


@given(st.sampled_from(NAMES).flatmap(lambda n: st.tuples(st.just(n), one_fact(n), one_fact(n), one_fact(n))))
def test_joining_facts_is_commutative_and_associative(drawn: tuple[str, Fact, Fact, Fact]) -> None:
    name, one, two, three = drawn
    concept = CONCEPTS.get(name)
    assert join(concept, one, two) == join(concept, two, one)
    assert join(concept, join(concept, one, two), three) == join(concept, one, join(concept, two, three))


@given(st.permutations(range(8)), st.integers(0, 2**31))
def test_the_order_of_what_is_said_does_not_matter(order: list[int], seed: int) -> None:
    names = sorted(LIB.concepts.by_name)
    presences = list(Presence)
    said: list[Finding] = []
    for place in range(8):
        name = names[(seed * 31 + place * place * 17) % len(names)]
        number = LIB.concepts.by_name[name].kind == "number"
        value = float((seed >> place) % 60) if number else None
        said.append(finding(name, presences[(seed >> place) % len(presences)], turn=place + 1, value=value))
    one = fold(LIB, Facts(), said)
    other = fold(LIB, Facts(), [said[place] for place in order])
    assert one == other
    assert decide(LIB, one) == decide(LIB, other)
