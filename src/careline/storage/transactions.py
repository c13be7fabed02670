"""`practice(...)` opens a transaction for one practice; nothing else opens one.

Inside it the database shows and takes only that practice's rows (row level security, by two settings that end with the
transaction), sealed values open with its keys, and whoever acts is known. It refuses to commit when a table that holds
patient data was touched without an entry in the journal.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from careline.core.errors import CarelineError, Refused
from careline.core.people import Private
from careline.storage import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from careline.storage.keys import PracticeKeys

_WORD = re.compile(r"^[\w.:@/+-]{0,120}$")
_current: ContextVar[Tx | None] = ContextVar("careline_tx", default=None)


class NotJournaled(CarelineError):
    """Patient data was touched without an entry in the journal: the code that did so must be mended."""


class NoPractice(CarelineError):
    """Patient data was asked for outside `practice(...)`, or of another practice: the code must be mended."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in person, or a part of the service by name ("voice", "work")."""

    kind: str
    id: str

    @staticmethod
    def person(person: UUID) -> Actor:
        return Actor("person", str(person))

    @staticmethod
    def service(name: str) -> Actor:
        return Actor("service", name)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a practice's journal, before it is written."""

    practice: UUID
    action: str
    table: str
    row: UUID | None
    detail: dict[str, Any]


@dataclass(slots=True)
class Tx:
    """An open transaction. `practice` may be written; `practices` may be read."""

    practice: UUID
    practices: tuple[UUID, ...]
    actor: Actor
    purpose: str
    now: datetime
    touched: set[str] = field(default_factory=set[str])
    entries: list[Entry] = field(default_factory=list["Entry"])

    def journal(self, action: str, table: str, row: UUID | None = None, **detail: object) -> None:
        """Say what was done to what. Patient data in `detail` is `Private` and is kept only as an HMAC; other values are
        ids, numbers and fixed words. A transaction over several practices writes the entry to each. It is written as the
        transaction commits."""
        for each in self.practices:
            safe = {name: self._safe(each, name, value) for name, value in detail.items()}
            self.entries.append(Entry(each, action, table, row, safe))

    def _safe(self, practice: UUID, name: str, value: object) -> Any:
        if isinstance(value, Private):
            return "hmac:" + keys.of(practice).fingerprint(f"journal:{name}", value.reveal())
        if value is None or isinstance(value, bool | int | float):
            return value
        text = str(value)
        if not _WORD.match(text):
            raise ValueError(f"journal detail {name!r} is free text: make it Private, or a fixed word")
        return text


@contextmanager
def practice(
    practice_id: UUID, *, actor: Actor, purpose: str, now: datetime, also: Sequence[UUID] = ()
) -> Iterator[Tx]:
    """The only opener of a transaction. `also` names further practices to read (an operator works for several).

    A person must be a member of every practice named, or `Refused` is raised. Not to be nested.
    """
    if _current.get() is not None:
        raise CarelineError("a transaction is open already: practice(...) is not nested")
    tx = Tx(practice_id, (practice_id, *also), actor, purpose, now)
    connection.close_if_unusable_or_obsolete()
    token = _current.set(tx)
    try:
        with transaction.atomic(durable=True), connection.execute_wrapper(_watch(tx)):
            _bind(tx.practices, practice_id)
            _check_member(tx)
            yield tx
            if tx.touched and not tx.entries:
                raise NotJournaled(f"{', '.join(sorted(tx.touched))}: touched without an entry in the journal")
            _write_journal(tx)
    finally:
        _current.reset(token)


def current() -> Tx:
    tx = _current.get()
    if tx is None:
        raise NoPractice("patient data is opened only inside practice(...)")
    return tx


def keys_of(practice_id: UUID) -> PracticeKeys:
    if practice_id not in current().practices:
        raise NoPractice("this row belongs to a practice that is not open here")
    return keys.of(practice_id)


def _bind(readable: Sequence[UUID], writable: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('careline.practices', %s, true), set_config('careline.practice', %s, true)",
            [",".join(map(str, readable)), str(writable)],
        )


def _write_journal(tx: Tx) -> None:
    from careline.storage.journal import write

    for each in {entry.practice: None for entry in tx.entries}:
        if each != tx.practice:
            _bind(tx.practices, each)
        write(tx, each, [entry for entry in tx.entries if entry.practice == each])


def _check_member(tx: Tx) -> None:
    if tx.actor.kind != "person":
        return
    from careline.storage.models import Membership

    memberships = Membership.objects.filter(person_id=UUID(tx.actor.id), active=True, person__is_active=True)
    if set(memberships.values_list("practice_id", flat=True)) != set(tx.practices):
        raise Refused("you do not belong to this practice")


@cache
def _patient_tables() -> re.Pattern[str]:
    from careline.storage.encryption import sealed_tables

    names = "|".join(sorted(sealed_tables()))
    return re.compile(rf'\b(?:from|join|into|update)\s+(?:"?careline"?\.)?"?({names})\b', re.IGNORECASE)


def _watch(tx: Tx) -> Callable[..., Any]:
    def watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if isinstance(sql, str):
            tx.touched.update(name.lower() for name in _patient_tables().findall(sql))
        return execute(sql, params, many, context)

    return watch
