"""Reads the reply to a question that was asked: yes or no, a number, a choice, whom the call is for.

A reply is read narrowly, at the place where people put it: first of all. Everything else they say is `understand`'s to hear, so
"no, but my arm feels numb" is a NO here and a finding there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.clinical import Reply
from careline.core.language import tokens as cutting
from careline.core.language.matching import find
from careline.core.language.numbers import find_numbers
from careline.core.language.quantities import BOUNDS, convert, find_quantities, stops
from careline.core.language.times import find_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from careline.core.language.lexicon import Lexicon
    from careline.core.language.matching import Match
    from careline.core.language.numbers import Number
    from careline.core.language.times import Time
    from careline.core.language.tokens import Tokens
    from careline.core.language.understanding import Lexicons

LONGEST = 600  # characters of a reply that are looked at
_UNIT_HOURS = {8766.0: "years", 730.0: "months", 168.0: "weeks", 24.0: "days", 1.0: "hours"}
_SAID = {"yes": Reply.YES, "no": Reply.NO, "unsure": Reply.UNSURE}


class Heard:
    """A reply cut into words, with everything the lexicon finds in it."""

    def __init__(self, lexicon: Lexicon, text: str) -> None:
        raw = cutting.cut(text[:LONGEST])
        self.lexicon = lexicon
        self.text = text
        self.tokens: Tokens = cutting.arrange(text, raw, lexicon.normaliser, broken=False)
        self.numbers: Sequence[Number] = find_numbers(self.tokens, lexicon.numbers)
        self.times: Sequence[Time] = find_times(self.tokens, self.numbers, lexicon.times)
        self.matches = find(lexicon.index, self.tokens, self.numbers, self.times)

    def of(self, kind: str) -> list[Match]:
        """Matches of a kind, the longest first at each place."""
        return sorted((m for m in self.matches if m.target.kind == kind), key=lambda m: (m.start, -m.end))


def reply(lexicons: Lexicons, text: str, language: str) -> Reply | None:
    """YES, NO or UNSURE; None when the words are no answer. What contradicts itself is UNSURE."""
    for lexicon in _in_order(lexicons, language):
        found = _reply(Heard(lexicon, text))
        if found is not None:
            return found
    return None


def _in_order(lexicons: Lexicons, language: str) -> list[Lexicon]:
    first = lexicons.get(language)
    return [first, *(other for other in lexicons.languages.values() if other is not first)]


def _reply(heard: Heard) -> Reply | None:
    tokens = heard.tokens
    starts: dict[int, Match] = {}
    for match in heard.of("reply"):
        if "end" not in match.target.options or stops(tokens, match.end):
            starts.setdefault(match.start, match)
    said: list[str] = []
    at = 0
    while at < len(tokens):
        match = starts.get(at)
        if match is not None:
            said.append(match.target.name)
            at = match.end
        elif tokens.words[at] in heard.lexicon.normaliser.fillers or tokens.words[at] in heard.lexicon.normaliser.soft:
            at += 1
        else:
            break
    if not said and starts:  # "my chest? yes"
        last = max(starts)
        said = [starts[last].target.name] if starts[last].end >= len(tokens) - 1 else []
    return _weigh(said)


def _weigh(said: Sequence[str]) -> Reply | None:
    told = set(said)
    if not told:
        return None
    if told == {"no", "unsure"} and said[0] == "no":
        return Reply.NO  # "no, I don't think so"
    if told == {"yes", "unsure"} and said[0] == "yes":
        return Reply.YES
    return _SAID[said[0]] if len(told) == 1 else Reply.UNSURE


def number(lexicons: Lexicons, text: str, language: str, concept: str) -> float | None:
    """A number in the concept's unit ("fifteen months" for age is 1.25). None when there is none, or it cannot be."""
    for lexicon in _in_order(lexicons, language):
        value = _number(Heard(lexicon, text), concept)
        if value is not None:
            low, high = BOUNDS.get(concept, (0.0, 1e9))
            return value if low <= value <= high else None
    return None


def _number(heard: Heard, concept: str) -> float | None:
    for measured in find_quantities(heard.tokens, heard.matches, heard.numbers, heard.times):
        if measured.concept == concept:
            return measured.value
    timed = concept in ("postop_days", "postpartum_days", "symptom_hours")
    for time in heard.times:
        if timed:
            return convert(concept, "time", time.hours)
        unit = _unit(heard, time)
        amount = next((n.value for n in heard.numbers if time.start <= n.start < time.end), None)
        if amount is not None and unit is not None and (value := convert(concept, unit, amount)) is not None:
            return value
    if heard.numbers:
        position = 1 if concept == "diastolic" and len(heard.numbers) > 1 else 0
        return convert(concept, "", heard.numbers[position].value)
    none = _reply(heard) is Reply.NO and concept in (
        "pads_per_hour",
        "icd_shocks",
        "weight_gain_day",
        "weight_gain_week",
    )
    return 0.0 if none else None


def _unit(heard: Heard, time: Time) -> str | None:
    hours = heard.lexicon.times.units.get(heard.tokens.words[time.core[1] - 1])
    return _UNIT_HOURS.get(hours) if hours is not None else None


def choice(lexicons: Lexicons, text: str, concept: str, language: str) -> str | None:
    """One of a concept's choices, by the words of `[choices.CONCEPT.CHOICE]`."""
    for lexicon in _in_order(lexicons, language):
        found = [match for match in Heard(lexicon, text).of("choice") if match.target.name == concept]
        if found:
            return found[0].target.options["choice"]
    return None


def relation(lexicons: Lexicons, text: str, language: str) -> str | None:
    """Whom the call is for: "self" or a relation ("son", "mother"). None when the words do not tell."""
    for lexicon in _in_order(lexicons, language):
        people = [
            m
            for m in Heard(lexicon, text).of("person")
            if m.target.options.get("group") not in ("pronoun", "professional")
        ]
        others = [match.target.name for match in people if match.target.name != "self"]
        if others:
            return others[0]
        if people:
            return "self"
    return None
