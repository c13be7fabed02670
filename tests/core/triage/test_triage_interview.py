"""What is asked, in which order, and when asking stops."""

from __future__ import annotations

import re

import pytest
from triage_shelf import facts, finding, library

from careline.core.clinical import Facts, Level, Presence, Reply
from careline.core.triage import Question, answer, decide, fold, next_question, screen

LIB = library()


def interview(
    known: Facts, *, packs: frozenset[str] = frozenset(), **profile: float | str
) -> tuple[Facts, list[Question]]:
    """Ask until nothing is left, answering from the profile and otherwise "no, not that I know of"."""
    asked: list[Question] = []
    for _ in range(60):
        waiting = screen(LIB, known, packs=packs)
        question = waiting[0] if waiting else next_question(LIB, known, {q.id for q in asked}, packs=packs)
        if question is None:
            return known, asked
        asked.append(question)
        value = profile.get(question.concept, Reply.UNSURE if question.kind == "number" else Reply.NO)
        known = answer(LIB, known, question, value)
    raise AssertionError(f"no end of questions: {[question.id for question in asked]}")


def dangers(asked: list[Question]) -> list[Question]:
    return [
        q for q in asked if q.protocol == "universal-danger" and q.danger and not q.id.endswith("pregnant_or_recent")
    ]


@pytest.mark.parametrize("age", [0.5, 5, 30, 80])
def test_everybody_with_a_symptom_is_asked_age_and_six_dangers(age: float) -> None:
    _, asked = interview(facts("rash"), age=age)
    assert asked[0].concept == "age"
    assert len(dangers(asked)) == 6


def test_without_a_symptom_nobody_is_asked_anything() -> None:
    assert screen(LIB, Facts()) == ()
    assert screen(LIB, facts("diabetic", age=50)) == ()
    assert next_question(LIB, Facts()) is None


@pytest.mark.parametrize(
    ("age", "sex", "asked"),
    [
        (11, "female", False),
        (12, "female", True),
        (55, "female", True),
        (56, "female", False),
        (30, "male", False),
        (30, None, True),
    ],
)
def test_pregnancy_within_the_year_is_asked_of_everybody_who_could_be(age: float, sex: str | None, asked: bool) -> None:
    known = facts("headache", age=age) if sex is None else facts("headache", age=age, sex=sex)
    assert any(question.id.endswith(".pregnant_or_recent") for question in screen(LIB, known)) is asked


def test_a_pregnancy_is_followed_by_its_weeks_and_a_birth_by_its_days() -> None:
    known = facts("headache", age=30, sex="female")
    known = answer(LIB, known, waiting(known)["universal-danger.pregnant_or_recent"], Reply.YES)
    now = waiting(known)["pregnant"]
    assert "pregnant_weeks" in waiting(answer(LIB, known, now, Reply.YES))
    assert "postpartum_days" in waiting(answer(LIB, known, now, Reply.NO))


def waiting(known: Facts) -> dict[str, Question]:
    return {question.id: question for question in screen(LIB, known)}


def test_dangers_come_before_pregnancy() -> None:
    ids = list(waiting(facts("headache", sex="female")))
    assert ids[0] == "age"
    assert ids.index("universal-danger.safety") < ids.index("universal-danger.pregnant_or_recent")


def test_what_was_told_is_not_asked_again() -> None:
    known = facts("headache", age=30, pregnant_weeks=12.0, sex="female")
    ids = {question.id for question in screen(LIB, known)}
    assert "age" not in ids
    assert not ids & {"universal-danger.pregnant_or_recent", "pregnant", "pregnant_weeks"}


def test_an_operation_is_asked_about_where_operations_are_done() -> None:
    known = facts("fever", age=40, sex="male")
    assert "surgery_recent" not in {question.id for question in screen(LIB, known, packs={"primary"})}
    assert "surgery_recent" in {question.id for question in screen(LIB, known, packs={"surgery"})}
    assert "postop_days" in {q.id for q in screen(LIB, facts("fever", "surgery_recent", age=40, sex="male"))}


