"""Reads the sections of language files that are tables rather than patterns: rewriting, numbers, times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careline.core.language.normal import Normaliser
from careline.core.language.numbers import DateWords, NumberWords
from careline.core.language.times import TimeWords
from careline.core.language.tokens import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.toml import Document

_NORMALISE = (
    "soft",
    "light",
    "fillers",
    "breaks",
    "marks",
    "titles",
    "keep",
    "mend",
    "words",
    "suffixes",
    "endings",
    "heard",
)
_NUMBERS = ("values", "scales", "halves", "point", "oh", "joins", "articles", "double")
_TIMES = ("units", "named", "amounts", "skipped", "ago_after", "ago_before", "lasting_before", "lasting_after")


def _merged(documents: Sequence[Document], section: str, allowed: Sequence[str]) -> dict[str, Any]:
    merged: dict[str, Any] = {key: {} for key in allowed}
    for document in documents:
        table = document.values.get(section, {})
        document.check_keys(section, table, allowed)
        for key, value in table.items():
            if isinstance(value, dict):
                merged[key] = {**merged[key], **value}
            else:
                merged[key] = f"{merged[key] or ''} {value}"
    return merged


def _set(value: object) -> frozenset[str]:
    return frozenset(fold(word) for word in str(value or "").split())


def _table(table: Mapping[str, Any]) -> dict[str, float]:
    return {fold(word): float(number) for word, number in table.items()}


def read_normaliser(documents: Sequence[Document]) -> tuple[Normaliser, frozenset[str], frozenset[str]]:
    """The rewriting table, the words that tell the language, and titles that stand before a name."""
    read = _merged(documents, "normalise", _NORMALISE)
    normaliser = Normaliser(
        soft=_set(read["soft"]),
        light=_set(read["light"]),
        fillers=_set(read["fillers"]),
        breaks=_set(read["breaks"]),
        words={fold(word): tuple(fold(value).split()) for word, value in read["words"].items()},
        suffixes=[(suffix, becomes) for suffix, becomes in read["suffixes"].items()],
        endings=[
            (ending, tuple(tuple(form.split("+")) for form in forms.split()))
            for ending, forms in sorted(read["endings"].items(), key=lambda item: -len(item[0]))
        ],
    )
    heard: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for said, meant in read["heard"].items():
        words = normaliser.phrase(said)
        heard.setdefault(words[0], []).append((words, normaliser.phrase(meant)))
    for options in heard.values():
        options.sort(key=lambda option: -len(option[0]))
    normaliser.heard = heard
    return normaliser, _set(read["marks"]), _set(read["titles"])


def read_numbers(documents: Sequence[Document]) -> NumberWords:
    """The number words of the language."""
    read = _merged(documents, "numbers", _NUMBERS)
    return NumberWords(
        _table(read["values"]), _table(read["scales"]), _set(read["point"]), _set(read["oh"]), _set(read["joins"]),
        _table(read["halves"]), _set(read["articles"]), _set(read["double"]),
    )  # fmt: skip


def read_times(documents: Sequence[Document], normaliser: Normaliser) -> TimeWords:
    """The words for stretches of time."""
    read = _merged(documents, "times", _TIMES)
    named: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for said, hours in read["named"].items():
        phrase = normaliser.phrase(said)
        named.setdefault(phrase[0], []).append((phrase, float(hours)))
    for options in named.values():
        options.sort(key=lambda option: -len(option[0]))
    return TimeWords(
        _table(read["units"]), named, _table(read["amounts"]), _set(read["skipped"]), _set(read["ago_after"]),
        _set(read["ago_before"]), _set(read["lasting_before"]), _set(read["lasting_after"]),
    )  # fmt: skip


def read_dates(documents: Sequence[Document]) -> DateWords:
    """Names of months, ordinals, and whether the day comes first in figures."""
    months: dict[str, int] = {}
    ordinals: dict[str, int] = {}
    day_first = False
    for document in documents:
        table = document.values.get("dates", {})
        document.check_keys("dates", table, ("months", "ordinals", "day_first"))
        months |= {fold(word): int(number) for word, number in table.get("months", {}).items()}
        ordinals |= {fold(word): int(number) for word, number in table.get("ordinals", {}).items()}
        day_first = day_first or bool(table.get("day_first"))
    return DateWords(months, ordinals, day_first)
