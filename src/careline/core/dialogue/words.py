"""The sentences of a dialogue, one file per language, checked against each other so that no language lacks one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from careline.core import toml
from careline.core.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Words:
    """`of("emergency.call_911", "es")`. Lists (day names) are joined by `|` in the table and split by `each`."""

    languages: tuple[str, ...]
    _sentences: Mapping[tuple[str, str], str]

    @classmethod
    def parse(cls, files: Mapping[str, str]) -> Words:
        """`files` maps a language code to its TOML text. Raises `DataFileError` when a language lacks a sentence or a slot."""
        sentences: dict[tuple[str, str], str] = {}
        for language, text in files.items():
            document = toml.parse(text, f"words/{language}.toml")
            for group, table in document.values.items():
                for key, value in cast(dict[str, Any], table).items():
                    items = cast(list[str], value) if isinstance(value, list) else [str(value)]
                    sentences[language, f"{group}.{key}"] = "|".join(items)
        words = cls(tuple(files), sentences)
        words._check()
        return words

    def of(self, key: str, language: str, **slots: str) -> str:
        """The sentence with its slots filled. An unknown language speaks the first one rather than nothing."""
        sentence = self._sentences.get((language, key)) or self._sentences[self.languages[0], key]
        return _SLOT.sub(lambda slot: slots.get(slot.group(1), ""), sentence)

    def has(self, key: str) -> bool:
        return (self.languages[0], key) in self._sentences

    def fixed(self, language: str) -> Mapping[str, str]:
        """Whole sentences that are spoken word for word, by their ids: what a person may record."""
        return {
            key: text
            for (code, key), text in self._sentences.items()
            if code == language and text[-1] in ".?!" and not _SLOT.search(text) and not key.endswith("_written")
        }

    def each(self, key: str, language: str) -> tuple[str, ...]:
        return tuple(self.of(key, language).split("|"))

    def _check(self) -> None:
        first = self.languages[0]
        wanted = {key: _slots(text) for (language, key), text in self._sentences.items() if language == first}
        for language in self.languages[1:]:
            for key, slots in wanted.items():
                sentence = self._sentences.get((language, key))
                if sentence is None or _slots(sentence) != slots:
                    problem = "is missing" if sentence is None else f"must use exactly the slots {sorted(slots)}"
                    raise DataFileError(f"words/{language}.toml", 1, f"{key} {problem}")


def _slots(sentence: str) -> frozenset[str]:
    return frozenset(_SLOT.findall(sentence))
