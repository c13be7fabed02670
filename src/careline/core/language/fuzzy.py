"""Tolerates one slip of the finger or the ear in the words that matter most: "diarhea", "siezure", "ambulence".

Deletion neighbourhoods (SymSpell's idea): a word and its correction share a form with one letter removed, so a look-up is a
handful of dictionary reads and never a scan of the vocabulary. Which words are worth mending is data (`normalise.mend`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHORTEST, LONGEST = 5, 24


@dataclass(frozen=True, slots=True)
class Speller:
    """`known` words are never changed; `anchors` are what may be meant; `shorter` maps an anchor less one letter to it."""

    known: frozenset[str]
    anchors: frozenset[str]
    shorter: Mapping[str, str]

    def mend(self, word: str) -> str | None:
        """The anchor within one edit of an unknown word, or None."""
        if not SHORTEST <= len(word) <= LONGEST or word in self.known or not word.isalpha():
            return None
        if found := self.shorter.get(word):
            return found
        for at in range(1, len(word)):
            form = word[:at] + word[at + 1 :]
            if form in self.anchors:
                return form
            found = self.shorter.get(form)
            if found and _one_edit(found, word):
                return found
        return None


def _one_edit(one: str, two: str) -> bool:
    """One letter replaced, or two neighbours swapped, in words of equal length."""
    if len(one) != len(two):
        return False
    differing = [at for at, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
    if len(differing) == 1:
        return True
    if len(differing) != 2 or differing[1] != differing[0] + 1:
        return False
    first, second = differing
    return one[first] == two[second] and one[second] == two[first]


def speller(anchors: Iterable[str], known: frozenset[str]) -> Speller:
    """Index the anchors. The first letter is taken to be right."""
    words = frozenset(anchors)
    shorter: dict[str, str] = {}
    for word in sorted(words):
        for at in range(1, len(word)):
            form = word[:at] + word[at + 1 :]
            if form not in known:
                shorter.setdefault(form, word)
    return Speller(known, words, shorter)
