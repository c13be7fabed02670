"""What an author is told: every mistake names the file, the line and the mend."""

from __future__ import annotations

from datetime import date

import pytest
from triage_shelf import files

from careline.core.errors import DataFileError
from careline.core.triage import Library, lint_files

TODAY = date(2026, 11, 21)
PAGE = "pregnancy-movements/protocol.toml"


def complaints(path: str, old: str, new: str, today: date = TODAY) -> list[DataFileError]:
    changed = dict(files())
    assert old in changed[path], (path, old)
    changed[path] = changed[path].replace(old, new, 1)
    return [error for error in lint_files(changed, today) if not error.file.endswith("table.md")]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("movement_reduced is yes", "moovement is yes", "unknown question 'moovement'"),
        ("at least 28 weeks", "at least 28 days", "wrong unit 'days'"),
        ("at least 28 weeks", "at least 280 weeks", "impossible"),
        ('then = "ed_now"', 'then = "ed_later"', "unknown then 'ed_later'"),
        ("unknown = ", "unknwon = ", "unknown key 'unknwon'"),
        ("[questions.pregnant_weeks]", "[questions.pregnancy_week]", "unknown question 'pregnancy_week'"),
        ('because = ["NHSMOVES", "HEARHER"]', 'because = ["S9"]', "unknown source 'S9'"),
        ('status = "draft"', 'status = "fine"', "unknown status"),
        ('id = "pregnancy-movements"', 'id = "other"', "not its folder's name"),
        ('packs = ["obgyn"]', 'packs = ["circus"]', "unknown pack"),
        ('triggers = ["movement_reduced"]', 'triggers = ["age"]', "not a yes/no concept"),
        ("review = 2027-11-01", "", "no date"),
        ('otherwise = "clinician_now"', "", "otherwise is missing"),
        ("all = [", "all = not toml [", "not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_line(old: str, new: str, problem: str) -> None:
    changed = dict(files())
    assert old in changed[PAGE]
    changed[PAGE] = changed[PAGE].replace(old, new, 1)
    with pytest.raises(DataFileError, match=problem) as refused:
        Library.parse(changed)
    error = refused.value
    assert error.file == PAGE
    line = changed[PAGE].splitlines()[error.line - 1]
    assert (
        new.split(" = ")[0].strip("[] ")[:8] in line
        or problem in {"no date", "otherwise is missing"}
        or "rules" in line
    )


@pytest.mark.parametrize(
    ("path", "old", "new", "problem"),
    [
        (
            PAGE,
            "pregnant_weeks at least 28 weeks",
            'pregnant_weeks at least 28 weeks", "pregnant_weeks below 20 weeks',
            "unreachable",
        ),
        (
            PAGE,
            'id = "from-24"\nthen = "ed_now"',
            'id = "from-24"\nthen = "clinician_now"',
            "can never raise above otherwise",
        ),
        (PAGE, 'unknown = "ed_now"', 'unknown = "call_911"', "more urgent unknown"),
        (PAGE, 'id = "from-24"', 'id = "from-28"', "shares its id"),
        (PAGE, "review = 2027-11-01", "review = 2026-11-20", "was to be reviewed"),
        ("heart-device/cases.toml", 'fires = "pump"', "", "no case fires 'pump'"),
        ("pregnancy-movements/cases.toml", "pregnant_weeks 27,", "pregnant_weeks 30,", "no case just below the number"),
        ("pregnancy-movements/cases.toml", 'unknown = "from-28"', "", "no case tries the unknown"),
        ("pregnancy-movements/cases.toml", 'then = "ed_now"', 'then = "home_care"', "comes to ed_now"),
        ("pregnancy-movements/cases.toml", "movement_reduced", "moovement", "unknown question"),
        ("pregnancy-movements/words.es.toml", "worse", "# worse", "no safety net"),
        ("headache/words.en.toml", "eye_pain_severe = ", "eye_pain = ", "nobody asks"),
        ("words.es.toml", "stiff_neck = ", "stif_neck = ", "no words for the question 'stiff_neck'"),
        ("words.es.toml", "chest_pain = ", "chest_pane = ", "no words for 'chest_pain'"),
        ("red-flags.toml", "pregnancy-movements/from-28", "pregnancy-movements/from-99", "is not among the rules"),
        (
            "red-flags.toml",
            "pregnancy-movements/moves less at 32 weeks",
            "pregnancy-movements/nothing",
            "is not among the cases",
        ),
        ("adult-chest-pain/protocol.toml", "limit = 25", "limit = 60", "does not lead to more urgency"),
        ("adult-chest-pain/protocol.toml", "https://www.nhs.uk", "ftp://www.nhs.uk", "is no address"),
        ("adult-chest-pain/protocol.toml", "NHS: chest pain", "Schmitt-Thompson: chest pain", "licensed content"),
        (
            "adult-chest-pain/protocol.toml",
            '"chest_wall_pain is no or not known"',
            '"chest_wall_pain is yes"',
            "something reassuring",
        ),
        ("adult-chest-pain/protocol.toml", '"doom is yes"]', '"doom is no"]', "acts on a no"),
        ("gi-bleeding/protocol.toml", '"dizzy is yes"', '"bloating is yes"', "decides nothing"),
        (PAGE, 'status = "draft"', 'status = "approved"', "approved, with 0 signature"),
    ],
)
def test_a_protocol_that_is_not_complete_is_complained_about(path: str, old: str, new: str, problem: str) -> None:
    found = complaints(path, old, new)
    assert any(problem in error.problem for error in found), [str(error) for error in found]
    for error in found:
        assert error.file
        assert error.line >= 1
        assert error.mend


def test_two_signatures_of_the_present_hash_make_an_approved_protocol() -> None:
    changed = dict(files())
    changed[PAGE] = changed[PAGE].replace('status = "draft"', 'status = "approved"')
    found = Library.parse(changed).protocols["pregnancy-movements"].hash
    review = "pregnancy-movements/REVIEW.md"
    for who in ("Dr. One | obstetrician", "Two | midwife"):
        changed[review] += f"| {who} | 2026-11-01 | {found} |\n"
    assert not [error for error in lint_files(changed, TODAY) if error.file == review]
    changed[PAGE] += "# changed after signing\n"
    assert [error for error in lint_files(changed, TODAY) if error.file == review]


def test_a_missing_file_is_named() -> None:
    for path in ("concepts.toml", "derived.toml", "words.es.toml", "headache/words.es.toml", "headache/protocol.toml"):
        without = {name: text for name, text in files().items() if name != path}
        assert [error.file for error in lint_files(without, TODAY)] == [path]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('kind = "number"\nunit = "years"', 'kind = "number"\nunit = "parsecs"', "unit 'parsecs'"),
        ('[sex]\nkind = "choice"', '[sex]\nkind = "guess"', "kind 'guess'"),
        ('choices = ["female", "male", "other"]\n', "", "needs choices"),
        ("normal = 37\n", "", "more dangerous"),
        ('means = "measured body temperature"', 'meens = "x"', "unknown key 'meens'"),
        (
            '[breathless]\nkind = "flag"\ndanger = true',
            '[breathless]\nkind = "flag"\ndanger = true\nreassuring = true',
            "both danger",
        ),
    ],
)
def test_a_vocabulary_that_is_wrong_is_refused(old: str, new: str, problem: str) -> None:
    changed = dict(files())
    assert old in changed["concepts.toml"]
    changed["concepts.toml"] = changed["concepts.toml"].replace(old, new, 1)
    with pytest.raises(DataFileError, match=problem) as refused:
        Library.parse(changed)
    assert refused.value.file == "concepts.toml"
    assert refused.value.line > 1
