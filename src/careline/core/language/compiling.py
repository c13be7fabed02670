"""Turns the lines of a language's files into an index of patterns (see `patterns` for what a line means)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careline.core.errors import DataFileError
from careline.core.language import fuzzy
from careline.core.language.index import ConceptTraits, Index
from careline.core.language.patterns import Elements, Pattern, PatternError, Phrase, Step, Target, compile_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from careline.core.language.medicines import MedicineWords
    from careline.core.language.normal import Normaliser
    from careline.core.toml import Document

PATTERN_KEYS = {
    "concepts": ("present", "absent", "past", "diagnosis", "sure", "past_is", "covers"),
    "cues": ("patterns",),
    "intents": ("patterns",),
    "people": ("patterns", "sex", "group"),
    "commands": ("patterns",),
    "replies": ("patterns",),
}
_KINDS = {"cues": "cue", "intents": "intent", "people": "person", "commands": "command", "replies": "reply"}


class Compiler:
    """Collects the patterns of all files of a language, then builds the index once."""

    def __init__(self, normaliser: Normaliser, documents: Sequence[Document], medicines: MedicineWords) -> None:
        self.elements = Elements(normaliser)
        self.documents = documents
        self.patterns: list[Pattern] = []
        self.traits: dict[str, ConceptTraits] = {}
        self.concepts: set[str] = set()
        self._single: dict[tuple[str, str, tuple[tuple[str, str], ...]], tuple[Target, set[Phrase]]] = {}
        self._read_classes(medicines)

    # ---- classes

    def _read_classes(self, medicines: MedicineWords) -> None:
        texts: dict[str, tuple[Document, str]] = {}
        for document in self.documents:
            for name, text in document.values.get("classes", {}).items():
                if name in texts:
                    raise document.error(f"classes.{name}", f"class {name!r} is defined twice", "join the two")
                texts[name] = (document, text)
        for risk, names in medicines.by_class.items():
            self.elements.classes[f"med.{risk}"] = frozenset(names)
        for name in texts:
            self._class(name, texts, ())

    def _class(self, name: str, texts: Mapping[str, tuple[Document, str]], above: tuple[str, ...]) -> frozenset[Phrase]:
        if name in self.elements.classes:
            return self.elements.classes[name]
        document, text = texts[name]
        if name in above:
            raise document.error(f"classes.{name}", f"class {name!r} contains itself", "break the circle")
        phrases: set[Phrase] = set()
        for part in text.replace("\n", ",").split(","):
            part = part.strip()
            if part.startswith("{"):
                inner = part.strip("{}")
                if inner not in texts and inner not in self.elements.classes:
                    raise document.error(f"classes.{name}", f"unknown class {part}")
                phrases |= self._class(inner, texts, (*above, name))
            elif part and not part.startswith("#"):
                phrases.add(self.elements.normaliser.phrase(part.replace("_", " ")))
        self.elements.classes[name] = frozenset(phrases)
        return self.elements.classes[name]

    # ---- patterns

    def compile(self, vocabulary: frozenset[str] | None) -> None:
        """Compile every section of every file."""
        for document in self.documents:
            for section, keys in PATTERN_KEYS.items():
                for name, table in document.values.get(section, {}).items():
                    document.check_keys(f"{section}.{name}", table, keys)
                    if section == "concepts":
                        self._concept(document, name, table, vocabulary)
                    elif section == "people":
                        extra = {key: str(table[key]) for key in ("sex", "group") if key in table}
                        self._lines(document, f"{section}.{name}.patterns", table["patterns"], "person", name, extra)
                    else:
                        self._lines(
                            document, f"{section}.{name}.patterns", table.get("patterns", ""), _KINDS[section], name
                        )
            for concept, choices in document.values.get("choices", {}).items():
                for choice, table in choices.items():
                    path = f"choices.{concept}.{choice}"
                    document.check_keys(path, table, ("patterns",))
                    self._lines(document, f"{path}.patterns", table["patterns"], "choice", concept, {"choice": choice})
            for concept, units in document.values.get("quantities", {}).items():
                for unit, table in units.items():
                    path = f"quantities.{concept}.{unit}"
                    document.check_keys(path, table, ("patterns",))
                    self._lines(document, f"{path}.patterns", table["patterns"], "quantity", concept, {"unit": unit})
        for target, phrases in self._single.values():
            element = self.elements.new(list(phrases))
            self.patterns.append(Pattern((Step(element, 0),), frozenset({element}), target))

    def _concept(
        self, document: Document, name: str, table: Mapping[str, Any], vocabulary: frozenset[str] | None
    ) -> None:
        if vocabulary is not None and name not in vocabulary and not name.startswith("_"):
            raise document.error(f"concepts.{name}", f"unknown concept {name!r}", "add it to protocols/concepts.toml")
        self.concepts.add(name)
        if table.keys() & {"diagnosis", "sure", "past_is", "covers"}:
            covers = frozenset(str(table.get("covers", "")).split())
            known = self.traits.get(name, ConceptTraits())  # of another file: a language is the union of its files
            self.traits[name] = ConceptTraits(
                known.diagnosis or bool(table.get("diagnosis")),
                known.sure or bool(table.get("sure")),
                table.get("past_is") or known.past_is,
                known.covers | covers,
            )
        for kind in ("present", "absent", "past"):
            if kind in table:
                self._lines(document, f"concepts.{name}.{kind}", table[kind], kind, name)

    def _lines(
        self, document: Document, path: str, text: str, kind: str, name: str, extra: Mapping[str, str] | None = None
    ) -> None:
        for number, line in _meaningful(text):
            try:
                for pattern in compile_line(line, kind, name, self.elements):
                    self._add(pattern, line, extra or {})
            except PatternError as error:
                first = document.line(path) + (1 if "\n" in text else 0)
                raise DataFileError(document.name, first + number, f"{error} in {line!r}") from error

    def _add(self, pattern: Pattern, line: str, extra: Mapping[str, str]) -> None:
        target = pattern.target
        if extra:
            target = Target(target.kind, target.name, {**target.options, **extra})
            pattern = Pattern(
                pattern.steps, pattern.required, target, pattern.unless, pattern.unless_any, pattern.needs
            )
        guarded = pattern.unless is not None or pattern.unless_any is not None or pattern.needs is not None
        if len(pattern.steps) == 1 and not guarded and "{" not in line and "%" not in line:
            key = (target.kind, target.name, tuple(sorted(target.options.items())))
            words = line.partition(" @ ")[0].split()
            plain = [word.rstrip("?") for word in words if not word.startswith("..")]
            atom = next((word for word in plain if not self.elements.is_soft(word)), plain[0])
            found = {self.elements.phrase(part) for part in atom.removeprefix("=").split("|")}
            self._single.setdefault(key, (target, set()))[1].update(found - {()})
        else:
            self.patterns.append(pattern)

    # ---- the index

    def index(self) -> Index:
        """Look-up tables for every element that some pattern uses."""
        uses: dict[int, int] = {}
        for pattern in self.patterns:
            for element in pattern.required:
                uses[element] = uses.get(element, 0) + 1
        anchored: dict[int, list[Pattern]] = {}
        needed: set[int] = set()
        for pattern in self.patterns:
            anchor = min(pattern.required, key=lambda element: (uses[element], element))
            anchored.setdefault(anchor, []).append(pattern)
            needed.update(step.element for step in pattern.steps)
            needed.update(g for g in (pattern.unless, pattern.unless_any, pattern.needs) if g is not None)
        places: dict[Phrase, list[int]] = {}
        for element in needed:
            for phrase in self.elements.own[element]:
                places.setdefault(phrase, []).append(element)
        for name, fed in self.elements.fed.items():
            ids = [element for element in fed if element in needed]
            for phrase in self.elements.classes[name] if ids else ():
                places.setdefault(phrase, []).extend(ids)
        return _index(places, anchored)

    def speller(self, names: frozenset[str]) -> fuzzy.Speller:
        """Spelling tolerance for the words that `normalise.mend` lists; every word the lexicon knows is left alone."""
        texts = [document.values.get("normalise", {}) for document in self.documents]
        anchors = {word for text in texts for word in text.get("mend", "").split()}
        keep = {word for text in texts for word in text.get("keep", "").split()}
        phrases = [*self.elements.own, *self.elements.classes.values()]
        vocabulary = {word for members in phrases for phrase in members for word in phrase}
        return fuzzy.speller(anchors, frozenset(vocabulary | keep | names | anchors | self.elements.normaliser.soft))


def _index(places: Mapping[Phrase, list[int]], patterns: Mapping[int, Sequence[Pattern]]) -> Index:
    words: dict[str, tuple[int, ...]] = {}
    prefixes: dict[str, tuple[int, ...]] = {}
    heads: dict[str, dict[str, list[tuple[Phrase, tuple[int, ...]]]]] = {}
    for phrase, elements in places.items():
        ids = tuple(elements) if len(elements) == 1 else tuple(dict.fromkeys(elements))
        first, *rest = phrase
        if rest:
            heads.setdefault(first, {}).setdefault(rest[0], []).append((tuple(rest[1:]), ids))
        elif first[-1] == "*":
            prefixes[first[:-1]] = ids
        else:
            words[first] = ids
    for seconds in heads.values():
        for rests in seconds.values():
            rests.sort(key=lambda one: -len(one[0]))
    return Index(words, prefixes, tuple(sorted({len(word) for word in prefixes})), heads, patterns)


def _meaningful(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n")):
        if "#" in line:
            line = "" if line.lstrip().startswith("#") else line.partition(" #")[0]
        line = line.strip()
        if line:
            yield number, line
