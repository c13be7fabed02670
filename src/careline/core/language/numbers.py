"""Numbers as people say them: "fifty-eight", "a hundred point nine", "one oh three", "one ninety over one ten",
"twenty sixteen", "treinta y nueve y medio". The words are data; how they combine is the same in both languages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.language.tokens import Tokens


@dataclass(frozen=True, slots=True)
class NumberWords:
    """`values` of plain words, `scales` (hundred, thousand), and the words that join."""

    values: Mapping[str, float] = field(default_factory=dict[str, float])
    scales: Mapping[str, float] = field(default_factory=dict[str, float])
    point: frozenset[str] = frozenset()
    oh: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()  # "and", "y"
    halves: Mapping[str, float] = field(default_factory=dict[str, float])  # "half", "medio"
    articles: frozenset[str] = frozenset()  # "a" of "a hundred", "and a half"
    double: frozenset[str] = frozenset()  # "double five"


@dataclass(frozen=True, slots=True)
class DateWords:
    """Months and ordinals by name. `day_first`: 3/5 is the third of May."""

    months: Mapping[str, int] = field(default_factory=dict[str, int])
    ordinals: Mapping[str, int] = field(default_factory=dict[str, int])
    day_first: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number said between words `start` and `end` (exclusive). `digits` when it was written in digits."""

    start: int
    end: int
    value: float
    digits: bool = False


def find_numbers(tokens: Tokens, names: NumberWords) -> list[Number]:
    found: list[Number] = []
    at = 0
    words = tokens.words
    while at < len(words):
        word = words[at]
        if word[0].isdigit() or word in names.values or word in names.scales:
            number = _Reader(tokens, names).read(at)
            if number is not None:
                found.append(number)
                at = number.end
                continue
        at += 1
    return found


def from_digits(word: str) -> float | None:
    """ "38,5" and "38.5" are 38.5; "5,000" is five thousand."""
    head, comma, tail = word.partition(",")
    if comma and "." not in word:
        word = f"{head}.{tail}" if len(tail) < 3 else head + tail.replace(",", "")
    try:
        return float(word.replace(",", "")) if len(word) < 12 else None
    except ValueError:
        return None


class _Reader:
    """Reads one number from a place in the turn, taking the longest reading that makes sense."""

    def __init__(self, tokens: Tokens, names: NumberWords) -> None:
        self.words = tokens.words
        self.sentence = tokens.sentence
        self.names = names

    def word(self, at: int) -> str:
        return self.words[at] if at < len(self.words) else ""

    def read(self, start: int) -> Number | None:
        first = self.word(start)
        if first[0].isdigit():
            value = from_digits(first)
            if value is None:
                return None
            value, end = self._fraction(value, start + 1)
            return Number(start, end, value, digits=True)
        value, end = self._whole(start)
        value, end = self._decimals(value, end)
        value, end = self._fraction(value, end)
        return Number(start, end, value)

    def _whole(self, at: int) -> tuple[float, int]:
        names = self.names
        value, last = 0.0, 0.0
        start = at
        while at < len(self.words) and self.sentence[at] == self.sentence[start]:
            word = self.words[at]
            if word in names.scales:
                value = (value or 1) * names.scales[word]
                last = names.scales[word]
            elif word in names.values:
                piece = names.values[word]
                if at == start:
                    value = piece
                elif (joined := _join(value, last, piece)) is not None:
                    value = joined
                else:
                    break
                last = piece
            elif word in names.oh and 0 < value < 10 and 0 < names.values.get(self.word(at + 1), 0) < 10:
                return value * 100 + names.values[self.word(at + 1)], at + 2
            elif word in names.joins and at > start and self._joins(last, at):
                pass
            else:
                break
            at += 1
        return value, at

    def _joins(self, last: float, at: int) -> bool:
        following = self.names.values.get(self.word(at + 1))
        return following is not None and (last >= 100 or (20 <= last < 100 and following < 10 and last % 10 == 0))

    def _decimals(self, value: float, at: int) -> tuple[float, int]:
        if self.word(at) not in self.names.point:
            return value, at
        digits = ""
        place = at + 1
        while place < len(self.words) and len(digits) < 3:
            word = self.words[place]
            piece = (
                0.0
                if word in self.names.oh
                else self.names.values.get(word, from_digits(word) if word[0].isdigit() else None)
            )
            if piece is None or piece >= 100:
                break
            digits += str(int(piece))
            place += 1
            if piece >= 10:
                break
        return (float(f"{int(value)}.{digits}"), place) if digits else (value, at)

    def _fraction(self, value: float, at: int) -> tuple[float, int]:
        names = self.names
        if self.word(at) in names.joins:
            after = at + 2 if self.word(at + 1) in names.articles else at + 1
            if self.word(after) in names.halves and value == int(value):
                return value + names.halves[self.word(after)], after + 1
        return value, at


def _join(value: float, last: float, piece: float) -> float | None:
    """How a further number word continues `value`, or None when it begins a number of its own."""
    if last in (100, 1000):
        return value + piece if piece < last else None
    if 20 <= last < 100 and last % 10 == 0:
        if 0 < piece < 10:
            return value + piece
        return value * 100 + piece if value < 100 and 10 <= piece < 100 else None
    if 100 <= last < 1000 and last % 100 == 0:  # ciento, doscientos
        return value + piece if piece < 100 else None
    if value < 20 and 10 <= piece < 100 and value >= 1:
        return value * 100 + piece  # one ninety, twenty sixteen, two fifty
    return None
