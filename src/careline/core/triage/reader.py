"""From the files of a protocol's folder to a `Protocol`; every complaint names file, line and mend."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from careline.core import toml
from careline.core.clinical import Disposition
from careline.core.errors import DataFileError
from careline.core.triage import conditions
from careline.core.triage.concepts import Kind
from careline.core.triage.conditions import BadSentence, Part, Setting, Terms
from careline.core.triage.fields import Fields
from careline.core.triage.protocol import PACKS, Protocol, QuestionSpec, Rule, Service, Source, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.triage.concepts import Concept, Concepts
    from careline.core.triage.conditions import Condition

_TOP = (
    "id", "version", "status", "review", "title", "universal", "packs", "triggers", "applies", "only", "otherwise",
    "sources", "groups", "questions", "settings", "rules",
)  # fmt: skip
_QUESTION = ("covers", "denies", "applies", "when", "danger", "packs")
_RULE = ("id", "then", "all", "any", "unknown", "because", "offer")
_SETTING = ("concept", "default", "limit", "unit")
_SOURCE = ("title", "url", "licence")


def read_protocol(files: Mapping[str, str], concepts: Concepts, folder: str) -> Protocol:
    """`files` maps names within the folder to texts. Raises `DataFileError` at the line that is wrong."""
    if "protocol.toml" not in files:
        raise DataFileError(f"{folder}/protocol.toml", 1, "the file is missing", "a folder holds one protocol")
    fields = Fields(toml.parse(files["protocol.toml"], f"{folder}/protocol.toml"))
    fields.document.check_keys("", fields.top, _TOP)
    if fields.text("", "id", fields.top) != folder:
        raise fields.document.error("id", f"id {fields.top['id']!r} is not its folder's name", f'write id = "{folder}"')
    vocabulary = _Vocabulary(fields, concepts, folder)
    terms = vocabulary.terms()
    sources = {key: _source(fields, key) for key in fields.table("sources")}
    return Protocol(
        id=folder,
        version=fields.text("", "version", fields.top),
        status=_status(fields),
        review=_review(fields),
        title=fields.text("", "title", fields.top),
        hash=hashlib.sha256(files["protocol.toml"].encode()).hexdigest(),
        otherwise=fields.one_of("", "otherwise", fields.top, Disposition),
        universal=fields.top.get("universal") is True,
        packs=_packs(fields, "", fields.top),
        triggers=vocabulary.flags("", "triggers", fields.top),
        applies=_sentences(fields, "", "applies", fields.top, terms),
        only=_sentences(fields, "", "only", fields.top, terms),
        sources=sources,
        groups=vocabulary.groups,
        questions={key: _gates(fields, spec, terms) for key, spec in vocabulary.questions.items()},
        settings=vocabulary.settings,
        rules=tuple(_rule(fields, index, table, terms, sources) for index, table in enumerate(fields.tables("rules"))),
        document=fields.document,
        files=files,
    )


class _Vocabulary:
    """What the sentences of one protocol may name: shared concepts, its groups, its compound questions, its settings."""

    def __init__(self, fields: Fields, concepts: Concepts, folder: str) -> None:
        self._fields, self._concepts, self._folder = fields, concepts, folder
        self.settings = {name: self._setting(name) for name in fields.table("settings")}
        self.groups = {name: self._group(name) for name in fields.table("groups")}
        self.questions = {key: self._question(key) for key in fields.table("questions")}

    def terms(self) -> Terms:
        compounds = {key: (all(part.danger for part in parts), parts) for key, parts in self.groups.items()}
        compounds |= {key: (spec.danger, spec.parts) for key, spec in self.questions.items() if spec.concept != key}
        dangers = frozenset(key for key, spec in self.questions.items() if spec.danger)
        return Terms(self._folder, self._concepts.by_name, compounds, self.settings, dangers)

    def flags(self, where: str, key: str, table: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of yes/no concepts."""
        return tuple(
            self._flag(f"{where}.{key}" if where else key, name) for name in self._fields.texts(where, key, table)
        )

    def _flag(self, where: str, name: str) -> str:
        concept = self._concepts.get(name)
        if concept is None or concept.kind is not Kind.FLAG:
            raise self._fields.document.error(
                where, f"{name!r} is not a yes/no concept", "name a flag of concepts.toml"
            )
        return name

    def _parts(self, where: str, key: str, table: Mapping[str, Any]) -> tuple[Part, ...]:
        names = self.flags(where, key, table)
        return tuple(Part(name, danger=self._concepts.by_name[name].danger) for name in names)

    def _group(self, name: str) -> tuple[Part, ...]:
        parts = self._parts("groups", name, self._fields.table("groups"))
        if self._concepts.get(name) is not None or not parts:
            raise self._fields.document.error(f"groups.{name}", f"{name!r} is no group", "name several concepts")
        return parts

    def _question(self, key: str) -> QuestionSpec:
        fields, where = self._fields, f"questions.{key}"
        table = fields.table(where)
        fields.document.check_keys(where, table, _QUESTION)
        concept = self._concepts.get(key)
        parts, denies = self._parts(where, "covers", table), self.flags(where, "denies", table)
        if key in self.groups:
            raise fields.document.error(where, f"{key!r} is a group", "give the question a name of its own")
        if concept is None and not parts and not denies:
            raise fields.document.error(where, f"unknown question {key!r}", "name a concept, or list what it covers")
        if concept is not None and parts:
            raise fields.document.error(
                where, f"{key!r} is a concept and cannot cover others", "give it a name of its own"
            )
        danger = table.get("danger") is True or (concept is not None and concept.danger)
        name = key if concept is not None else f"{self._folder}.{key}"
        return QuestionSpec(key, name, danger, parts, denies, packs=_packs(fields, where, table))

    def _setting(self, name: str) -> Setting:
        fields, where = self._fields, f"settings.{name}"
        table = fields.table(where)
        fields.document.check_keys(where, table, _SETTING)
        numbers = [table.get(key) for key in ("default", "limit")]
        if not all(isinstance(number, (int, float)) for number in numbers):
            raise fields.document.error(where, f"setting {name!r} needs default and limit", "both are numbers")
        default, limit = (float(cast("float", number)) for number in numbers)
        concept = self._number(where, fields.text(where, "concept", table))
        return Setting(f"{self._folder}.{name}", concept, default, limit, fields.text(where, "unit", table))

    def _number(self, where: str, name: str) -> Concept:
        concept = self._concepts.get(name)
        if concept is None or concept.kind is not Kind.NUMBER:
            raise self._fields.document.error(
                f"{where}.concept", f"{name!r} is not a number", "a setting tunes one number"
            )
        return concept


