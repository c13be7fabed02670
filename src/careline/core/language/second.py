"""The second listener: a linear model over words and parts of words, learnt from the open rehearsal sets.

The lexicons know what somebody wrote down; callers say what nobody wrote down. This listener weighs every word and piece of
a word a caller has used so far, and says how much it sounds like callers who were in danger. It can only add one finding,
`sounds_like_emergency` or `sounds_like_urgent`, with the words that weighed most; what follows from it is a rule of the
protocol `second-listener` like any other. It never takes a finding away and never answers a question. Its weights are a
text file that anybody can read (`second.tsv`), made by `make listener`; nothing else was learnt from.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.clinical import Finding, Presence, Quote
from careline.core.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

EMERGENCY = "sounds_like_emergency"
URGENT = "sounds_like_urgent"
SHORTEST, LONGEST = 3, 5  # characters of a part of a word, its edges included
MOST_CHARACTERS = 2000  # of one turn: its beginning and its end
ENOUGH_WORDS = 12  # fewer tell too little to be calm about
WINDOW = 8  # words quoted as what weighed most
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_MEND = "make the file anew with `make listener`"


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the listener reads it, and where it stands in what was said."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """Above 0 the listener speaks up. The scale is log-odds beyond the threshold the trainer chose. `calm`: nothing in it
    sounds grave, by a margin that hardly any caller in danger has fallen below."""

    emergency: float
    urgent: float
    calm: bool


def words_of(text: str) -> list[Word]:
    """Small letters without accents, as chat and recognisers write them; positions are those of `text`."""
    plain: list[str] = []
    places: list[int] = []
    for at, sign in enumerate(text.replace("\u2019", "'").lower() if len(text) == len(text.lower()) else text):
        for letter in unicodedata.normalize("NFKD", sign):
            if not unicodedata.combining(letter):
                plain.append(letter)
                places.append(at)
    return [
        Word(found.group(), places[found.start()], places[found.end() - 1] + 1)
        for found in _WORD.finditer("".join(plain))
    ]


def features_of(words: Iterable[Word]) -> Iterator[tuple[str, Word]]:
    """Each word, each pair of neighbours and each part of a word, with the word it belongs to."""
    before = ""
    for word in words:
        yield f"={word.text}", word
        if before:
            yield f"={before} {word.text}", word
        before = word.text
        edged = f"_{word.text}_"
        for length in range(SHORTEST, LONGEST + 1):
            for start in range(len(edged) - length + 1):
                yield edged[start : start + length], word


@dataclass(frozen=True, slots=True)
class SecondListener:
    """`heard` is what a contact's earlier turns left, as `hear` returned it: an opaque set that only grows.

    `squares`, `emergency` and `urgent` are weighed by how rare a feature is (inverse document frequency); negative speaks
    against danger. `biases` hold, per language, the log-odds of each sum's zero, its threshold, and the calm of both.
    """

    index: Mapping[str, int]
    squares: tuple[float, ...]
    emergency: tuple[float, ...]
    urgent: tuple[float, ...]
    biases: Mapping[str, tuple[float, ...]]

    @classmethod
    def parse(cls, text: str, file: str = "second.tsv") -> SecondListener:
        """Raises `DataFileError` at the first line that is not one of its own."""
        head, _, body = text.partition("\n\n")
        try:
            biases = {
                code: tuple(float(cell) for cell in cells)
                for code, *cells in (line.split("\t") for line in head.split("\n") if not line.startswith("#"))
            }
            cells = body.strip("\n").replace("\n", "\t").split("\t")
            names, rare, emergency, urgent = (cells[at::4] for at in range(4))
            rarity = [int(one) / 100 for one in rare]
            return cls(
                {name: at for at, name in enumerate(names)},
                tuple(one * one for one in rarity),
                tuple(one * int(weight) / 1000 for one, weight in zip(rarity, emergency, strict=True)),
                tuple(one * int(weight) / 1000 for one, weight in zip(rarity, urgent, strict=True)),
                biases,
            )
        except ValueError as error:
            raise DataFileError(file, _wrong_line(text), f"no weight: {error}", _MEND) from None

    @classmethod
    def silent(cls) -> SecondListener:
        """One that learnt nothing and never speaks up."""
        return cls({}, (), (), (), {"": (0.0, 1.0, 0.0, 1.0, -1.0)})

    def hear(self, text: str, heard: frozenset[int] = frozenset()) -> frozenset[int]:
        """What is known after `text` as well: the work grows with the turn, not with the call."""
        return heard | {self.index[name] for name, _ in features_of(words_of(_bounded(text))) if name in self.index}

    def judge(self, heard: frozenset[int], language: str) -> Judgement:
        """How dangerous all that was heard sounds, whatever its order."""
        numbers = sorted(heard)
        length = math.sqrt(sum(self.squares[number] for number in numbers)) or 1.0
        zero, limit, urgent_zero, urgent_limit, calm = self.biases.get(language) or next(iter(self.biases.values()))
        emergency = sum(self.emergency[number] for number in numbers) / length + zero
        urgent = sum(self.urgent[number] for number in numbers) / length + urgent_zero
        return Judgement(emergency - limit, urgent - urgent_limit, calm=max(emergency, urgent) < calm)

    def calm(self, heard: frozenset[int], words: int, language: str) -> bool:
        """Whether so many words were heard, and nothing grave in them, that danger may be asked about first."""
        return words >= ENOUGH_WORDS and self.judge(heard, language).calm

    def findings(self, text: str, heard: frozenset[int], language: str, turn: int) -> tuple[Finding, ...]:
        """What all that was `heard`, this turn included, gives reason to raise; at most one finding."""
        judgement = self.judge(heard, language)
        if judgement.emergency > 0:
            return (Finding(EMERGENCY, Presence.PRESENT, self._telling(text, turn)),)
        if judgement.urgent > 0:
            return (Finding(URGENT, Presence.PRESENT, self._telling(text, turn)),)
        return ()

    def _telling(self, text: str, turn: int) -> Quote:
        """The stretch of a few words that spoke most for danger."""
        words = words_of(text)
        if not words:
            return Quote(turn, 0, len(text), text)
        weighed = {word.start: 0.0 for word in words}
        for name, word in features_of(words):
            number = self.index.get(name)
            if number is not None:
                weighed[word.start] += self.emergency[number]
        sums = [sum(weighed[word.start] for word in words[at : at + WINDOW]) for at in range(len(words))]
        best = max(range(max(1, len(words) - WINDOW + 1)), key=lambda at: sums[at])
        start, end = words[best].start, words[min(best + WINDOW, len(words)) - 1].end
        return Quote(turn, start, end, text[start:end])


def _bounded(text: str) -> str:
    half = MOST_CHARACTERS // 2
    return text if len(text) <= MOST_CHARACTERS else f"{text[:half]} {text[-half:]}"


def _wrong_line(text: str) -> int:
    """The first line that is neither a comment, a language's biases, nor a feature with three whole numbers."""
    for number, line in enumerate(text.split("\n"), start=1):
        cells = line.split("\t")
        whole = len(cells) == 4 and all(cell.lstrip("-").isdecimal() for cell in cells[1:])
        if line and not line.startswith("#") and len(cells) != 6 and not whole:
            return number
    return 1
