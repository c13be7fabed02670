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

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from careline.core.errors import CarelineError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.language.normal import Normaliser

Phrase = tuple[str, ...]
_NONE: Mapping[str, str] = MappingProxyType({})
DEFAULT_GAP = 3
DEFAULT_NEAR = 4
_GUARDS = ("unless", "unless_any", "with")
FLAGS = frozenset({"sure", "end", "whole", "frac", "child", "adult", "self", "critical"})
KEYS = frozenset(
    {"severity", "site", "side", "course", "unless", "unless_any", "with", "min", "max", "value", "slot", "onset"}
)


class PatternError(CarelineError):
    """A line an author must mend; the lexicon adds file and line."""


class Target(NamedTuple):
    """What a match means: `kind` is the table it stood in (present, absent, cue, intent, quantity, ...), `name` its key."""

    kind: str
    name: str
    options: Mapping[str, str] = _NONE


class Step(NamedTuple):
    element: int
    gap: int  # words that may stand between the step before and this one
    optional: bool = False


class Pattern(NamedTuple):
    """A compiled line. Thousands are made whenever a language is read, so these are plain tuples."""

    steps: tuple[Step, ...]
    required: frozenset[int]
    target: Target
    unless: int | None = None  # an element that must not occur in the same sentence
    unless_any: int | None = None  # ... nor anywhere in the turn
    needs: int | None = None  # an element that must occur somewhere in the turn


class Elements:
    """What parts of lines look for, numbered. A part is some words of its own and any number of classes; classes are not
    copied into the parts that name them, but told which parts they feed, so that reading a language stays quick."""

    def __init__(self, normaliser: Normaliser) -> None:
        self.normaliser = normaliser
        self.classes: dict[str, frozenset[Phrase]] = {}
        self.own: list[list[Phrase]] = []  # by element: its own words
        self.fed: dict[str, list[int]] = {}  # by class: the elements that name it
        self._atoms: dict[str, int] = {}
        self._words: dict[str, Phrase] = {}
        self._soft: dict[str, bool] = {}
        self._parts: dict[str, Step | None] = {}

    def new(self, phrases: list[Phrase]) -> int:
        self.own.append(phrases)
        return len(self.own) - 1

    def element(self, atom: str) -> int:
        """The number of a part such as `{a}|b|c_d`."""
        atom = atom.removeprefix("=")
        known = self._atoms.get(atom)
        if known is None:
            own: list[Phrase] = []
            known = self._atoms[atom] = self.new(own)
            for part in atom.split("|"):
                phrase = self._words.get(part)
                if phrase is None and part[:1] == "{" and part[-1:] == "}":
                    if part[1:-1] not in self.classes:
                        raise PatternError(f"unknown class {part}")
                    self.fed.setdefault(part[1:-1], []).append(known)
                elif phrase := phrase or self.phrase(part):
                    own.append(phrase)
        return known

    def phrase(self, part: str) -> Phrase:
        """One alternative that is no class."""
        known = self._words.get(part)
        if known is None:
            if part in ("%n", "%t"):
                known = (part,)
            elif not part or "{" in part or "}" in part or "%" in part:
                raise PatternError(f"cannot read {part!r}")
            else:
                known = self.normaliser.phrase(part.replace("_", " "))
            self._words[part] = known
        return known

    def part(self, word: str) -> Step | None:
        """One word of a line as a step: None when it is soft, a step with a gap and no element when it is `..5`."""
        if word in self._parts:
            return self._parts[word]
        plain = word.removesuffix("?")
        if word.startswith(".."):
            made: Step | None = Step(-1, _gap(word))
        elif self.is_soft(plain):
            made = None
        else:
            made = Step(self.element(plain), 0, plain != word)
        self._parts[word] = made
        return made

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
    target, guards = Target(kind, name), (None, None, None)
    if tail:
        options = _options(tail)
        target = Target(kind, name, {key: value for key, value in options.items() if key not in _GUARDS})
        guards = tuple(elements.element(options[key]) if key in options else None for key in _GUARDS)
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
    parts = [elements.part(word) for word in words]
    dropped = [part for part in parts if part is None]
    if len(dropped) + sum(part is not None and part.element < 0 for part in parts) == len(parts):
        parts = [elements.part(f"={word}") if part is None else part for word, part in zip(words, parts, strict=True)]
        dropped = []  # a line of soft words alone keeps them all
    steps: list[Step] = []
    gap = 0
    for part in parts:
        if part is None:
            continue
        if part.element < 0:
            gap += part.gap
            continue
        if steps or not part.optional:  # an optional start adds nothing
            steps.append(Step(part.element, gap, part.optional) if gap else part)
        gap = 0
    while steps and steps[-1].optional:
        steps.pop()
    if not steps:
        raise PatternError("nothing to look for")
    if strict and len(steps) == 1 and dropped:
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


def _options(tail: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for word in tail.split():
        key, equals, value = word.partition("=")
        if key not in (KEYS if equals else FLAGS):
            raise PatternError(f"unknown option {word!r}; known: {', '.join(sorted(KEYS | FLAGS))}")
        options[key] = value or "yes"
    return options
