"""A language's table of rewritings: contractions, common misspellings, what recognisers mishear, fillers.

Rewriting happens once per word, before any pattern is tried; the parts keep the place of what was said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.core.language.tokens import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from careline.core.language.fuzzy import Speller

    Item = tuple[str, int, int, bool, int, bool]


@dataclass(slots=True)
class Normaliser:
    """`soft` words may be missing, `light` words only count as no distance. `words` maps a word to its parts; `suffixes` cuts
    endings such as n't; `endings` undoes diminutives; `heard` maps what recognisers mishear to what was meant."""

    soft: frozenset[str] = frozenset()
    light: frozenset[str] = frozenset()
    breaks: frozenset[str] = frozenset()  # "but", "although": patterns seldom reach across
    fillers: frozenset[str] = frozenset()  # what may stand before an answer: "well, um, no"
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    suffixes: Sequence[tuple[str, str]] = ()
    endings: Sequence[tuple[str, tuple[tuple[str, ...], ...]]] = ()  # "ito" -> (("_o",), ("_e",)): moradito is morado
    heard: Mapping[str, Sequence[tuple[tuple[str, ...], tuple[str, ...]]]] = field(
        default_factory=dict[str, "Sequence[tuple[tuple[str, ...], tuple[str, ...]]]"]
    )
    speller: Speller | None = None

    def parts(self, word: str) -> tuple[str, ...]:
        """The words a single written word stands for."""
        known = self.words.get(word)
        if known is not None:
            return known
        if "'" in word:
            for suffix, becomes in self.suffixes:
                if word.endswith(suffix) and len(word) > len(suffix):
                    base = word[: -len(suffix)]
                    return (*self.words.get(base, (base,)), becomes)
            return (word.replace("'", ""),)
        return (word,)

    def rewrite(self, items: Sequence[Item]) -> Iterator[Item]:
        """All words of a turn, rewritten in order."""
        plain = list(self._split(items))
        at = 0
        while at < len(plain):
            word = plain[at][0]
            options = self.heard.get(word)
            found = self._misheard(plain, at, options) if options is not None else None
            if found is not None:
                length, becomes = found
                _, start, _, comma, sentence, capital = plain[at]
                end = plain[at + length - 1][2]
                for number, part in enumerate(becomes):
                    yield part, start, end, comma and number == 0, sentence, capital
                at += length
                continue
            yield plain[at]
            at += 1

    def _split(self, items: Sequence[Item]) -> Iterator[Item]:
        for item in items:
            word, start, end, comma, sentence, capital = item
            parts = self.parts(word)
            if len(parts) == 1:
                parts = self._known_form(parts[0])
            for number, part in enumerate(parts):
                yield part, start, end, comma and number == 0, sentence, capital

    def _known_form(self, word: str) -> tuple[str, ...]:
        """A word the lexicon does not know, as one it knows: without its ending, or with one slip mended."""
        speller = self.speller
        if speller is None or word in speller.known:
            return (word,)
        for ending, forms in self.endings:
            stem = word.removesuffix(ending)
            if len(stem) == len(word):
                continue
            for form in forms:
                made = tuple(part.replace("_", stem) for part in form)
                if made[-1] in speller.known:
                    return made
        return (speller.mend(word) or word,)

    @staticmethod
    def _misheard(
        plain: Sequence[Item], at: int, options: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]
    ) -> tuple[int, tuple[str, ...]] | None:
        for words, becomes in options:
            stretch = plain[at : at + len(words)]
            if len(stretch) == len(words) and all(item[0] == word for item, word in zip(stretch, words, strict=True)):
                return len(words), becomes
        return None

    def phrase(self, text: str) -> tuple[str, ...]:
        """How a phrase of the data files looks after the same rewriting; data is never spell-checked."""
        words = self.words
        if text.isalpha() and text.isascii() and text.islower():
            return words.get(text, (text,))
        plain = text.split()
        if text.isascii() and text.islower() and "'" not in text and not any(word in words for word in plain):
            return tuple(plain)  # nearly all data is written so; loading must be quick
        return tuple(part for word in plain for part in self.parts(fold(word)))
