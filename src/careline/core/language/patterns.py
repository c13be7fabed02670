"""The small language in which lexicon authors write what callers say. README.md beside this file teaches it.

    {chest} .. {hurt}          two classes, at most three words between them
    {hurt} ~5 {chest}          either order, at most five words between them
    elephant|truck on {chest}  alternatives; soft words ("on", "my") may be missing or added
    passed_out                 words joined by _ stand exactly so
    =in %n                     = keeps a soft word that must not be missing
    {cannot} {catch} deep? breath   ? marks what may be missing
    {he_is} %n                 a number; %t is a time ("two days ago")
    ... @ severity=9 unless={teeth}   options after @

A line becomes a `Pattern`: steps over interned *elements* (sets of words or phrases). Elements are found in one pass over a
turn; a pattern is tried only when all elements it needs occurred, and is looked up by the rarest of them, so cost follows
the turn, not the size of the lexicon.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.language.normal import Normaliser

Phrase = tuple[str, ...]
DEFAULT_GAP = 3
DEFAULT_NEAR = 4
FLAGS = frozenset({"sure", "end", "whole", "frac", "child", "adult", "self", "critical"})
KEYS = frozenset(
    {"severity", "site", "side", "course", "unless", "unless_any", "with", "min", "max", "value", "slot", "onset"}
)


class PatternError(Exception):
    """A line an author must mend; the lexicon adds file and line."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a match means: `kind` is the table it stood in (present, absent, cue, intent, quantity, ...), `name` its key."""

    kind: str
    name: str
    options: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Step:
    element: int
    gap: int  # words that may stand between the step before and this one
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    steps: tuple[Step, ...]
    required: frozenset[int]
    target: Target
    unless: int | None = None  # an element that must not occur in the same sentence
    unless_any: int | None = None  # ... nor anywhere in the turn
    needs: int | None = None  # an element that must occur somewhere in the turn


class Elements:
    """Interned sets of phrases. Equal sets share a number, so each is looked for once per turn however often it is used."""

    def __init__(self, normaliser: Normaliser) -> None:
        self.normaliser = normaliser
        self.classes: dict[str, frozenset[Phrase]] = {}
        self._ids: dict[frozenset[Phrase], int] = {}
        self._atoms: dict[str, int] = {}
        self._words: dict[str, Phrase] = {}
        self._soft: dict[str, bool] = {}

    def intern(self, phrases: frozenset[Phrase]) -> int:
        return self._ids.setdefault(phrases, len(self._ids))

    def all(self) -> Mapping[frozenset[Phrase], int]:
        return self._ids

    def phrases(self, atom: str) -> frozenset[Phrase]:
        """What one element of a line (`{a}|b|c_d`) may look like in a turn."""
        found: list[Phrase] = []
        words = self._words
        for part in atom.split("|"):
            phrase = words.get(part)
            if phrase is not None:
                found.append(phrase)
            elif part.startswith("{") and part.endswith("}"):
                if part[1:-1] not in self.classes:
                    raise PatternError(f"unknown class {part}")
                found.extend(self.classes[part[1:-1]])
            elif part in ("%n", "%t"):
                found.append((part,))
            elif not part or "{" in part or "}" in part or "%" in part:
                raise PatternError(f"cannot read {atom!r}")
            else:
                words[part] = phrase = self.normaliser.phrase(part.replace("_", " "))
                found.append(phrase)
        return frozenset(phrase for phrase in found if phrase)

    def element(self, atom: str) -> int:
        atom = atom.removeprefix("=")
        known = self._atoms.get(atom)
        if known is None:
            known = self._atoms[atom] = self.intern(self.phrases(atom))
        return known

    def is_soft(self, atom: str) -> bool:
        """Whether only soft words stand here: such a place may be left out, so it is."""
        known = self._soft.get(atom)
        if known is None:
            soft = self.normaliser.soft
            plain = "=" not in atom and "{" not in atom and "_" not in atom
            known = self._soft[atom] = plain and all(part in soft for part in atom.split("|"))
        return known


def compile_line(line: str, kind: str, name: str, elements: Elements) -> list[Pattern]:
    """One line is one pattern, or two when it holds `~` (either order)."""
    body, _, tail = line.partition(" @ ")
    options = _options(tail) if tail else _NONE
    target = Target(
        kind, name, {key: value for key, value in options.items() if key not in {"unless", "unless_any", "with"}}
    )
    guards = tuple(
        elements.element(options[key]) if key in options else None for key in ("unless", "unless_any", "with")
    )
    words = body.split()
    near = [at for at, word in enumerate(words) if word.startswith("~")] if "~" in body else []
    if len(near) > 1:
        raise PatternError("only one ~ in a line")
    if near:
        at = near[0]
        gap = f"..{words[at][1:] or DEFAULT_NEAR}"
        orders = [[*words[:at], gap, *words[at + 1 :]], [*words[at + 1 :], gap, *words[:at]]]
    else:
        orders = [words]
    patterns: list[Pattern] = []
    for order in orders:
        steps = _steps(order, elements, strict=kind != "person")
        required = frozenset(step.element for step in steps if not step.optional)
        patterns.append(Pattern(steps, required, target, *guards))
    return patterns


def _steps(words: list[str], elements: Elements, *, strict: bool) -> tuple[Step, ...]:
    kept = [word for word in words if word.startswith("..") or not elements.is_soft(word.removesuffix("?"))]
    if all(word.startswith("..") for word in kept):
        kept = words
    steps: list[Step] = []
    gap = 0
    for word in kept:
        if word.startswith(".."):
            gap += _gap(word)
            continue
        optional = word.endswith("?")
        if not (optional and not steps):  # an optional start adds nothing
            steps.append(Step(elements.element(word.removesuffix("?")), gap, optional))
        gap = 0
    while steps and steps[-1].optional:
        steps.pop()
    if not steps:
        raise PatternError("nothing to look for")
    if strict and len(steps) == 1 and len(kept) < len(words) and kept is not words:
        raise PatternError(
            "without its soft words only one is left: write that alone, join words with _, or keep one with ="
        )
    return tuple(steps)


def _gap(word: str) -> int:
    if word == "..":
        return DEFAULT_GAP
    if not word[2:].isdigit():
        raise PatternError(f"cannot read {word!r}: a gap is .. or ..5")
    return int(word[2:])


_NONE: Mapping[str, str] = {}


def _options(tail: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for word in tail.split():
        key, equals, value = word.partition("=")
        if key not in (KEYS if equals else FLAGS):
            raise PatternError(f"unknown option {word!r}; known: {', '.join(sorted(KEYS | FLAGS))}")
        options[key] = value or "yes"
    return options