def test_the_first_yes_to_a_danger_ends_the_questions() -> None:
    known = facts("sprain", age=30, sex="male")
    for question in screen(LIB, known):
        for reply in (Reply.YES, Reply.UNSURE):
            after = answer(LIB, known, question, reply)
            assert decide(LIB, after).level is Level.EMERGENCY, question.id
            assert screen(LIB, after) == ()
            assert next_question(LIB, after) is None


def test_the_next_question_is_the_one_that_can_change_most() -> None:
    known = facts("headache", age=30, sex="male", no=("fainted",))
    question = next_question(LIB, known)
    assert question is not None
    assert (
        decide(LIB, answer(LIB, known, question, Reply.YES)).level is not decide(LIB, known).level
        or question.concept == "fever"
    )


def test_asking_stops_when_nothing_left_can_raise() -> None:
    known, asked = interview(facts("sprain", age=30, sex="male"))
    assert decide(LIB, known).level is Level.SELF_CARE
    assert decide(LIB, known, final=True) == decide(LIB, known)
    assert len(asked) <= 12


def test_a_denial_in_passing_of_a_deciding_danger_is_asked_about_once() -> None:
    said = [
        finding("vaginal_bleeding"),
        finding("cord_visible", Presence.ABSENT),
        finding("fluid_leak", Presence.ABSENT),
    ]
    known, asked = interview(fold(LIB, facts(age=30, pregnant_weeks=8.0), said))
    confirms = [question for question in asked if question.id.startswith("confirm:")]
    assert [question.concept for question in confirms] == ["cord_visible"]
    assert "cord" in confirms[0].words["en"]
    assert known.reply("cord_visible") is Reply.NO


def test_a_contradiction_is_asked_about_once_and_the_safer_stands() -> None:
    said = [finding("breathless"), finding("breathless", Presence.ABSENT, turn=2)]
    known, asked = interview(fold(LIB, facts(age=30, sex="male"), said))
    again = [question for question in asked if question.id.startswith("again:")]
    assert [question.concept for question in again] == ["breathless"]
    assert known.reply("breathless") is Reply.YES


SYMPTOMS = [concept.name for concept in LIB.concepts.by_name.values() if concept.symptom]


@pytest.mark.parametrize("age", [0.5, 5, 30, 80])
def test_interviews_are_short(age: float) -> None:
    lengths: list[int] = []
    for symptom in SYMPTOMS:
        known, asked = interview(facts(symptom, age=age, sex="female"))
        lengths.append(sum(question.protocol != "universal-danger" for question in asked))
        settled, cut_short = decide(LIB, known), decide(LIB, known, final=True)
        assert cut_short.level is settled.level, symptom
        assert settled.level is Level.EMERGENCY or cut_short.disposition is settled.disposition, symptom
    assert max(lengths) <= 12
    assert sum(length <= 6 for length in lengths) >= 0.9 * len(lengths)


def test_no_question_asks_whether_it_is_an_emergency() -> None:
    for language, words in LIB.words.items():
        spoken = [
            *words.questions.values(),
            *(text for own in words.protocols.values() for text in own.questions.values()),
        ]
        for text in spoken:
            assert not re.search(r"emergenc", text, re.IGNORECASE), text
            assert text.endswith("?"), text
            assert language == "en" or "¿" in text, text


def test_every_question_can_be_asked_in_both_languages() -> None:
    for protocol in LIB.protocols.values():
        for key in protocol.questions:
            for words in LIB.words.values():
                assert words.question(protocol.id, key), (protocol.id, key)


def test_every_disposition_has_words_and_a_safety_net() -> None:
    decision = decide(LIB, facts("headache", age=30))
    for words in LIB.words.values():
        assert words.disposition(decision.disposition)
        net = words.safety_net(decision.disposition, decision.started)
        assert "911" in net
        assert words.protocols["headache"].worse in net
        assert words.meanwhile(decision.started)
        assert "911" in words.dispositions["call_911"]
