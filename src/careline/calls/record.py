"""The growing record of one contact: lines are numbered as they happen and written in batches, at least every second.

A batch that could not be written is kept and sent again with the next, so that a database that is away for a while costs nothing
but delay; line numbers make a repeat harmless.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from careline.actions.commands import AppendRecord, ContactOpened, EventLine, Picture, TurnLine
from careline.core.errors import TryAgain
from careline.core.people import Private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FLUSH_SECONDS = 1.0
WRITE_SECONDS = 10.0


class Actions(Protocol):
    """Carries a command (`careline.actions.commands`) to the database and gives its result back. Raises `TryAgain` when the
    database did not answer in time, `Refused` when it never will."""

    async def perform(self, command: object, timeout_s: float = WRITE_SECONDS) -> Any: ...


class ContactRecord:
    """Lines not written yet, and how the contact stands. `at` values are seconds since the contact began."""

    def __init__(self, opened: ContactOpened, actions: Actions, first: int = 0) -> None:
        self._opened, self._actions = opened, actions
        self._turns: list[TurnLine] = []
        self._events: list[EventLine] = []
        self._picture: Picture | None = None
        self._turn_seq = self._event_seq = first
        self._writing = asyncio.Lock()

    def turn(self, who: str, text: str, language: str, started: float, ended: float, confidence: float = 1.0) -> None:
        self._turn_seq += 1
        self._turns.append(TurnLine(self._turn_seq, who, Private(text), language, started, ended, confidence))

    def event(self, kind: str, at: float, body: Mapping[str, Any] | None = None) -> None:
        self._event_seq += 1
        self._events.append(EventLine(self._event_seq, at, kind, dict(body or {})))

    def picture(self, picture: Picture) -> None:
        self._picture = picture

    async def flush(self, now: datetime) -> bool:
        """Write what is new. False when the database could not take it; it is kept for the next time."""
        async with self._writing:
            turns, events, picture = tuple(self._turns), tuple(self._events), self._picture
            if not turns and not events and picture is None:
                return True
            command = AppendRecord(self._opened.practice, self._opened.contact, now, turns, events, picture)
            try:
                await self._actions.perform(command)
            except TryAgain:
                return False
            del self._turns[: len(turns)]
            del self._events[: len(events)]
            if self._picture is picture:
                self._picture = None
            return True
