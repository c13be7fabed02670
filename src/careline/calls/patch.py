"""Patches a clinician through to the patient of a page, and asks what came of it.

    accepted, and 2 pressed ──► caller still on the line? ──yes──► joined there, the assistant silent
    asked for at the page ─────────────┘ no ──► the patient is rung, the practice's number shown ──► joined, recorded with consent
                                                   │ nobody answers: tried again by 9
    key 5 (or no shared language): an interpreter joins · key *: the clinician is done
    afterwards: outcome by key. "Could not reach" raises the page again; hung up without one, the outcome stays due.

Neither sees the other's number: each leg is ours.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.actions.patch_commands import NotePatch, PatchOrder, PatchOutcome, PreparePatch
from careline.calls.patch_words import OUTCOME_KEYS, words
from careline.calls.relay import Relay
from careline.calls.room import GIVEN_BACK, HUNG_UP, Guest, Room
from careline.calls.talk import KEY_SECONDS, Gone, Talk
from careline.core.errors import CarelineError
from careline.ports import DialFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from careline.calls.contact import LiveContact
    from careline.calls.mouth import SoundCache
    from careline.calls.record import Actions
    from careline.core.oncall.paged import Paged
    from careline.core.routing.consent import Law
    from careline.ports import Clock, Ears, Leg, Telephone, Vault, Voice

_RING_S = 40.0
_ASKED_AT_MOST = 3


@dataclass(slots=True)
class Patches:
    """`live` are the contacts this node holds; `errand` keeps a task that outlives its asker."""

    telephone: Telephone
    voice: Voice
    cache: SoundCache
    ears: Ears | None
    vault: Vault
    actions: Actions
    clock: Clock
    law: Law
    live: Mapping[UUID, LiveContact]
    errand: Callable[[asyncio.Task[None]], None]

    def begin(self, talk: Talk, paged: Paged, key: str) -> None:
        """From acceptance to outcome, without keeping anybody waiting. The clinician's leg is ended at the end."""
        self.errand(asyncio.create_task(self._patch(talk, paged, key), name="patch"))

    async def _patch(self, talk: Talk, paged: Paged, key: str) -> None:
        order: PatchOrder | None = None
        try:
            command = PreparePatch(paged.practice, paged.page, paged.person, key, self.clock.now())
            prepared: PatchOrder = await self.actions.perform(command)
            order = prepared
            await self._together(talk, prepared)
        except Gone:
            pass
        except CarelineError:
            talk.say(words(talk.language, "failed"))
            await talk.said()
        finally:
            await talk.stop()
            if order is not None:
                await self.note(order, "ended", only_if_open=True)

    async def _together(self, talk: Talk, order: PatchOrder) -> None:
        contact = self.live.get(order.contact)
        if contact is not None and contact.room is not None and contact.person is None and not contact.over.is_set():
            why = await self._join_live(talk, order, contact, contact.room)
        else:
            why = await self._ring_back(talk, order)
        if why != HUNG_UP:
            await self._ask_outcome(talk, order)

    # ------------------------------------------------------------ the caller is still there

    async def _join_live(self, talk: Talk, order: PatchOrder, contact: LiveContact, room: Room) -> str:
        talk.say(words(talk.language, "joining_recorded" if contact.recording else "joining"))
        contact.join(order.name, order.person)
        await contact.stand("person", order.person)
        await self.note(order, "talking", "live")
        try:
            why = await room.stay(self.clinician(talk, order), self.keys(order, room))
        finally:
            await self.note(order, "ended")
        if not contact.over.is_set():
            contact.leave(gave_back=why == GIVEN_BACK)
            await contact.stand("agent")
        return why

    # ------------------------------------------------------------ the caller has gone

    async def _ring_back(self, talk: Talk, order: PatchOrder) -> str:
        """Rings the patient until they answer or the clinician has enough of it."""
        while True:
            talk.say(words(talk.language, "ringing"))
            await self.note(order, "ringing", "relay")
            number = order.number.reveal() if order.number is not None else ""
            leg = await self._dial(talk, number, order.line) if number else DialFailed.BAD_NUMBER
            if not isinstance(leg, DialFailed):
                patient = Talk(leg, self.voice, self.cache, order.language, f"patient:{leg.id}").start()
                return await Relay(self, order, talk, patient).run()
            await self.note(order, "no_answer")
            talk.say(words(talk.language, "no_answer"))
            key = await talk.next_key(KEY_SECONDS)
            if key == "4":
                await self._record(talk, order, OUTCOME_KEYS[key])
                return HUNG_UP
            if key != "9":
                return GIVEN_BACK

    async def _dial(self, talk: Talk, number: str, line: str) -> Leg | DialFailed:
        """Rings no longer than the clinician waits for it. Raises `Gone`."""
        dialling = asyncio.create_task(self.telephone.dial(number, line, _RING_S))
        waiting = asyncio.create_task(talk.gone.wait())
        try:
            await asyncio.wait((dialling, waiting), return_when=asyncio.FIRST_COMPLETED)
            if not dialling.done():
                raise Gone
            return dialling.result()
        finally:
            for task in (dialling, waiting):
                task.cancel()
            await asyncio.gather(dialling, waiting, return_exceptions=True)

    # ------------------------------------------------------------ interpreter and outcome

    def clinician(self, talk: Talk, order: PatchOrder) -> Guest:
        if order.needed:
            key = "interpreter_coming" if order.interpreter else "no_interpreter"
            talk.say(words(talk.language, key))
        return Guest(talk, "clinician", order.name, order.person, order.tongue)

    def keys(self, order: PatchOrder, room: Room) -> dict[str, Callable[[], None]]:
        """What the clinician's keys do; somebody who shares no language with the patient needs press none."""
        called: list[bool] = []

        def bring() -> None:
            if order.interpreter and not called:
                called.append(True)
                self.errand(asyncio.create_task(self._interpret(order, room), name="interpreter"))

        if order.needed:
            bring()
        return {"5": bring}

    async def _interpret(self, order: PatchOrder, room: Room) -> None:
        leg = await self.telephone.dial(order.interpreter, order.line, _RING_S)
        if isinstance(leg, DialFailed):
            room.record.event("interpreter unreachable", room.elapsed())
            return
        talk = Talk(leg, self.voice, self.cache, "en", f"interpreter:{leg.id}").start()
        try:
            talk.say(words("en", "interpreter").format(practice=order.practice_name, language=order.language))
            await self.note(order, "talking", interpreter=True)
            await room.stay(Guest(talk, "interpreter", ""))
        finally:
            await talk.stop()

    async def _ask_outcome(self, talk: Talk, order: PatchOrder) -> None:
        for _ in range(_ASKED_AT_MOST):
            talk.say(words(talk.language, "outcome"))
            outcome = OUTCOME_KEYS.get(await talk.next_key(KEY_SECONDS) or "")
            if outcome is not None:
                await self._record(talk, order, outcome)
                return

    async def _record(self, talk: Talk, order: PatchOrder, outcome: str) -> None:
        await self.actions.perform(PatchOutcome(order.practice, order.patch, self.clock.now(), outcome))
        talk.say(words(talk.language, "again" if outcome == "could_not_reach" else "thanks"))
        await talk.said()

    async def over(self, practice: UUID, patch: UUID) -> None:
        """The clinician could not be reached."""
        await self.actions.perform(NotePatch(practice, patch, self.clock.now(), "failed"))

    async def note(
        self, order: PatchOrder, state: str, via: str = "", *, interpreter: bool = False, only_if_open: bool = False
    ) -> None:
        """What cannot be noted now costs a line of the proof, never the call."""
        command = NotePatch(order.practice, order.patch, self.clock.now(), state, via, interpreter, only_if_open)
        try:
            await self.actions.perform(command)
        except CarelineError:
            return
