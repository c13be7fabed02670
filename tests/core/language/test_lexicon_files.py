"""Authors of lexicons are told what to mend, and where."""

from __future__ import annotations

import time

import pytest
from language_tables import VOCABULARY, data_files

from careline.core.errors import DataFileError
from careline.core.language import Context, Lexicon, Lexicons, understand

SMALL = """
[normalise]
soft = "the my"

[classes]
sore = "sore, hurts"

[concepts.ear_pain]
present = '''
{sore} ear
my ear ..2 {sore}
'''
"""


@pytest.mark.parametrize(
    ("mistake", "line", "says"),
    [
        ("[concepts.ear_pain]\npresent = '''\nfoo {bar}\n'''", 3, "unknown class"),
        ("[concepts.ear_pain]\npresent = '''\nfoo\nbar @ colour=red\n'''", 4, "unknown option"),
        ("[concepts.ear_pain]\npresent = '''\nfoo ~ bar ~ baz\n'''", 3, "only one ~"),
        ("[concepts.ear_pain]\npresent = '''\nfoo ..x bar\n'''", 3, "a gap is"),
        ("[concepts.nonsense]\npresent = 'foo bar'", 1, "unknown concept"),
        ("[concepts.ear_pain]\nabsence = 'foo bar'", 2, "unknown key"),
        ("[classes]\na = '{b}'\nb = '{a}'", 2, "contains itself"),
        ("[colours]\nred = 1", 1, "unknown key"),
        ("[classes\n", 1, "not valid TOML"),
    ],
)
def test_a_mistake_names_file_line_and_mend(mistake: str, line: int, says: str) -> None:
    with pytest.raises(DataFileError, match=says) as caught:
        Lexicon.parse("xx", {"ears.toml": mistake}, {"ear_pain"})
    assert (caught.value.file, caught.value.line) == ("ears.toml", line)


def test_a_line_that_soft_words_would_empty_is_refused() -> None:
    lines = SMALL.replace("my ear ..2 {sore}", "the ear")
    with pytest.raises(DataFileError, match="soft words"):
        Lexicon.parse("xx", {"ears.toml": lines}, {"ear_pain"})


def test_a_third_language_needs_only_data() -> None:
    lexicons = Lexicons.parse({"xx": {"ears.toml": SMALL}}, {})
    (finding,) = understand(lexicons, "my ear really hurts", Context(language="xx")).findings
    assert finding.concept == "ear_pain"


@pytest.mark.parametrize(
    ("text", "heard"), [("charley horse", "leg_cramps"), ("calf cramp", "leg_cramps"), ("my calf", "calf_pain")]
)
def test_what_several_files_say_of_a_concept_is_joined(text: str, heard: str) -> None:
    """A language is the union of its files: of patterns, and of what a concept covers."""
    files = {
        "one.toml": "[concepts.leg_cramps]\npresent = 'charley_horse'\ncovers = 'calf_pain'",
        "two.toml": "[concepts.leg_cramps]\npresent = 'calf cramp'\ncovers = 'joint_pain'",
        "three.toml": "[concepts.calf_pain]\npresent = 'calf'",
    }
    lexicons = Lexicons.parse({"xx": files}, {})
    assert [f.concept for f in understand(lexicons, text, Context(language="xx")).findings] == [heard]


def test_every_concept_that_is_heard_is_in_the_vocabulary() -> None:
    files, shared = data_files()
    Lexicons.parse(files, shared, VOCABULARY)


def test_both_languages_load_quickly() -> None:
    files, shared = data_files()
    started = time.process_time()
    Lexicons.parse(files, shared)
    assert time.process_time() - started < 2  # promised: half a second on an idle machine


def test_a_turn_takes_milliseconds(lexicons: Lexicons) -> None:
    text = "I've had this tightness in my chest since breakfast, it goes down my left arm and I can't catch my breath"
    started = time.process_time()
    for _ in range(50):
        understand(lexicons, text, Context())
    assert (time.process_time() - started) / 50 < 0.02  # promised: 5 ms on an idle machine


def test_background_is_what_the_vocabulary_says(lexicons: Lexicons) -> None:
    wanted = {name for name, concept in VOCABULARY.items() if concept.get("background") or concept.get("reassuring")}
    assert lexicons.derivations.background == wanted
