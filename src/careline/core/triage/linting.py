"""What an author must mend before a protocol may run. Each complaint names file, line and mend.

`lint_files` is the whole check over the texts of the folder; `lint` the part over a library that parsed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from careline.core.clinical import Disposition, Fact, Facts, Reply
from careline.core.errors import DataFileError
from careline.core.triage.concepts import Kind
from careline.core.triage.decision import decide
from careline.core.triage.library import LANGUAGES, Library
from careline.core.triage.lint_cases import lint_cases
from careline.core.triage.lint_rules import lint_rules
from careline.core.triage.printing import table
from careline.core.triage.protocol import PACKS, Service, Status
from careline.core.triage.red_flags import lint_red_flags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from careline.core.triage.protocol import Protocol

#: Content that is licensed to others and must never be a source here.
_PROPRIETARY = re.compile(
    r"schmitt|cleartriage|manchester triage|telephone triage and advice|mpds|priority dispatch|nhs pathways|ukons"
    r"|emergency severity index",
    re.IGNORECASE,
)
_SIGNATURES = 2

#: Years at which every danger is tried alone; None while the age is not known.
_AGES = (None, 0.05, 0.5, 5.0, 15.0, 30.0, 80.0)


def lint_files(files: Mapping[str, str], today: date) -> list[DataFileError]:
    """Everything wrong with the files; a file that does not parse hides what is behind it."""
    try:
        library = Library.parse(files)
    except DataFileError as error:
        return [error]
    return lint(library, today)


def lint(library: Library, today: date) -> list[DataFileError]:
    """Everything wrong with a library that parses, sorted by file and line."""
    found = [*_shared_words(library), *_vocabulary(library), *lint_red_flags(library)]
    for protocol in library.protocols.values():
        found += [*_dates(protocol, today), *_sources(protocol), *_words(protocol, library), *_signed(protocol)]
        found += [*lint_rules(protocol, library), *lint_cases(protocol, library), *_golden(protocol, library)]
    return sorted(found, key=lambda error: (error.file, error.line, error.problem))


def _dates(protocol: Protocol, today: date) -> Iterable[DataFileError]:
    if protocol.review <= today:
        yield protocol.document.error(
            "review", f"was to be reviewed by {protocol.review}", "review it, then set a new date"
        )


def _sources(protocol: Protocol) -> Iterable[DataFileError]:
    used = {name for rule in protocol.rules for name in rule.because}
    for source in protocol.sources.values():
        where = f"sources.{source.id}"
        if source.id not in used:
            yield protocol.document.error(
                where, f"source {source.id} is used by no rule", "name it in a because, or drop it"
            )
        if _PROPRIETARY.search(source.title) or _PROPRIETARY.search(source.url):
            yield protocol.document.error(
                where, f"{source.title!r} is licensed content", "write from an open source instead"
            )
        if not source.url.startswith(("https://", "docs/")):
            yield protocol.document.error(
                where,
                f"{source.url!r} is no address",
                "give the https address, or the page of docs/ that measures it",
            )


def _words(protocol: Protocol, library: Library) -> Iterable[DataFileError]:
    for language in LANGUAGES:
        words = library.words[language]
        own = words.protocols[protocol.id]
        file = f"{protocol.id}/words.{language}.toml"
        for spec in protocol.questions.values():
            if words.question(protocol.id, spec.key) is None:
                yield DataFileError(
                    file, 1, f"no words for the question {spec.key!r}", f"add {spec.key} below [questions]"
                )
        for key in own.questions:
            if key not in protocol.questions:
                yield DataFileError(file, 1, f"words for a question nobody asks: {key!r}", "drop them, or ask it")
        if not protocol.universal and not own.worse:
            yield DataFileError(file, 1, "no safety net", 'write worse = "…": what to watch for, and what to do then')


def _signed(protocol: Protocol) -> Iterable[DataFileError]:
    name = f"{protocol.id}/REVIEW.md"
    text = protocol.files.get("REVIEW.md")
    if text is None:
        yield DataFileError(name, 1, "the file is missing", "every protocol says who has signed it")
        return
    signed = sum(protocol.hash in line for line in text.splitlines() if line.startswith("|"))
    if protocol.status is Status.APPROVED and signed < _SIGNATURES:
        yield DataFileError(
            name,
            1,
            f"approved, with {signed} signature(s) of this protocol.toml",
            f"two clinicians sign hash {protocol.hash}",
        )


def _golden(protocol: Protocol, library: Library) -> Iterable[DataFileError]:
    if protocol.files.get("table.md") != table(protocol, library):
        yield DataFileError(
            f"{protocol.id}/table.md", 1, "not what protocol.toml says", "run careline protocols tables"
        )


def _shared_words(library: Library) -> Iterable[DataFileError]:
    dangers = [concept.name for concept in library.concepts.by_name.values() if concept.danger]
    for language in LANGUAGES:
        words = library.words[language]
        file = f"words.{language}.toml"
        needs = [
            ("dispositions", words.dispositions, [disposition.value for disposition in Disposition]),
            ("worse", words.worse, [disposition.value for disposition in Disposition]),
            ("services", words.services, [service.value for service in Service]),
            ("concepts", words.concepts, dangers),
        ]
        for table_name, texts, names in needs:
            for name in names:
                if name not in texts:
                    yield DataFileError(file, 1, f"no words for {name!r}", f"add {name} below [{table_name}]")
        for name in words.questions:
            if library.concepts.get(name) is None:
                yield DataFileError(
                    file, 1, f"words for an unknown concept {name!r}", "name a concept of concepts.toml"
                )


def _vocabulary(library: Library) -> Iterable[DataFileError]:
    """Every symptom starts a protocol, every danger alone is at least urgent, every pack has protocols."""
    for concept in library.concepts.by_name.values():
        if concept.kind is not Kind.FLAG:
            continue
        if concept.symptom and not library.started_by(concept.name):
            yield _concept_error(library, concept.name, "starts no protocol", "list it in the triggers of one")
        for age in _AGES if concept.danger else ():
            known = {concept.name: Fact(Reply.YES)} | ({} if age is None else {"age": Fact(age)})
            alone = decide(library, Facts(known)).disposition
            if not alone.at_least(Disposition.WITHIN_24H):
                problem = f"is a danger and comes to {alone} at age {age}"
                yield _concept_error(library, concept.name, problem, "add a rule")
    for pack in PACKS:
        if not any(pack in protocol.packs for protocol in library.protocols.values()):
            yield DataFileError(
                "concepts.toml", 1, f"pack {pack!r} has no protocol", "list it in packs of its protocols"
            )


def _concept_error(library: Library, name: str, problem: str, mend: str) -> DataFileError:
    lines = library.files["concepts.toml"].splitlines()
    line = next((number for number, text in enumerate(lines, 1) if text.strip() == f"[{name}]"), 1)
    return DataFileError("concepts.toml", line, f"{name!r} {problem}", mend)
