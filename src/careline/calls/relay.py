"""A call back through Careline: clinician, patient and perhaps an interpreter on legs of ours, recorded with consent.

The patient's voice is the recording's left channel, what the patient hears its right one; lines of record stand on the time
line of the contact it is about.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from careline.actions.commands import ContactOpened
from careline.calls.bridge import Bridge
from careline.calls.patch_words import words
from careline.calls.record import FLUSH_SECONDS, ContactRecord
from careline.calls.recorder import Recorder
from careline.calls.room import HUNG_UP, OVER, Guest, Room
from careline.calls.talk import KEY_SECONDS, Gone

if TYPE_CHECKING:
    from careline.actions.patch_commands import PatchOrder
    from careline.calls.patch import Patches
    from careline.calls.talk import Talk
    from careline.ports import Frame

_HEARD_S = 0.08  # from when a frame of the patient was spoken to when what they heard with it was sent


class Relay:
    """One call back whose patient has answered."""

    def __init__(self, patches: Patches, order: PatchOrder, clinician: Talk, patient: Talk) -> None:
        self._patches, self._order, self._clinician, self._patient = patches, order, clinician, patient
        opened = ContactOpened(order.practice, order.contact, order.line, "", "")
        self._record = ContactRecord(opened, patches.actions, first=order.first)
        self._tape = Recorder(opened, patches.actions, patches.vault, patches.clock, self._elapsed())
        self._room = Room(Bridge(lambda _pcm: None), self._record, self._elapsed, patches.ears)
        number = order.number.reveal() if order.number is not None else ""
        self._need = patches.law.need(order.practice_state, number, order.said_state)
        self._consent = ""
        self._now = 0.0

    def _elapsed(self) -> float:
        return (self._patches.clock.now() - self._order.began).total_seconds()

    async def run(self) -> str:
        """Returns why the clinician left."""
        flushing = asyncio.create_task(self._flush_often())
        self._patient.on_frame, self._patient.on_said = self._said, self._tape.service
        try:
            if await self._greet():
                await self._tape.start(self._consent)
            await self._patches.note(self._order, "talking", "relay")
            return await self._talk()
        except Gone:
            return OVER  # the patient has gone before a word was said
        finally:
            self._room.close()
            await self._patient.stop()
            await self._tape.stop(delete=False)
            flushing.cancel()
            await asyncio.gather(flushing, return_exceptions=True)
            await self._record.flush(self._patches.clock.now())
            await self._patches.note(self._order, "ended")

    async def _greet(self) -> bool:
        """Who is calling, and whether it is recorded; returns that. Not asked is not agreed."""
        order, patient = self._order, self._patient
        greeting = words(order.language, "patient_discreet" if order.discreet else "patient")
        patient.say(greeting.format(practice=order.practice_name, name=order.name))
        asked = order.recording == "ask" or (order.recording == "by_law" and self._need.all_parties)
        recorded = order.recording != "off"
        if asked and recorded:
            patient.say(words(order.language, "patient_consent"))
            recorded = await patient.next_key(KEY_SECONDS) == "1"
        elif recorded:
            patient.say(words(order.language, "patient_recorded"))
        self._consent = f"{'asked' if asked else 'announced'} {self._need.words}"
        self._clinician.say(words(self._clinician.language, "recorded" if recorded else "unrecorded"))
        return recorded

    async def _talk(self) -> str:
        patient = Guest(self._patient, "caller", "", None, self._order.language, said=self._said, hears=self._hears)
        theirs = asyncio.create_task(self._room.stay(patient))
        guest = self._patches.clinician(self._clinician, self._order)
        ours = asyncio.create_task(self._room.stay(guest, self._patches.keys(self._order, self._room)))
        try:
            await asyncio.wait((theirs, ours), return_when=asyncio.FIRST_COMPLETED)
            self._room.close()
            await asyncio.wait((theirs, ours))
        finally:
            theirs.cancel()
            ours.cancel()
        return HUNG_UP if self._clinician.gone.is_set() else ours.result()

    # ------------------------------------------------------------ the tape

    def _said(self, frame: Frame) -> None:
        self._now = frame.at
        self._tape.caller(frame.pcm, frame.at)

    def _hears(self, pcm: bytes) -> None:
        self._tape.service(pcm, self._now + _HEARD_S)

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self._record.flush(self._patches.clock.now())
