"""What triage has spoken, per language, apart from the logic: a sentence can change without touching what is decided.

`protocols/words.<language>.toml` holds the sentences that every protocol shares (a question about fever is worded once); a
protocol's own `words.<language>.toml` adds to it and may word a shared question anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from careline.core import toml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.clinical import Disposition
    from careline.core.toml import Document

_SHARED = ("questions", "concepts", "confirm", "again", "dispositions", "worse", "services")
_OWN = ("title", "worse", "meanwhile", "questions")


@dataclass(frozen=True, slots=True)
class ProtocolWords:
    """One protocol in one language: `worse` is its safety net, `meanwhile` what to do until help or home care."""

    title: str
    worse: str
    meanwhile: str
    questions: Mapping[str, str]

    @classmethod
    def parse(cls, text: str, name: str) -> ProtocolWords:
        document = toml.parse(text, name)
        document.check_keys("", document.values, _OWN)
        texts = {key: document.values.get(key, "") for key in ("title", "worse", "meanwhile")}
        for key, value in texts.items():
            if not isinstance(value, str) or (key == "title" and not value):
                raise document.error(key, f"{key} is not a sentence", f'write {key} = "…"')
        return cls(**texts, questions=_texts(document, "questions"))


@dataclass(frozen=True, slots=True)
class Words:
    """Everything triage says in one language."""

    language: str
    questions: Mapping[str, str]
    concepts: Mapping[str, str]  # what a danger is called within a sentence
    confirm: str
    again: str
    dispositions: Mapping[str, str]
    worse: Mapping[str, str]
    services: Mapping[str, str]
    protocols: Mapping[str, ProtocolWords]

    @classmethod
    def parse(cls, text: str, name: str, language: str, protocols: Mapping[str, ProtocolWords]) -> Words:
        """Raises `DataFileError` at the line that is wrong."""
        document = toml.parse(text, name)
        document.check_keys("", document.values, _SHARED)
        for key in ("confirm", "again"):
            if "{what}" not in str(document.values.get(key, "")):
                raise document.error(key, f"{key} does not name what it asks about", "put {what} into the sentence")
        tables = {key: _texts(document, key) for key in ("questions", "concepts", "dispositions", "worse", "services")}
        return cls(
            language, confirm=document.values["confirm"], again=document.values["again"], protocols=protocols, **tables
        )

    def question(self, protocol: str, key: str) -> str | None:
        """How a protocol asks for a concept; None when nobody has worded it."""
        own = self.protocols.get(protocol)
        return (own.questions.get(key) if own is not None else None) or self.questions.get(key)

    def disposition(self, disposition: Disposition) -> str:
        """What a caller is told to do, and how fast."""
        return self.dispositions.get(disposition.value, "")

    def safety_net(self, disposition: Disposition, protocols: tuple[str, ...] = ()) -> str:
        """What to do if it gets worse: each protocol's own signs first, then the sentence every contact ends with."""
        own = [words.worse for name in protocols if (words := self.protocols.get(name)) is not None and words.worse]
        return " ".join([*own, self.worse.get(disposition.value, "")]).strip()

    def meanwhile(self, protocols: tuple[str, ...]) -> str:
        """What helps until somebody is seen, for practices whose model lets advice be given."""
        own = [words.meanwhile for name in protocols if (words := self.protocols.get(name)) is not None]
        return " ".join(text for text in own if text)


def _texts(document: Document, key: str) -> dict[str, str]:
    table: Any = document.values.get(key, {})
    if not isinstance(table, dict):
        raise document.error(key, f"{key} is not a table", f"write [{key}]")
    for name, text in cast("dict[str, Any]", table).items():
        if not isinstance(text, str) or not text.strip():
            raise document.error(f"{key}.{name}", f"{name!r} has no words", "write a sentence")
    return cast("dict[str, str]", table)
