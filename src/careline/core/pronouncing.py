"""A practice's own words: how they are spoken by the voice, and that recognisers should expect them.

[speech]
words = ["Cedar Hill", "semaglutide"]      # what callers here say, besides the names of practice, people and medicines

[speech.say.en]
Okafor = "oh-KAH-for"                      # written so, spoken so
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.practice import Practice
    from careline.core.toml import Reader

_MOST_HINTS = 100
_PLACE = re.compile(r"[^,\d]+")


@dataclass(frozen=True, slots=True)
class Speech:
    """`say` by language: a word as it is written, and as it is spelled for the voice."""

    words: tuple[str, ...] = ()
    say: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"])

    def respelled(self, text: str, language: str) -> str:
        """The text as the voice is given it. Whole words only, whatever their case."""
        for written, spoken in self.say.get(language, {}).items():
            text = re.sub(rf"(?<!\w){re.escape(written)}(?!\w)", lambda _, it=spoken: it, text, flags=re.IGNORECASE)
        return text


def parse_speech(read: Reader, languages: tuple[str, ...]) -> Speech:
    table = read.document.values.get("speech", {})
    read.check("speech", table, "words", "say")
    say = table.get("say", {})
    read.check("speech.say", say, *languages)
    words = read.strings("speech", "words") if "words" in table else ()
    spelled = {code: {written: read.text(f"speech.say.{code}", written) for written in say[code]} for code in say}
    return Speech(words, spelled)


def hints(practice: Practice, medicines: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """What recognisers should expect: the practice, its people and places, its own words, and the medicines that carry risks
    (`medicines` by name with their risk classes), those of most risks first."""
    places = tuple(part.strip() for part in _PLACE.findall(practice.address))
    risky = sorted((name for name in medicines if medicines[name]), key=lambda name: (-len(medicines[name]), name))
    people = tuple(member.name for member in practice.staff)
    found = (practice.name, *people, *places, *practice.speech.words, *risky)
    return tuple(dict.fromkeys(word for word in found if len(word) > 2))[:_MOST_HINTS]
