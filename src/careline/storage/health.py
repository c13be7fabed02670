"""What stands waiting in the whole installation: numbers and instants only, by SECURITY DEFINER look-ups (`sql/health.sql`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from careline.core.watch import INTERNAL
from careline.storage.models import Node, Practice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

WITHIN_S = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many, the oldest of them since `since`."""

    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """`within[n]` pages were accepted within `WITHIN_S[n]` seconds; `seconds` is the sum of all."""

    pages: int
    seconds: float
    within: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Beating:
    """When a process of this part was last heard of, and since when the one heard of last has been running."""

    heard_at: datetime
    started_at: datetime


def promises_late(before: datetime) -> dict[str, Waiting]:
    """By kind: due before then, and in nobody's hands."""
    rows = _ask("SELECT kind, late, oldest FROM promises_late(%s)", [before])
    return {kind: Waiting(count, oldest) for kind, count, oldest in rows}


def pages_unaccepted() -> dict[str, Waiting]:
    """By practice's short name. Test contacts are not among them."""
    names = _names()
    rows = _ask("SELECT practice, pages, oldest FROM pages_unaccepted()")
    return {names[of]: Waiting(count, oldest) for of, count, oldest in rows if of in names}


def journal_waiting() -> Waiting | None:
    ((count, oldest),) = _ask("SELECT entries, oldest FROM journal_waiting()")
    return Waiting(count, oldest) if count and oldest else None


def times_to_accept() -> dict[str, Accepted]:
    names = _names()
    rows = _ask("SELECT practice, pages, seconds, counts FROM times_to_accept(%s)", [list(WITHIN_S)])
    return {names[of]: Accepted(pages, seconds, tuple(counts)) for of, pages, seconds, counts in rows if of in names}


def contacts_ended() -> list[tuple[str, str, str, int]]:
    """(practice, channel, outcome, how many)."""
    names = _names()
    rows = _ask("SELECT practice, channel, outcome, contacts FROM contacts_ended()")
    return [(names[of], channel, outcome, count) for of, channel, outcome, count in rows if of in names]


def beating() -> dict[str, Beating]:
    """ "work" and "voice", as far as they were ever heard of."""
    found: dict[str, Beating] = {}
    for node in Node.objects.exclude(name="watch").order_by("heartbeat_at"):
        part = "work" if ":work:" in node.name else "voice"
        found[part] = Beating(node.heartbeat_at, node.started_at)
    return found


def _names() -> dict[UUID, str]:
    return dict(Practice.objects.exclude(slug__in=INTERNAL).values_list("id", "slug"))


def _ask(sql: str, arguments: Sequence[Any] = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(arguments))
        return list(cursor.fetchall())
