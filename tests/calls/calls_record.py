"""What the database holds of contacts, read as an auditor would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

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


async def until(
    practice_id: UUID, holds: Callable[[dict[str, list[Any]]], bool], within_s: float
) -> dict[str, list[Any]]:
    """The record once it holds; the time is that of a promise, not of a pause."""
    async with asyncio.timeout(within_s):
        while True:
            found = await asyncio.to_thread(read, practice_id)
            if holds(found):
                return found
            await asyncio.sleep(0)
