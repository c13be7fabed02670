"""Which disposition, and why: examples that a clinician would recognise, and the rules of the house about deciding."""

from __future__ import annotations

import pytest
from triage_shelf import facts, finding, library

from careline.core.clinical import Disposition, Facts, Level, Presence, Reply
from careline.core.triage import Service, decide, fold

LIB = library()


def test_nothing_wrong_is_administrative_or_what_the_caller_of_decide_says() -> None:
    assert decide(LIB, Facts()).disposition is Disposition.ADMINISTRATIVE
    assert (
        decide(LIB, facts("diabetic", "heart_history", age=66), nothing=Disposition.ROUTINE).disposition
        is Disposition.ROUTINE
    )
    assert not decide(LIB, facts("cancer", age=59)).started


@pytest.mark.parametrize(
    ("weeks", "disposition"),
    [(22, "clinician_now"), (23.9, "clinician_now"), (24, "ed_now"), (27, "ed_now"), (28, "ed_now"), (32, "ed_now")],
)
def test_the_same_words_mean_something_else_at_22_and_at_32_weeks(weeks: float, disposition: str) -> None:
    assert decide(LIB, facts("movement_reduced", pregnant_weeks=weeks)).disposition == disposition


@pytest.mark.parametrize(
    ("concepts", "values"),
    [
        (("cold_symptoms", "sore_throat"), {"age": 34, "sex": "female"}),
        (("blister",), {"age": 33, "sex": "female"}),
        (("sprain",), {"age": 37, "sex": "female"}),
        (("constipation",), {"age": 40, "sex": "male"}),
        (("headache",), {"age": 27, "sex": "male"}),
        (("diarrhea",), {"age": 26, "sex": "male"}),
        (("insect_bite",), {"age": 26, "sex": "male"}),
        (("pain_urinating",), {"age": 28, "sex": "female"}),
        (("tooth_pain",), {"age": 28, "sex": "female"}),
        (("back_pain",), {"age": 28, "sex": "female"}),
        (("fever", "cold_symptoms"), {"age": 5}),
    ],
)
def test_a_benign_complaint_is_not_an_emergency(concepts: tuple[str, ...], values: dict[str, float | str]) -> None:
    decision = decide(LIB, facts(*concepts, no=("pregnant", "postpartum"), **values))
    assert decision.level in (Level.ROUTINE, Level.SELF_CARE)


def test_each_decision_says_which_rule_of_which_protocol_with_which_words() -> None:
    known = fold(LIB, facts(age=58), [finding("chest_pain"), finding("sweating_cold", turn=2)])
    decision = decide(LIB, known)
    first = decision.fired[0]
    assert decision.disposition is Disposition.CALL_911
    assert (first.protocol, first.rule, first.unknown) == ("adult-chest-pain", "companions", False)
    assert first.version == LIB.protocols["adult-chest-pain"].version
    assert first.hash == LIB.protocols["adult-chest-pain"].hash
    assert {source.title for source in first.because} >= {"NHLBI: heart attack symptoms"}
    assert [quote.text for quote in first.quotes] == ["chest_pain", "sweating_cold"]
    assert "chest_pain" in first.concepts


def test_a_rule_fires_whether_or_not_its_protocol_was_started() -> None:
    decision = decide(LIB, facts("vomiting", "adrenal", age=50, sex="male"))
    assert "diabetes" not in decision.started
    assert decision.fired[0].protocol == "diabetes"
    assert decision.disposition is Disposition.ED_NOW


def test_a_doubt_about_a_danger_counts_as_the_danger() -> None:
    assert decide(LIB, facts("sprain", unsure=("bleeding_severe",), age=30)).level is Level.EMERGENCY


def test_not_knowing_has_the_consequence_its_rule_names() -> None:
    decision = decide(LIB, facts("headache", unsure=("headache_severe",), age=40, sex="male"))
    assert decision.fired[0].unknown
    assert decision.disposition is Disposition.WITHIN_24H


def test_only_what_a_started_protocol_asks_has_a_consequence_when_not_known() -> None:
    assert decide(LIB, facts("sprain", unsure=("migraine_usual", "systolic"), age=30)).level is not Level.EMERGENCY


def test_an_interview_cut_short_leaves_open_dangers_standing() -> None:
    known = facts("heartburn", age=50, sex="male")
    assert decide(LIB, known).disposition is Disposition.HOME_CARE
    assert decide(LIB, known, final=True).level is Level.EMERGENCY


def test_a_child_protocol_waits_until_the_age_is_known_unless_nothing_more_is_asked() -> None:
    assert decide(LIB, facts("fever")).level is not Level.EMERGENCY
    assert decide(LIB, facts("fever", age=0.1)).disposition is Disposition.ED_NOW
    assert decide(LIB, facts("fever"), final=True).level is Level.EMERGENCY


def test_a_symptom_that_no_protocol_fits_is_seen_within_three_days() -> None:
    decision = decide(LIB, facts("period_cramps", age=0.5))
    assert decision.disposition is Disposition.WITHIN_3D
    assert decision.fired[0].protocol == "universal-danger"


def test_packs_choose_what_starts_but_never_leave_a_symptom_alone() -> None:
    tooth = facts("tooth_pain", age=30, sex="male")
    assert "dental" in decide(LIB, tooth, packs={"dental"}).started
    skin = decide(LIB, facts("rash", age=30, sex="male"), packs={"dental"})
    assert "skin-rash" in skin.started
    burn = decide(LIB, facts("allergic_reaction", age=3), packs={"pediatrics"})
    assert "allergic-reaction" in burn.started
    assert decide(LIB, facts("throat_swelling", age=30), packs={"dental"}).disposition is Disposition.CALL_911


def test_settings_tune_within_their_bounds_and_only_upward() -> None:
    pain = facts("chest_pain", age=30, sex="male")
    assert decide(LIB, pain).disposition is Disposition.WITHIN_24H
    earlier = {"adult-chest-pain.risk_age": 28.0}
    assert decide(LIB, pain, settings=earlier).disposition is Disposition.ED_NOW
    later = {"adult-chest-pain.risk_age": 60.0}
    assert decide(LIB, facts("chest_pain", age=36), settings=later).disposition is Disposition.ED_NOW
    beyond = {"adult-chest-pain.risk_age": 1.0}
    assert decide(LIB, facts("chest_pain", age=20, sex="male"), settings=beyond).disposition is Disposition.WITHIN_24H
    raised: dict[str, float | str] = {"cough-cold.otherwise": "within_24h", "adult-chest-pain.risk-age": "home_care"}
    assert (
        decide(LIB, facts("cold_symptoms", age=30, sex="male"), settings=raised).disposition is Disposition.WITHIN_24H
    )
    assert decide(LIB, facts("chest_pain", age=40), settings=raised).disposition is Disposition.ED_NOW
    assert decide(LIB, pain, settings={"nobody.knows": 3.0}).disposition is Disposition.WITHIN_24H


def test_services_are_offered_beside_a_disposition() -> None:
    assert decide(LIB, facts("suicidal", age=30)).services == (Service.LIFELINE_988,)
    assert decide(LIB, facts("double_dose", age=72)).services == (Service.POISON_CONTROL,)


def test_minimising_does_not_lower() -> None:
    said = [finding("chest_pressure"), finding("chest_pressure", Presence.ABSENT, turn=2)]
    assert decide(LIB, fold(LIB, facts(age=58), said)).disposition is Disposition.CALL_911
    assert fold(LIB, facts(age=58), said).reply("chest_pressure") is Reply.YES
