"""Medicines by name. One shared file lists generic names, their brands and the risk classes they belong to.

A name is recognised whole, with one slip of spelling, or by its first six letters ("diltia-something").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.language.normal import Normaliser
    from careline.core.language.tokens import Tokens
    from careline.core.toml import Document

BEGINNING = 6


@dataclass(frozen=True, slots=True)
class Named:
    """A medicine found between words `start` and `end`."""

    start: int
    end: int
    name: str
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class MedicineWords:
    """`names` by first word: (words, generic). `beginnings`: six letters -> generic, where they tell."""

    names: Mapping[str, Sequence[tuple[tuple[str, ...], str]]] = field(
        default_factory=dict[str, "Sequence[tuple[tuple[str, ...], str]]"]
    )
    beginnings: Mapping[str, str] = field(default_factory=dict[str, str])
    classes: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    by_class: Mapping[str, Sequence[tuple[str, ...]]] = field(default_factory=dict[str, "Sequence[tuple[str, ...]]"])


def read_medicines(documents: Sequence[Document], normaliser: Normaliser) -> MedicineWords:
    """`[medicines]` holds one text a class: a line per medicine, generic name first, then brands, parted by commas."""
    names: dict[str, dict[tuple[str, ...], str]] = {}
    classes: dict[str, set[str]] = {}
    by_class: dict[str, list[tuple[str, ...]]] = {}
    for document in documents:
        for risk, text in document.values.get("medicines", {}).items():
            for line in text.strip().split("\n"):
                said = [word.strip() for word in line.split(",") if word.strip()]
                if not said:
                    continue
                classes.setdefault(said[0], set()).add(risk)
                for name in said:
                    words = normaliser.phrase(name)
                    names.setdefault(words[0], {}).setdefault(words, said[0])
                    by_class.setdefault(risk, []).append(words)
                    by_class.setdefault("any", []).append(words)
    beginnings: dict[str, str] = {}
    for options in names.values():
        for words, generic in options.items():
            if len(words) == 1 and len(words[0]) > BEGINNING:
                head = words[0][:BEGINNING]
                beginnings[head] = generic if beginnings.get(head, generic) == generic else ""
    return MedicineWords(
        {head: sorted(options.items(), key=lambda option: -len(option[0])) for head, options in names.items()},
        {head: generic for head, generic in beginnings.items() if generic},
        {name: frozenset(risks) for name, risks in classes.items()},
        by_class,
    )


def find_medicines(tokens: Tokens, names: MedicineWords, known: frozenset[str]) -> list[Named]:
    """All medicines of a turn. `known` words are ordinary ones that no beginning may be taken for."""
    found: list[Named] = []
    at = 0
    words = tokens.words
    while at < len(words):
        word = words[at]
        length, generic = 0, ""
        for phrase, name in names.names.get(word, ()):
            if tuple(words[at : at + len(phrase)]) == phrase:
                length, generic = len(phrase), name
                break
        if not length and len(word) >= BEGINNING and word not in known:
            generic = names.beginnings.get(word[:BEGINNING], "")
            length = 1 if generic else 0
        if length:
            found.append(Named(at, at + length, generic, names.classes[generic]))
        at += length or 1
    return found
