"""Carries out what an operator asks of a live call: take it, listen, hold, give it back, hang up, write in a chat.

An order names the version of the call its asker saw; when the call has changed since, nothing is done and they are told. Only
who is with the caller may hold, give back or write; nobody takes a caller from somebody else.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.actions.desk_commands import AtDesk
from careline.calls.room import Guest
from careline.core.contact import Left, Say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from careline.actions.commands import Order
    from careline.calls.contact import LiveContact
    from careline.calls.desk import DeskPhones
    from careline.calls.talk import Talk

    Answer = Callable[[str], Awaitable[None]]

#: A writer whom nobody answers for this long has the assistant again.
WRITER_WAITS_S = 180.0
_HOLDERS_ONLY = ("hold", "resume", "give_back", "say")


@dataclass(frozen=True, slots=True)
class Orders:
    """`phones` None: there is no telephone here."""

    phones: DeskPhones | None

    async def obey(self, contact: LiveContact, order: Order, answer: Answer) -> None:
        refusal = _refusal(contact, order)
        if refusal:
            await answer(refusal)
        elif order.kind == "take_over":
            await self._take_over(contact, order, answer)
        elif order.kind == "listen":
            await self._listen(contact, order, answer)
        else:
            await _at_once(contact, order)
            await answer("done")

    async def _take_over(self, contact: LiveContact, order: Order, answer: Answer) -> None:
        if contact.room is None:
            contact.join(order.name, order.by)
            await contact.stand("person", order.by)
            contact.around.errands(asyncio.create_task(_watch_writing(contact, order.by), name="writing"))
            await answer("done")
            return
        talk = await self._ring(contact, order, answer)
        if talk is None:
            return
        if contact.over.is_set() or contact.person is not None:
            await talk.stop()
            await answer("stale")
            return
        await answer("done")
        assert self.phones is not None
        guest = Guest(talk, "operator", order.name, order.by, talk.language)
        await self.phones.host(contact, contact.room, guest)

    async def _listen(self, contact: LiveContact, order: Order, answer: Answer) -> None:
        """Only where the caller knows of being heard: the call is recorded, and they have not refused that."""
        if contact.room is None or not contact.recording:
            await answer("no_consent")
            return
        talk = await self._ring(contact, order, answer)
        if talk is None or self.phones is None:
            return
        await answer("done")
        await self.phones.overhear(contact.room, talk, _asker(order))

    async def _ring(self, contact: LiveContact, order: Order, answer: Answer) -> Talk | None:
        if self.phones is None or not order.number:
            await answer("no_telephone")
            return None
        await answer("ringing")
        talk = await self.phones.reach(contact, _asker(order))
        if talk is None:
            await answer("no_answer")
        return talk


def _refusal(contact: LiveContact, order: Order) -> str:
    if order.kind in _HOLDERS_ONLY or (order.kind in ("take_over", "hang_up") and contact.person is not None):
        if contact.person != order.by:
            return "not_yours"
        if order.kind == "take_over":
            return "stale"
    elif order.expected_version is not None and order.expected_version != contact.version and order.kind != "listen":
        return "stale"
    return ""


async def _at_once(contact: LiveContact, order: Order) -> None:
    match order.kind:
        case "hang_up":
            contact.news(Left("ended by the desk"))
        case "hold" | "resume":
            await _hold(contact, order.by, on=order.kind == "hold")
        case "give_back":
            if contact.room is not None and order.by is not None:
                contact.room.dismiss(order.by)
            else:
                contact.leave(gave_back=True)
                await contact.stand("agent")
        case "say" if order.text is not None:
            await _write(contact, order)
        case _:
            return


async def _hold(contact: LiveContact, by: UUID | None, *, on: bool) -> None:
    if contact.room is not None:
        contact.room.hold(on=on)
    await contact.stand("held" if on else "person", by)


async def _write(contact: LiveContact, order: Order) -> None:
    """What a person writes stands in the transcript as theirs."""
    text = order.text.reveal() if order.text is not None else ""
    at = contact.elapsed()
    contact.record.turn("operator", text, contact.language, at, at)
    contact.wrote_at = at
    await contact.conversation.say(Say(f"person:{order.order}", text, contact.language, speaker=order.name))


async def _watch_writing(contact: LiveContact, by: UUID | None) -> None:
    """A writer is not left with somebody who has gone: unanswered for long, they have the assistant again."""
    while contact.person == by and not contact.over.is_set():
        owed = contact.heard_at > contact.wrote_at
        left = contact.heard_at + WRITER_WAITS_S - contact.elapsed() if owed else WRITER_WAITS_S
        if left <= 0:
            contact.leave(gave_back=True)
            await contact.stand("agent")
            return
        over = asyncio.create_task(contact.over.wait())
        await asyncio.wait((over,), timeout=left)
        over.cancel()


def _asker(order: Order) -> AtDesk:
    assert order.by is not None
    return AtDesk(order.by, order.name, order.number)
