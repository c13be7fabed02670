"""One clinical protocol, as it decides. `reader.py` makes it from its folder's files.

`protocol.toml` holds the logic, `words.<language>.toml` what is spoken, `cases.toml` its tests, `REVIEW.md` who signed. The
hash of `protocol.toml` is what clinicians sign and what every triage record carries. Rules are flat (`all` or `any`), say
what not knowing means (`unknown`) and name their sources (`because`). `[groups]` name several concepts of which any counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from careline.core.triage.conditions import Condition, Op, Part, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from careline.core.clinical import Disposition
    from careline.core.toml import Document

PACKS = (
    "primary",
    "pediatrics",
    "obgyn",
    "surgery",
    "cardiology",
    "oncology",
    "psychiatry",
    "dental",
    "plastic",
    "orthopedics",
)


class Status(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


class Service(StrEnum):
    """Help that is offered beside a disposition and never instead of one."""

    LIFELINE_988 = "988"
    POISON_CONTROL = "poison_control"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from. Only public-domain and openly licensed texts are sources; none is copied."""

    id: str
    title: str
    url: str
    licence: str


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """A question this protocol may ask. `key` is a concept, or names a compound of this protocol; `concept` is the fact it
    fills. Asked unless `applies` is known not to hold, and only once `when` is known to hold."""

    key: str
    concept: str
    danger: bool
    parts: tuple[Part, ...] = ()
    denies: tuple[str, ...] = ()
    applies: tuple[Condition, ...] = ()
    when: tuple[Condition, ...] = ()
    packs: frozenset[str] = frozenset()

    @property
    def as_condition(self) -> Condition:
        """The sentence "this question's answer is yes"."""
        return Condition(f"{self.key} is yes", self.concept, Op.YES, danger=self.danger, parts=self.parts)


@dataclass(frozen=True, slots=True)
class Rule:
    """When `all` (or `any`) conditions hold, `then` is the least urgent disposition there may be. `unknown` is what not
    getting to know a condition means; None where that leaves the protocol's `otherwise` standing."""

    id: str
    then: Disposition
    every: bool
    conditions: tuple[Condition, ...]
    unknown: Disposition | None
    because: tuple[str, ...]
    offer: tuple[Service, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Protocol:
    """A protocol as it decides. `hash` is the sha256 of `protocol.toml`. One object per protocol: compared by identity."""

    id: str
    version: str
    status: Status
    review: date
    title: str
    hash: str
    otherwise: Disposition
    universal: bool
    packs: frozenset[str]
    triggers: tuple[str, ...]
    applies: tuple[Condition, ...]
    only: tuple[Condition, ...]
    sources: Mapping[str, Source]
    groups: Mapping[str, tuple[Part, ...]]
    questions: Mapping[str, QuestionSpec]
    settings: Mapping[str, Setting]
    rules: tuple[Rule, ...]
    document: Document = field(repr=False, compare=False)
    files: Mapping[str, str] = field(repr=False, compare=False)
