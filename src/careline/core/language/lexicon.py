"""A language as data: reads its TOML files and builds the index that `matching` looks things up in.

Every file may hold any of the sections below; a language is the union of its files. README.md beside this file is the manual
for authors. Mistakes are `DataFileError`s that name file and line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.core import toml
from careline.core.language.compiling import Compiler
from careline.core.language.index import ConceptTraits, Index
from careline.core.language.medicines import MedicineWords, read_medicines
from careline.core.language.sections import read_dates, read_normaliser, read_numbers, read_times

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from careline.core.language.normal import Normaliser
    from careline.core.language.numbers import DateWords, NumberWords
    from careline.core.language.times import TimeWords

SECTIONS = (
    "normalise", "numbers", "times", "classes", "concepts", "cues", "intents", "quantities", "people", "commands",
    "replies", "choices", "dates", "medicines",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language, ready to be matched. Made by `parse`; immutable."""

    language: str
    normaliser: Normaliser
    numbers: NumberWords
    times: TimeWords
    index: Index
    marks: frozenset[str]
    titles: frozenset[str]
    medicines: MedicineWords
    dates: DateWords
    traits: Mapping[str, ConceptTraits] = field(default_factory=dict[str, ConceptTraits])
    concepts: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, language: str, files: Mapping[str, str], vocabulary: Iterable[str] | None = None) -> Lexicon:
        """Build a language from its files (name -> TOML text). With `vocabulary`, a concept that is not in it is refused,
        unless its name begins with `_` (a helper that only `derive.toml` reads)."""
        documents = [toml.parse(text, name) for name, text in sorted(files.items())]
        for document in documents:
            document.check_keys("", document.values, SECTIONS)
        normaliser, marks, titles = read_normaliser(documents)
        medicines = read_medicines(documents, normaliser)
        compiler = Compiler(normaliser, documents, medicines)
        compiler.compile(frozenset(vocabulary) if vocabulary is not None else None)
        index = compiler.index()
        numbers, times, dates = read_numbers(documents), read_times(documents, normaliser), read_dates(documents)
        names = (
            numbers.values, numbers.scales, numbers.halves, times.units, times.amounts, times.named, dates.months,
            dates.ordinals, marks, titles, medicines.names, normaliser.words,
        )  # fmt: skip
        normaliser.speller = compiler.speller(frozenset(word for table in names for word in table))
        return cls(
            language, normaliser, numbers, times, index, marks, titles, medicines, dates, compiler.traits,
            frozenset(compiler.concepts),
        )  # fmt: skip
