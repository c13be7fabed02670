"""All protocols together, indexed so that one turn's decision touches only the rules its facts can fire."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from careline.core.errors import DataFileError
from careline.core.triage.concepts import Concepts
from careline.core.triage.conditions import Op
from careline.core.triage.derivation import Derivations
from careline.core.triage.protocol import Protocol, Status
from careline.core.triage.reader import read_protocol
from careline.core.triage.words import ProtocolWords, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from careline.core.triage.conditions import Condition, Setting
    from careline.core.triage.protocol import Rule

LANGUAGES = ("en", "es")


@final
class Library:
    """Concepts, derivations, protocols and words. Read-only once parsed."""

    def __init__(
        self,
        concepts: Concepts,
        derivations: Derivations,
        protocols: Mapping[str, Protocol],
        words: Mapping[str, Words],
        files: Mapping[str, str],
    ) -> None:
        self.concepts, self.derivations, self.words, self.files = concepts, derivations, words, files
        self.protocols: Mapping[str, Protocol] = dict(sorted(protocols.items()))
        self.universal = tuple(protocol for protocol in self.protocols.values() if protocol.universal)
        self.settings: Mapping[str, Setting] = {
            setting.key: setting for protocol in self.protocols.values() for setting in protocol.settings.values()
        }
        running = [protocol for protocol in self.protocols.values() if protocol.status is not Status.RETIRED]
        self.dangers = frozenset(q.concept for protocol in running for q in protocol.questions.values() if q.danger)
        self._rules = _index(running)
        self._triggers = _triggers(running)

    @classmethod
    def parse(cls, files: Mapping[str, str]) -> Library:
        """`files` maps paths below `protocols/` ("concepts.toml", "adult-headache/protocol.toml") to texts. Raises
        `DataFileError` naming file, line and mend."""
        concepts = Concepts.parse(_file(files, "concepts.toml"), "concepts.toml")
        derivations = Derivations.parse(_file(files, "derived.toml"), "derived.toml", concepts)
        folders = _folders(files)
        protocols = {name: read_protocol(texts, concepts, name) for name, texts in folders.items()}
        words = {language: _words(files, folders, language) for language in LANGUAGES}
        return cls(concepts, derivations, protocols, words, files)

    def rules_for(self, concept: str) -> tuple[tuple[Protocol, Rule], ...]:
        """The rules that a fact about this concept may fire."""
        return self._rules.get(concept, ())

    def started_by(self, concept: str) -> tuple[Protocol, ...]:
        """The protocols that this symptom starts."""
        return self._triggers.get(concept, ())


def _file(files: Mapping[str, str], name: str) -> str:
    if name not in files:
        raise DataFileError(name, 1, "the file is missing", "the folder of protocols needs it")
    return files[name]


def _folders(files: Mapping[str, str]) -> dict[str, dict[str, str]]:
    folders: dict[str, dict[str, str]] = {}
    for path, text in files.items():
        folder, slash, name = path.partition("/")
        if slash:
            folders.setdefault(folder, {})[name] = text
    return folders


def _words(files: Mapping[str, str], folders: Mapping[str, Mapping[str, str]], language: str) -> Words:
    name = f"words.{language}.toml"
    own = {folder: ProtocolWords.parse(_file(files, f"{folder}/{name}"), f"{folder}/{name}") for folder in folders}
    return Words.parse(_file(files, name), name, language, own)


def _index(protocols: Iterable[Protocol]) -> dict[str, tuple[tuple[Protocol, Rule], ...]]:
    index: dict[str, list[tuple[Protocol, Rule]]] = {}
    for protocol in protocols:
        for rule in protocol.rules:
            keys = [key_condition(rule)] if rule.every else list(rule.conditions)
            for concept in {name for key in keys if key is not None for name in key.concepts}:
                index.setdefault(concept, []).append((protocol, rule))
    return {concept: tuple(rules) for concept, rules in index.items()}


def key_condition(rule: Rule) -> Condition | None:
    """The one condition of an `all` rule under which it is looked up: it must need a known fact, and a symptom tells
    most. None when nothing in the rule needs one, which the linter refuses."""
    needed = [condition for condition in rule.conditions if not condition.unknown_holds]
    flags = [condition for condition in needed if condition.op is Op.YES]
    return min(flags or needed, key=lambda condition: not condition.danger, default=None)


def _triggers(protocols: Iterable[Protocol]) -> dict[str, tuple[Protocol, ...]]:
    triggers: dict[str, tuple[Protocol, ...]] = {}
    for protocol in protocols:
        for concept in protocol.triggers:
            triggers[concept] = (*triggers.get(concept, ()), protocol)
    return triggers