def _gates(fields: Fields, spec: QuestionSpec, terms: Terms) -> QuestionSpec:
    where = f"questions.{spec.key}"
    table = fields.table(where)
    applies = _sentences(fields, where, "applies", table, terms)
    when = _sentences(fields, where, "when", table, terms)
    return QuestionSpec(spec.key, spec.concept, spec.danger, spec.parts, spec.denies, applies, when, spec.packs)


def _rule(fields: Fields, index: int, table: dict[str, Any], terms: Terms, sources: Mapping[str, Source]) -> Rule:
    where = f"rules[{index}]"
    document = fields.document
    document.check_keys(where, table, _RULE)
    every, some = _sentences(fields, where, "all", table, terms), _sentences(fields, where, "any", table, terms)
    if bool(every) == bool(some):
        raise document.error(where, "a rule has either all or any", "split the rule instead of nesting it")
    because = tuple(fields.texts(where, "because", table))
    strange = [source for source in because if source not in sources]
    if strange:
        raise document.error(f"{where}.because", f"unknown source {strange[0]!r}", "describe it below [sources]")
    offers = fields.texts(where, "offer", table)
    strange = [offer for offer in offers if offer not in tuple(Service)]
    if strange:
        raise document.error(f"{where}.offer", f"unknown service {strange[0]!r}", f"one of: {', '.join(Service)}")
    silent = fields.text(where, "unknown", table) == "otherwise"
    return Rule(
        fields.text(where, "id", table),
        fields.one_of(where, "then", table, Disposition),
        bool(every),
        every or some,
        None if silent else fields.one_of(where, "unknown", table, Disposition),
        because,
        tuple(Service(offer) for offer in offers),
    )


def _source(fields: Fields, key: str) -> Source:
    where = f"sources.{key}"
    table = fields.table(where)
    fields.document.check_keys(where, table, _SOURCE)
    return Source(key, *(fields.text(where, part, table) for part in _SOURCE))


def _sentences(fields: Fields, where: str, key: str, table: Mapping[str, Any], terms: Terms) -> tuple[Condition, ...]:
    try:
        return tuple(conditions.parse(text, terms) for text in fields.texts(where, key, table))
    except BadSentence as error:
        raise fields.document.error(f"{where}.{key}" if where else key, error.problem, error.mend) from error


def _status(fields: Fields) -> Status:
    status = fields.top.get("status")
    if status not in tuple(Status):
        raise fields.document.error("status", f"unknown status {status!r}", f"one of: {', '.join(Status)}")
    return Status(status)


def _review(fields: Fields) -> date:
    review = fields.top.get("review")
    if not isinstance(review, date):
        raise fields.document.error("review", "no date by which this is reviewed again", "write review = 2027-05-01")
    return review


def _packs(fields: Fields, where: str, table: Mapping[str, Any]) -> frozenset[str]:
    packs = fields.texts(where, "packs", table)
    strange = [pack for pack in packs if pack not in PACKS]
    if strange:
        path = f"{where}.packs" if where else "packs"
        raise fields.document.error(path, f"unknown pack {strange[0]!r}", f"one of: {', '.join(PACKS)}")
    return frozenset(packs)
