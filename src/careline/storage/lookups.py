"""What must be found before it is known whose it is: the database answers with ids only (`sql/functions.sql`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID


def practice_of_line(number: str) -> tuple[UUID, UUID] | None:
    """Practice and line that answer a dialled number, or None."""
    rows = _ask("SELECT practice, line FROM practice_of_line(%s)", [number])
    return (rows[0][0], rows[0][1]) if rows else None


def practice_of_rota_key(token_hash: bytes) -> tuple[UUID, UUID] | None:
    """Practice and key of a secret address that is in force, or None."""
    rows = _ask("SELECT practice, key FROM practice_of_rota_key(%s)", [token_hash])
    return (rows[0][0], rows[0][1]) if rows else None


def practices_of_person(person: UUID) -> list[UUID]:
    return [row[0] for row in _ask("SELECT practices_of_person(%s)", [person])]


def practice_of_contact(contact: UUID) -> UUID | None:
    rows = _ask("SELECT practice_of_contact(%s)", [contact])
    return rows[0][0] if rows else None


def practices_of_texting(number: str) -> list[UUID]:
    """Where somebody of the staff is texted at this number."""
    return [row[0] for row in _ask("SELECT practices_of_texting(%s)", [number])]


def lost_calls(before: datetime) -> list[tuple[UUID, UUID]]:
    """(practice, contact) of calls whose voice process has not been heard of since `before`."""
    return [(row[0], row[1]) for row in _ask("SELECT practice, contact FROM lost_calls(%s)", [before])]


def commands_of_node(node: str, now: datetime) -> list[tuple[UUID, UUID]]:
    """(practice, command) that wait for a voice process, the oldest first."""
    return [(row[0], row[1]) for row in _ask("SELECT practice, command FROM commands_of_node(%s, %s)", [node, now])]


def _ask(sql: str, arguments: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(arguments))
        return list(cursor.fetchall())
