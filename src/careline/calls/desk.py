"""Brings people at the desk to a caller: rings their telephones, joins the first who answers, and lets a person write in a chat.

wanted ──► who takes calls? ──nobody──► False
              │ all their telephones ring at once; the caller stays with the assistant
              ├──► one answers (over a trunk: presses 1, for a voicemail cannot) ──► joined; the others stop ringing
              └──► none within the practice's time ──► False
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from careline.actions.desk_commands import AtDesk, DeskRang, FindDesk
from careline.calls.room import GIVEN_BACK, OVER, Guest, Room
from careline.calls.talk import Gone, Talk
from careline.core.dialogue.deeds import DeskRings
from careline.core.errors import CarelineError
from careline.ports import DialFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from careline.calls.contact import LiveContact
    from careline.calls.mouth import SoundCache
    from careline.calls.record import Actions
    from careline.ports import Clock, Telephone, Voice

#: Within this time a telephone that is not there has said so; what still tries then rings.
_RINGS_AFTER_S = 0.5
_WHISPER_S = 6.0
_WHISPERS = 2
_OWN_TELEPHONE_S = 25.0


class House(Protocol):
    """Knows the house's own telephones: one of those that picks up is a person, never a voicemail."""

    def registered(self, number: str) -> bool: ...


@dataclass(slots=True)
class DeskPhones:
    """`contact.Desk` over a telephone. Also brings whoever asked at the console."""

    telephone: Telephone
    house: House
    voice: Voice
    cache: SoundCache
    actions: Actions
    clock: Clock

    async def connect(self, contact: LiveContact, key: str) -> bool:
        """True once a person is with the caller, whoever brought them."""
        command = FindDesk(contact.opened.practice, contact.opened.contact, self.clock.now(), contact.language)
        try:
            people: tuple[AtDesk, ...] = await self.actions.perform(command)
        except CarelineError:
            return False
        if not people:
            return False
        if contact.room is None:
            return await self._ask_in_writing(contact, key)
        return await self._ring_all(contact, contact.room, key, people)

    async def _ask_in_writing(self, contact: LiveContact, key: str) -> bool:
        """The console shows who waits for a person; whoever takes the contact there has come."""
        contact.news(DeskRings(key))
        await contact.stand("waiting")
        if await _either(contact.somebody, contact.over, timeout_s=contact.setup.practice.desk.chat_seconds):
            return contact.somebody.is_set()
        await contact.stand("agent")
        return False

    async def _ring_all(self, contact: LiveContact, room: Room, key: str, people: tuple[AtDesk, ...]) -> bool:
        seconds = float(contact.setup.practice.desk.ring_seconds)
        rings = {asyncio.create_task(self._ring(contact, one, seconds)): one for one in people}
        told = asyncio.create_task(self._tell_of_ringing(contact, key, set(rings)))
        elsewhere = asyncio.create_task(_either(contact.somebody, contact.over))
        try:
            taken = await _first(rings, elsewhere)
        finally:
            await _end(elsewhere)
            await told  # to its end: what it says of the call must not arrive after what comes next
        winner = rings[taken] if taken is not None else None
        if taken is None or winner is None:
            if not contact.somebody.is_set() and not contact.over.is_set():
                await self._rang(contact, people, None)
                await contact.stand("agent")
            return contact.somebody.is_set()
        talk = taken.result()
        await self._rang(contact, people, winner.person)
        if talk is None or contact.over.is_set() or contact.somebody.is_set():
            await _stop(talk)
            return contact.somebody.is_set()
        contact.around.errands(asyncio.create_task(self.host(contact, room, _operator(talk, winner)), name="host"))
        await contact.somebody.wait()
        return True

    async def _tell_of_ringing(self, contact: LiveContact, key: str, rings: set[asyncio.Task[Talk | None]]) -> None:
        _, ringing = await asyncio.wait(rings, timeout=_RINGS_AFTER_S)
        if ringing:
            contact.news(DeskRings(key))
            await contact.stand("ringing")

    async def _ring(self, contact: LiveContact, one: AtDesk, seconds: float) -> Talk | None:
        """Their telephone, answered by a person; None when it was not. Cancelled, it stops ringing."""
        talk: Talk | None = None
        taken = False
        try:
            leg = await self.telephone.dial(one.number, contact.opened.line, seconds)
            if isinstance(leg, DialFailed):
                return None
            talk = Talk(leg, self.voice, self.cache, _tongue(one), f"desk:{leg.id}").start()
            taken = self.house.registered(one.number) or await _presses_one(talk, contact.setup.practice.name)
            return talk if taken else None
        finally:
            if talk is not None and not taken:
                await talk.stop()

    async def _rang(self, contact: LiveContact, people: tuple[AtDesk, ...], answered: UUID | None) -> None:
        rung = tuple(one.person for one in people)
        command = DeskRang(contact.opened.practice, contact.opened.contact, self.clock.now(), rung, answered)
        try:
            await self.actions.perform(command)
        except CarelineError:
            return  # who missed a call is worth noting, and not worth a call

    async def reach(self, contact: LiveContact, asker: AtDesk) -> Talk | None:
        """Ring somebody who has just asked for it at the console."""
        leg = await self.telephone.dial(asker.number, contact.opened.line, _OWN_TELEPHONE_S)
        if isinstance(leg, DialFailed):
            return None
        return Talk(leg, self.voice, self.cache, _tongue(asker), f"desk:{leg.id}").start()

    async def host(self, contact: LiveContact, room: Room, guest: Guest) -> None:
        """From joining until they leave; then the assistant has the caller again, unless that is who left."""
        try:
            guest.talk.say(_WORDS[guest.talk.language]["recorded" if contact.recording else "joined"])
            contact.join(guest.name, guest.person)
            await contact.stand("person", guest.person)
            why = await room.stay(guest)
        finally:
            await guest.talk.stop()
        if why == OVER and contact.over.is_set():
            return
        contact.leave(gave_back=why in (GIVEN_BACK, OVER))
        await contact.stand("agent")

    async def overhear(self, room: Room, talk: Talk, asker: AtDesk) -> None:
        try:
            await room.stay(Guest(talk, "listener", asker.name, asker.person))
        finally:
            await talk.stop()


