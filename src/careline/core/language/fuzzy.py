"""Tolerates one slip of the finger or the ear in long, rare words: "diarhea", "siezure", "ambulence".

Deletion neighbourhoods (SymSpell's idea): a word and its correction share a form with one letter removed, so a look-up is a
handful of dictionary reads and never a scan of the vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHORTEST = 6


@dataclass(frozen=True, slots=True)
class Speller:
    """`known` words and words that begin with one of `stems` are never changed; `shorter` maps a form with one letter missing to the word it came from."""

    known: frozenset[str]
    shorter: Mapping[str, str]
    stems: frozenset[str] = frozenset()

    def mend(self, word: str) -> str | None:
        """The one word within one edit of an unknown long word, or None."""
        if len(word) < SHORTEST or len(word) > 24 or word in self.known or not word.isalpha():
            return None
        if any(word[:length] in self.stems for length in range(3, len(word) + 1)):
            return None
        if found := self.shorter.get(word):
            return found
        for at in range(1, len(word)):
            form = word[:at] + word[at + 1 :]
            if form in self.known and len(form) >= SHORTEST:
                return form
            found = self.shorter.get(form)
            if found and abs(len(found) - len(word)) <= 1 and _one_edit(found, word):
                return found
        return None


def _one_edit(one: str, two: str) -> bool:
    """Substitution, or two neighbours swapped, in words of equal length (insertions were found before)."""
    if len(one) != len(two):
        return False
    differing = [at for at, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
    if len(differing) == 1:
        return True
    if len(differing) != 2 or differing[1] != differing[0] + 1:
        return False
    first, second = differing
    return one[first] == two[second] and one[second] == two[first]


def speller(anchors: Iterable[str], known: frozenset[str], stems: frozenset[str]) -> Speller:
    """Index the anchor words of a lexicon. The first letter is taken to be right."""
    shorter: dict[str, str] = {}
    for word in anchors:
        if len(word) >= SHORTEST and word.isalpha():
            for at in range(1, len(word)):
                form = word[:at] + word[at + 1 :]
                if form not in known:
                    shorter.setdefault(form, word)
    return Speller(known, shorter, stems)
