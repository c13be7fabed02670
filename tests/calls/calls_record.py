"""What the database holds of contacts, read as an auditor would."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from careline.storage.listening import LIVE, leave, wait
from careline.storage.transactions import Actor, practice


def read(practice_id: UUID) -> dict[str, list[Any]]:
    """Contacts, pages, messages, callback tasks and recordings of a practice."""
    from careline.storage.models import CallbackTask, Contact, Message, Page, Recording, Turn

    with practice(practice_id, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)) as tx:
        found: dict[str, list[Any]] = {
            "contacts": list(Contact.objects.order_by("started_at")),
            "pages": list(Page.objects.all()),
            "messages": list(Message.objects.all()),
            "callbacks": list(CallbackTask.objects.all()),
            "recordings": list(Recording.objects.all()),
            "turns": list(Turn.objects.order_by("contact", "seq")),
        }
        tx.journal("test.read", "contact")
        return found


async def said(practice_id: UUID, who: str) -> list[str]:
    """Everything one side has said, in the order of the record."""
    return await asyncio.to_thread(_said, practice_id, who)


def _said(practice_id: UUID, who: str) -> list[str]:
    from django.db import connections

    from careline.storage.models import Turn

    try:
        with practice(practice_id, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)) as tx:
            found = [turn.text.reveal() for turn in Turn.objects.filter(who=who).order_by("contact", "seq")]
            tx.journal("test.read", "contact")
            return found
    finally:
        connections.close_all()


async def until(
    practice_id: UUID, holds: Callable[[dict[str, list[Any]]], bool], within_s: float
) -> dict[str, list[Any]]:
    """The record once it holds, looked at after everything that changes it. The time is that of a promise, not of a pause."""
    return await asyncio.to_thread(wait_until, practice_id, holds, within_s)


def wait_until(
    practice_id: UUID, holds: Callable[[dict[str, list[Any]]], bool], within_s: float
) -> dict[str, list[Any]]:
    from django.db import connections

    deadline = time.monotonic() + within_s
    try:
        with wait(LIVE) as pokes:
            while True:
                found = read(practice_id)
                if holds(found):
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError({name: len(rows) for name, rows in found.items()})
                pokes(min(left, 1.0))
    finally:
        leave()
        connections.close_all()
