"""The shipped protocols: complete, tried by their own cases, marked as drafts, printable."""

from __future__ import annotations

from datetime import date

import pytest
from triage_shelf import PROTOCOLS, files, library

from careline.core.triage import PACKS, Status, cases_of, lint, red_flags, run, tables

LIB = library()
TODAY = date(2026, 11, 21)

#: What the issue names, and the protocols that answer it.
TOPICS = {
    "chest pain": "adult-chest-pain", "breathing": "adult-breathing", "stroke": "stroke-signs", "headache": "headache",
    "fainting": "fainting-dizziness", "palpitations": "palpitations", "abdominal pain": "abdominal-pain",
    "vomiting": "vomiting-diarrhea", "GI bleeding": "gi-bleeding", "allergic reaction": "allergic-reaction",
    "head injury": "head-injury", "back pain": "back-pain", "fever": "fever-sepsis", "urinary": "urinary-testicular",
    "vaginal bleeding": "vaginal-bleeding", "leg": "leg-pain-swelling", "skin": "skin-rash", "wounds": "wounds-bites",
    "burns": "burns", "eye": "eye", "ENT": "ear-nose-throat", "seizure": "seizure", "diabetes": "diabetes",
    "poisoning": "poisoning", "medication": "medication", "mental health": "mental-health-crisis",
    "violence": "violence-abuse", "heat and cold": "heat-cold", "weakness": "weakness-old", "falls": "falls-injuries",
    "infant fever": "infant-fever", "child fever": "child-fever", "child breathing": "child-breathing",
    "child vomiting": "child-vomiting", "child rash": "child-rash", "child head injury": "child-head-injury",
    "ingestion": "child-ingestion", "crying": "crying-infant", "feeding": "not-feeding",
    "bleeding in pregnancy": "pregnancy-bleeding", "movements": "pregnancy-movements", "labor": "pregnancy-labor",
    "fluid": "pregnancy-fluid", "pre-eclampsia": "pregnancy-blood-pressure", "hyperemesis": "pregnancy-vomiting",
    "postpartum": "postpartum", "op bleeding": "postop-bleeding", "op fever": "postop-fever", "op wound": "postop-wound",
    "op clot": "postop-clot", "op numbness": "postop-numbness", "op pain": "postop-pain", "op urine": "postop-urine-bowel",
    "dental": "dental", "ICD": "heart-device", "heart failure": "heart-failure", "access site": "heart-access-site",
    "chemotherapy": "cancer-treatment", "cord": "cancer-cord", "anticoagulation": "anticoagulation",
    "lines": "infusion-lines", "plastic": "plastic-surgery", "orthopedics": "joint-pain",
}  # fmt: skip


def test_the_linter_has_nothing_to_say() -> None:
    assert [str(error) for error in lint(LIB, TODAY)] == []


def test_every_topic_has_a_protocol_and_every_pack_some() -> None:
    assert set(TOPICS.values()) <= set(LIB.protocols)
    assert len(LIB.protocols) >= 45
    for pack in PACKS:
        assert any(pack in protocol.packs for protocol in LIB.protocols.values()), pack


def test_every_protocol_is_a_draft_that_nobody_has_signed() -> None:
    for name, protocol in LIB.protocols.items():
        assert protocol.status is Status.DRAFT
        assert "not yet signed" in protocol.files["REVIEW.md"], name
        assert "DRAFT" in protocol.files["table.md"], name


@pytest.mark.parametrize("name", sorted(LIB.protocols))
def test_a_protocol_passes_its_own_cases(name: str) -> None:
    protocol = LIB.protocols[name]
    cases = cases_of(protocol, LIB.concepts)
    assert cases
    assert [problem for case in cases if (problem := run(LIB, case, protocol).problem)] == []


def test_each_printed_table_is_what_the_protocol_says() -> None:
    for path, text in tables(LIB).items():
        assert (PROTOCOLS / path).read_text("utf-8") == text, path


def test_the_red_flags_of_each_area_are_mapped() -> None:
    flags = red_flags(LIB)
    areas = {flag.area for flag in flags}
    assert areas >= {
        "adult", "child", "first trimester", "second and third trimester", "postpartum", "after surgery", "psychiatric",
        "dental", "cardiology", "oncology", "infusion", "anticoagulation", "endocrine", "medication",
    }  # fmt: skip
    assert len(flags) >= 100


def test_the_hash_is_of_the_logic_and_not_of_the_words() -> None:
    changed = dict(files())
    changed["headache/words.en.toml"] = changed["headache/words.en.toml"].replace("Headache", "Sore head")
    again = type(LIB).parse(changed)
    assert again.protocols["headache"].hash == LIB.protocols["headache"].hash
    changed["headache/protocol.toml"] += "\n# a remark\n"
    assert type(LIB).parse(changed).protocols["headache"].hash != LIB.protocols["headache"].hash


def test_a_retired_protocol_no_longer_decides() -> None:
    changed = dict(files())
    changed["pregnancy-movements/protocol.toml"] = changed["pregnancy-movements/protocol.toml"].replace(
        'status = "draft"', 'status = "retired"'
    )
    library_now = type(LIB).parse(changed)
    assert "pregnancy-movements" not in {protocol.id for protocol in library_now.started_by("movement_reduced")}
