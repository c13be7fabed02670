"""Cuts a turn into words that patterns can be matched on, without losing where each stood.

Words are lower-case and without accents; contractions become their parts ("can't" → can, not), all parts standing where the
contraction stood. *Soft* words (articles, pronouns, fillers) do not count as distance, so that "pain in, um, my chest" and
"pain chest" are alike. Sentence ends count so much that no pattern reaches across them, unless the speech itself is broken.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.language.normal import Normaliser

_PIECE = re.compile(
    r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’´`][^\W\d_]+)*|[.!?…;\n]+|[,:()\u2014\u2013]|\s-+\s|/|\S", re.UNICODE
)
_DOTTED = frozenset({"dr", "mr", "mrs", "ms", "st", "sr", "sra", "dra", "vs", "no", "a", "p", "m", "u", "s"})
SENTENCE_COST = 60
COMMA_COST = 2
BREAK_COST = 4


@dataclass(slots=True)
class Tokens:
    """One stretch of a turn as words. Lists run in parallel; `before`/`after` are distances from the start, so that the gap
    between word `i` and a later word `j` is `before[j] - after[i]`."""

    text: str
    words: list[str] = field(default_factory=list[str])
    starts: list[int] = field(default_factory=list[int])
    ends: list[int] = field(default_factory=list[int])
    before: list[int] = field(default_factory=list[int])
    after: list[int] = field(default_factory=list[int])
    sentence: list[int] = field(default_factory=list[int])
    comma: list[bool] = field(default_factory=list[bool])  # a comma stands before this word
    capital: list[bool] = field(default_factory=list[bool])
    broken: bool = False

    def __len__(self) -> int:
        return len(self.words)

    def quote(self, start: int, end: int) -> tuple[int, int]:
        """Characters covered by words `start` to `end` (exclusive)."""
        return self.starts[start], max(self.ends[start:end])


@dataclass(slots=True)
class Raw:
    """Words before distances are known: (word, start, end, comma before, sentence, capital)."""

    items: list[tuple[str, int, int, bool, int, bool]] = field(
        default_factory=list[tuple[str, int, int, bool, int, bool]]
    )


def fold(word: str) -> str:
    """Lower case, no accents, plain apostrophe: how words are written in every index."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.replace("’", "'").replace("´", "'").replace("`", "'").lower())
    return "".join(c for c in plain if not unicodedata.combining(c))


def cut(text: str, offset: int = 0) -> Raw:
    """Words and punctuation of `text`, whose first character is number `offset` of the turn."""
    raw = Raw()
    comma = False
    sentence = 0
    pending = False
    last = ""
    for piece in _PIECE.finditer(text):
        found = piece.group()
        head = found[0]
        if head.isalnum():
            if pending:
                sentence += 1
                pending = False
            last = fold(found)
            raw.items.append((last, piece.start() + offset, piece.end() + offset, comma, sentence, head.isupper()))
            comma = False
        elif head in ".!?…;\n":
            pending = pending or not (found == "." and last in _DOTTED)
        elif head == "/":
            raw.items.append(("/", piece.start() + offset, piece.end() + offset, comma, sentence, False))
        elif head in ",:()—– ":
            comma = True
    return raw


def arrange(text: str, raw: Raw, normaliser: Normaliser, broken: bool) -> Tokens:
    """Apply a language's rewriting and lay out distances."""
    tokens = Tokens(text, broken=broken)
    soft = normaliser.soft | normaliser.light
    position = 0
    last_sentence = raw.items[0][4] if raw.items else 0
    previous = ""
    for word, start, end, comma, sentence, capital in normaliser.rewrite(raw.items):
        if sentence != last_sentence:
            position += 0 if broken else SENTENCE_COST
            last_sentence = sentence
        elif (comma or word in normaliser.breaks) and not broken:
            position += COMMA_COST if comma else BREAK_COST
        tokens.words.append(word)
        tokens.starts.append(start)
        tokens.ends.append(end)
        tokens.sentence.append(sentence)
        tokens.comma.append(comma)
        tokens.capital.append(capital)
        tokens.before.append(position)
        if word not in soft and word != previous:
            position += 1
        tokens.after.append(position)
        previous = word
    return tokens


def fragments(raw: Raw) -> list[int]:
    """How many words each sentence has."""
    counts: dict[int, int] = {}
    for item in raw.items:
        counts[item[4]] = counts.get(item[4], 0) + 1
    return list(counts.values())


def guess_language(raw: Raw, marks: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """How many of each language's tell-tale words occur."""
    words = [item[0] for item in raw.items]
    return {language: sum(word in mark for word in words) for language, mark in marks.items()}
