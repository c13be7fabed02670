"""The people on one live call besides its caller: joined to it, held, written down, and let go.

`stay` keeps somebody in until they hang up, are sent away, press a key that means it, or the caller has gone. The record has
who came and went, and what they said wherever there are ears for free speech.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.calls.talk import Gone
from careline.core.contact import Expect, Hearing
from careline.core.errors import CarelineError
from careline.ports import Recognised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from careline.calls.bridge import Bridge
    from careline.calls.record import ContactRecord
    from careline.calls.talk import Talk
    from careline.ports import Ears, EarSession, Frame

HUNG_UP, GIVEN_BACK, OVER = "hung up", "given back", "over"


def _unheard(_sound: object) -> None:
    """No tape is running."""


@dataclass(slots=True)
class Guest:
    """`role` is how the transcript calls them: operator, clinician, interpreter, caller (of a call back) or listener (who only
    listens). `said` and `hears` are told of each frame, for a tape."""

    talk: Talk
    role: str
    name: str
    person: UUID | None = None
    language: str = "en"
    said: Callable[[Frame], None] = _unheard
    hears: Callable[[bytes], None] = _unheard
    dismissed: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Room:
    """`record` and `elapsed` are the contact's; `ears` None: what guests say is on the recording only."""

    bridge: Bridge
    record: ContactRecord
    elapsed: Callable[[], float]
    ears: Ears | None = None
    guests: dict[str, Guest] = field(default_factory=dict[str, Guest])
    _count: int = 0

    def close(self) -> None:
        """The call is over for everybody."""
        for guest in self.guests.values():
            guest.dismissed.set()

    def dismiss(self, person: UUID) -> None:
        for guest in self.guests.values():
            if guest.person == person:
                guest.dismissed.set()

    def hold(self, *, on: bool) -> None:
        if self.bridge.held is not on:
            self.bridge.hold(on=on)
            self.record.event("held" if on else "resumed", self.elapsed())

    async def stay(self, guest: Guest, keys: Mapping[str, Callable[[], None]] | None = None) -> str:
        """Join them; returns why they left. `*` gives the caller back; `keys` are what other keys do."""
        self._count += 1
        name = f"{guest.role}:{self._count}"
        speaks = guest.role != "listener"
        session = await self._listen(guest) if speaks else None
        writing = asyncio.create_task(self._write(guest, session)) if session is not None else None
        self.guests[name] = guest
        self.bridge.join(name, self._playing(guest), speaks=speaks)
        guest.talk.on_frame = self._hearing(name, guest, session)
        if speaks:
            guest.talk.on_hold = lambda on: self.hold(on=on)
        self.record.event("joined", self.elapsed(), {"role": guest.role, "name": guest.name})
        try:
            return await self._until_gone(guest, keys or {})
        finally:
            guest.talk.on_frame, guest.talk.on_hold = lambda _frame: None, lambda _on: None
            self.bridge.leave(name)
            self.guests.pop(name, None)
            if speaks and self.bridge.held:
                self.bridge.hold(on=False)
            self.record.event("went", self.elapsed(), {"role": guest.role, "name": guest.name})
            if writing is not None and session is not None:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
                await session.close()

    async def _until_gone(self, guest: Guest, keys: Mapping[str, Callable[[], None]]) -> str:
        dismissed = asyncio.create_task(guest.dismissed.wait())
        try:
            while True:
                key = asyncio.create_task(guest.talk.next_key(None))
                await asyncio.wait((key, dismissed), return_when=asyncio.FIRST_COMPLETED)
                if not key.done():
                    key.cancel()
                    return OVER
                pressed = key.result() or ""
                if pressed == "*":
                    return GIVEN_BACK
                if pressed in keys:
                    keys[pressed]()
        except Gone:
            return HUNG_UP
        finally:
            dismissed.cancel()

    # ------------------------------------------------------------ what they say

    def _playing(self, guest: Guest) -> Callable[[bytes], None]:
        def play(pcm: bytes) -> None:
            guest.talk.hear(pcm)
            guest.hears(pcm)

        return play

    def _hearing(self, name: str, guest: Guest, session: EarSession | None) -> Callable[[Frame], None]:
        def hear(frame: Frame) -> None:
            guest.said(frame)
            self.bridge.frame(name, frame.pcm)
            if session is not None:
                session.feed(frame)

        return hear

    async def _listen(self, guest: Guest) -> EarSession | None:
        if self.ears is None:
            return None
        try:
            session = await self.ears.listen(guest.language, ())
        except CarelineError:
            return None
        if session.hearing is not Hearing.OPEN:
            await session.close()
            return None
        session.expect(Expect.OPEN, (), guest.language)
        return session

    async def _write(self, guest: Guest, session: EarSession) -> None:
        """Their words, at the time they were said; ears that fail leave the recording."""
        try:
            async for heard in session.events():
                if isinstance(heard, Recognised) and heard.final and heard.text:
                    ended = self.elapsed()
                    began = ended - max(0.0, heard.ended - heard.started)
                    self.record.turn(guest.role, heard.text, guest.language, began, ended, heard.confidence)
        except CarelineError:
            return
