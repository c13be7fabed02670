"""Finds every pattern of a language that occurs in a stretch of words.

Two passes: elements first (each word looked up once), then only those patterns whose rarest element occurred and whose other
elements occurred too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.language.index import Index
    from careline.core.language.numbers import Number
    from careline.core.language.patterns import Pattern, Target
    from careline.core.language.times import Time
    from careline.core.language.tokens import Tokens

Span = tuple[int, int]
Rest = tuple[tuple[str, ...], tuple[int, ...]]
Place = tuple[Span, tuple[int, ...]]
MOST_PER_PATTERN = 6
MOST_CUES = 220  # every word of a stretch may bear on scope, or name somebody


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern found on words `start` to `end` (exclusive); `spans` are its steps, in order."""

    target: Target
    start: int
    end: int
    spans: tuple[Span, ...]


def find(index: Index, tokens: Tokens, numbers: Sequence[Number], times: Sequence[Time]) -> list[Match]:
    """Every match, in no particular order; overlapping ones included."""
    places = _places(index, tokens)
    marks = (("%n", [(n.start, n.end) for n in numbers]), ("%t", [(t.start, t.end) for t in times if t.kind == "ago"]))
    places += [(span, index.words[mark]) for mark, spans in marks if mark in index.words for span in spans]
    present = set[int]()
    for _, elements in places:
        present.update(elements)
    candidates = [p for element in present for p in index.patterns.get(element, ()) if p.required <= present]
    occurred = _spans(places, candidates)
    return [match for pattern in candidates for match in _try(pattern, occurred, tokens)]


def _spans(places: Sequence[Place], candidates: Sequence[Pattern]) -> dict[int, list[Span]]:
    """Where the elements of the candidates stand, in order; at one place the longest first ("heart attack" before "heart")."""
    wanted = {step.element for pattern in candidates for step in pattern.steps}
    for pattern in candidates:
        wanted.update(guard for guard in pattern[3:] if isinstance(guard, int))
    occurred: dict[int, list[Span]] = {}
    for span, elements in places:
        for element in wanted.intersection(elements):
            occurred.setdefault(element, []).append(span)
    for spans in occurred.values():
        spans.sort(key=lambda span: (span[0], -span[1]))
    return occurred


def _places(index: Index, tokens: Tokens) -> list[Place]:
    """Every word and phrase that some element knows, and which elements do."""
    places: list[Place] = []
    for at, word in enumerate(tokens.words):
        if word in index.phrases:
            _phrases(index.phrases[word], tokens, at, places)
        if word in index.words:
            places.append(((at, at + 1), index.words[word]))
        for length in index.prefix_lengths:
            if length > len(word):
                break
            if word[:length] in index.prefixes:
                places.append(((at, at + 1), index.prefixes[word[:length]]))
    return places


def _phrases(heads: Mapping[str, Sequence[Rest]], tokens: Tokens, at: int, places: list[Place]) -> None:
    if at + 1 >= len(tokens):
        return
    second = tokens.words[at + 1]
    for rest, elements in (*heads.get(second, ()), *_endings(heads, second)):
        end = at + 2 + len(rest)
        if end <= len(tokens) and _follows(tokens, at, rest):
            places.append(((at, end), elements))


def _endings(heads: Mapping[str, Sequence[Rest]], word: str) -> Sequence[Rest]:
    """Phrases whose second word is given by its beginning; few are."""
    return [rest for stem, rests in heads.items() if stem[-1] == "*" and word.startswith(stem[:-1]) for rest in rests]


def _follows(tokens: Tokens, at: int, rest: tuple[str, ...]) -> bool:
    words = tokens.words
    for offset, expected in enumerate(rest, at + 2):
        word = words[offset]
        if word != expected and not (expected[-1] == "*" and word.startswith(expected[:-1])):
            return False
    return tokens.broken or tokens.sentence[at] == tokens.sentence[at + 1 + len(rest)]


def _try(pattern: Pattern, occurred: Mapping[int, list[Span]], tokens: Tokens) -> list[Match]:
    if pattern.needs is not None and pattern.needs not in occurred:
        return []
    if pattern.unless_any is not None and pattern.unless_any in occurred:
        return []
    most = MOST_CUES if pattern.target.kind in ("cue", "person") else MOST_PER_PATTERN
    found: list[Match] = []
    for start, end in occurred[pattern.steps[0].element]:
        spans = _extend(pattern, 1, ((start, end),), occurred, tokens)
        if spans is None or _forbidden(pattern, spans, occurred, tokens):
            continue
        found.append(Match(pattern.target, start, spans[-1][1], spans))
        if len(found) >= most:
            break
    return found


def _extend(
    pattern: Pattern, number: int, spans: tuple[Span, ...], occurred: Mapping[int, list[Span]], tokens: Tokens
) -> tuple[Span, ...] | None:
    if number == len(pattern.steps):
        return spans
    step = pattern.steps[number]
    end = spans[-1][1]
    reached = tokens.after[end - 1]
    for span in occurred.get(step.element, ()):
        if span[0] < end:
            continue
        if tokens.before[span[0]] - reached > step.gap:
            break
        found = _extend(pattern, number + 1, (*spans, span), occurred, tokens)
        if found is not None:
            return found
    return _extend(pattern, number + 1, spans, occurred, tokens) if step.optional else None


def _forbidden(pattern: Pattern, spans: tuple[Span, ...], occurred: Mapping[int, list[Span]], tokens: Tokens) -> bool:
    if pattern.unless is None:
        return False
    sentences = {tokens.sentence[spans[0][0]], tokens.sentence[spans[-1][1] - 1]}
    return any(tokens.sentence[start] in sentences for start, _ in occurred.get(pattern.unless, ()))