def _operator(talk: Talk, one: AtDesk) -> Guest:
    return Guest(talk, "operator", one.name, one.person, _tongue(one))


def _tongue(one: AtDesk) -> str:
    return next((language for language in one.languages if language in _WORDS), "en")


async def _presses_one(talk: Talk, practice: str) -> bool:
    """Whether a person is there, and takes it."""
    try:
        for _ in range(_WHISPERS):
            talk.say(_WORDS[talk.language]["take"].format(practice=practice))
            if await talk.next_key(_WHISPER_S) == "1":
                return True
    except Gone:
        return False
    return False


async def _first(
    rings: Mapping[asyncio.Task[Talk | None], AtDesk], elsewhere: asyncio.Task[bool]
) -> asyncio.Task[Talk | None] | None:
    """The first telephone that somebody has answered; the others stop ringing, or are hung up."""
    taken: asyncio.Task[Talk | None] | None = None
    try:
        while taken is None and not elsewhere.done() and not all(ring.done() for ring in rings):
            await asyncio.wait(
                (elsewhere, *(ring for ring in rings if not ring.done())), return_when=asyncio.FIRST_COMPLETED
            )
            taken = next((ring for ring in rings if ring.done() and ring.result() is not None), None)
    finally:
        await _end(*(ring for ring in rings if ring is not taken))
        for ring in rings:
            if ring is not taken and not ring.cancelled():
                await _stop(ring.result())
    return taken


async def _stop(talk: Talk | None) -> None:
    if talk is not None:
        await talk.stop()


async def _either(*events: asyncio.Event, timeout_s: float | None = None) -> bool:
    """Whether one of the events came about in time."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    done, _ = await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    await _end(*waits)
    return bool(done)


async def _end(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


_WORDS = {
    "en": {
        "take": "A caller for {practice} asks for a person. Press 1 to take the call.",
        "recorded": "This call is recorded.",
        "joined": "",
    },
    "es": {
        "take": "Una persona llama a {practice} y pide hablar con alguien. Oprima 1 para tomar la llamada.",
        "recorded": "Esta llamada se graba.",
        "joined": "",
    },
}
