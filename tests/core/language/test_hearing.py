"""What callers say is heard, what they do not mean is not. The tables beside this file are the promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from language_tables import HERE, VOCABULARY, table

from careline.core.clinical import Finding, Presence
from careline.core.language import Context, Lexicons, understand

if TYPE_CHECKING:
    from collections.abc import Iterator

HOLDS = (Presence.PRESENT, Presence.UNCERTAIN)
DANGERS = {name for name, concept in VOCABULARY.items() if concept.get("danger")}


def language_of(name: str) -> str:
    return name.split(".")[-2]


def spoken(kind: str) -> Iterator[tuple[str, str, str]]:
    """(language, key, utterance) of every table of a kind."""
    for path in sorted(HERE.glob(f"{kind}*.toml")):
        values = table(path.name)
        for key, lines in values.get("hears", values).items():
            for line in lines.strip().split("\n"):
                yield language_of(path.name), key, line


def held(lexicons: Lexicons, text: str, language: str) -> list[Finding]:
    found = understand(lexicons, text, Context(language=language)).findings
    return [finding for finding in found if finding.presence in HOLDS]


@pytest.mark.parametrize(("language", "wanted", "text"), list(spoken("hears")))
def test_what_callers_say_is_heard(lexicons: Lexicons, language: str, wanted: str, text: str) -> None:
    assert {finding.concept for finding in held(lexicons, text, language)} & set(wanted.split())


@pytest.mark.parametrize(("language", "kind", "text"), list(spoken("quiet")))
def test_figures_of_speech_and_office_business_raise_nothing(
    lexicons: Lexicons, language: str, kind: str, text: str
) -> None:
    assert [(f.concept, f.quote.text) for f in held(lexicons, text, language) if f.concept in DANGERS] == []


@pytest.mark.parametrize(("language", "kind", "text"), list(spoken("mild")))
def test_small_complaints_are_heard_and_are_no_danger(lexicons: Lexicons, language: str, kind: str, text: str) -> None:
    found = held(lexicons, text, language)
    assert found
    assert [(f.concept, f.quote.text) for f in found if f.concept in DANGERS] == []


def scoped() -> Iterator[tuple[str, str, str]]:
    for path in sorted(HERE.glob("scope.*.toml")):
        for text, wanted in table(path.name)["scope"].items():
            for one in wanted.split():
                yield language_of(path.name), text, one


@pytest.mark.parametrize(("language", "text", "wanted"), list(scoped()))
def test_what_a_mention_means(lexicons: Lexicons, language: str, text: str, wanted: str) -> None:
    concepts, presence = wanted.split("=")
    found = understand(lexicons, text, Context(language=language)).findings
    presences = {finding.presence.value for finding in found if finding.concept in concepts.split("|")}
    if presence == "none":
        assert not presences & {"present", "uncertain"}
    else:
        assert presence in presences
        assert presence in ("present", "past") or "present" not in presences
