"""Listens for the database's pokes (NOTIFY): ids only, so that whoever is poked must ask, as somebody who may, to see more.

A poke can be missed while a connection is down, so listeners look for themselves when `listen` yields `MISSED`, and keepers
sleep no longer than until their next due time anyway.
"""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg

from careline.core.errors import TryAgain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

LIVE, PROMISES, COMMANDS = "careline_live", "careline_promises", "careline_commands"
RETRY_SECONDS = 1.0
MISSED = "missed"
_ears = threading.local()


@dataclass(frozen=True, slots=True)
class Poke:
    """`channel` and `payload` as the database sent them; channel `MISSED` means pokes may have been lost until now."""

    channel: str
    payload: str = ""

    def row(self) -> tuple[UUID, str, UUID]:
        """(practice, table, row id) of a poke on LIVE. The table is contact, message, page, callback_task or alarm."""
        practice, table, row = self.payload.split(" ")
        return UUID(practice), table, UUID(row)


async def listen(*channels: str) -> AsyncIterator[Poke]:
    """Pokes for as long as the caller iterates; connects again when the database went away. Begins with `MISSED`."""
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(os.environ["CARELINE_APP_DATABASE"], autocommit=True)
            async with connection:
                for channel in channels:
                    await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
                yield Poke(MISSED)
                async for notice in connection.notifies():
                    yield Poke(notice.channel, notice.payload)
        except psycopg.OperationalError:
            await asyncio.sleep(RETRY_SECONDS)


@contextmanager
def wait(channel: str) -> Iterator[Callable[[float], list[str]]]:
    """For threads: a function that waits up to so many seconds and returns the payloads that came, perhaps none.

    The thread's listening connection is kept for its next wait; what arrived meanwhile is returned first.
    """
    connection = _ears.__dict__.get(channel)
    if connection is None or connection.closed or connection.broken:
        connection = psycopg.connect(os.environ["CARELINE_APP_DATABASE"], autocommit=True)
        connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
        _ears.__dict__[channel] = connection

    def pokes(seconds: float) -> list[str]:
        return [notice.payload for notice in connection.notifies(timeout=seconds, stop_after=1)]

    try:
        yield pokes
    except psycopg.OperationalError as error:
        connection.close()
        raise TryAgain("the database did not answer") from error


def leave() -> None:
    """Close what this thread listens with, before the thread ends."""
    for connection in _ears.__dict__.values():
        connection.close()
    _ears.__dict__.clear()
