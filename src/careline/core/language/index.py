"""What a compiled language is looked up in. Built by `compiling`, read by `matching`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.language.patterns import Pattern


@dataclass(frozen=True, slots=True)
class Index:
    """Where elements are found: single words, word beginnings, phrases by their first
    two words (the rest follows); and patterns by rarest element."""

    words: Mapping[str, tuple[int, ...]]
    prefixes: Mapping[str, tuple[int, ...]]
    prefix_lengths: tuple[int, ...]
    phrases: Mapping[str, Mapping[str, Sequence[tuple[tuple[str, ...], tuple[int, ...]]]]]
    patterns: Mapping[int, Sequence[Pattern]]


@dataclass(frozen=True, slots=True)
class ConceptTraits:
    """What holds for a concept however it was worded."""

    diagnosis: bool = False  # a disease one may fear without having it: "worried it's cancer" is no finding
    sure: bool = False  # what is feared or imagined counts as said: "I'm afraid I'll hurt somebody"
    past_is: str | None = None  # the concept a past one stands for: an old heart attack is heart_history
    covers: frozenset[str] = frozenset()  # concepts that do not count inside a match of this: "nearly [fainted]"
