"""Answers a practice's line for its staff: a PIN, then who is on call now, tonight, tomorrow or at another time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.actions.rota.commands import AskOnCall, CheckEnquiryPin, StaffLine, StaffLineOpened
from careline.calls.talk import KEY_SECONDS, Gone, Talk
from careline.core.errors import CarelineError
from careline.core.oncall.enquiry import OTHER, answer, keyed, moment_of, words

if TYPE_CHECKING:
    from datetime import datetime

    from careline.actions.rota.commands import PinAnswer
    from careline.calls.mouth import SoundCache
    from careline.calls.record import Actions
    from careline.core.oncall.enquiry import Told
    from careline.ports import Clock, IncomingCall, Voice

_LONGEST_S = 300.0
_ASK_S = 5.0
_MOST_WRONG = 3
_MOST_QUESTIONS = 12


@dataclass(frozen=True, slots=True)
class StaffLines:
    """What a call to a line for staff is served with."""

    actions: Actions
    voice: Voice
    cache: SoundCache
    clock: Clock

    async def answers(self, call: IncomingCall) -> bool:
        """Whether it was such a line; if so, the call has been served to its end."""
        opened = await self.actions.perform(StaffLine(call.called, self.clock.now()), _ASK_S)
        if not isinstance(opened, StaffLineOpened):
            return False
        talk = Talk(await call.answer(), self.voice, self.cache, opened.language, f"staff-{call.id}").start()
        try:
            async with asyncio.timeout(_LONGEST_S):
                await _Enquiry(self, talk, opened, call.caller).run()
        except (Gone, TimeoutError):
            pass
        except CarelineError:
            talk.say(words(opened.language).goodbye)
            await talk.said()
        finally:
            await talk.stop()
        return True


class _Enquiry:
    """One answered call. Raises `Gone` when they hang up."""

    def __init__(self, lines: StaffLines, talk: Talk, opened: StaffLineOpened, caller: str) -> None:
        self._lines, self._talk, self._opened, self._caller = lines, talk, opened, caller
        self._words = words(opened.language)
        self._zone = ZoneInfo(opened.zone)

    async def run(self) -> None:
        asker = await self._pin()
        if asker is not None:
            await self._questions(asker)
        self._talk.say(self._words.goodbye)
        await self._talk.said()

    async def _pin(self) -> str | None:
        """Who asks, once the PIN was right."""
        for _ in range(_MOST_WRONG):
            self._talk.say(self._words.opening.format(practice=self._opened.name))
            pin = await self._talk.digits()
            if pin is None:
                return None
            command = CheckEnquiryPin(self._opened.practice, self._caller, pin, self._now)
            checked: PinAnswer = await self._lines.actions.perform(command, _ASK_S)
            if checked.right:
                return checked.actor
            self._talk.say(self._words.locked if checked.locked else self._words.wrong)
            if checked.locked:
                return None
        return None

    async def _questions(self, asker: str) -> None:
        for _ in range(_MOST_QUESTIONS):
            self._talk.say(self._words.menu)
            key = await self._talk.next_key(KEY_SECONDS)
            if key is None:
                return
            about = await self._other() if key == OTHER else moment_of(key, self._now, self._zone)
            if about is None:
                if key == OTHER:
                    self._talk.say(self._words.not_a_time)
                continue
            command = AskOnCall(self._opened.practice, asker, about, self._now)
            people: tuple[Told, ...] = await self._lines.actions.perform(command, _ASK_S)
            self._talk.say(answer(self._opened.language, key, people))

    async def _other(self) -> datetime | None:
        self._talk.say(self._words.when)
        digits = ""
        while len(digits) < 6:
            key = await self._talk.next_key(KEY_SECONDS)
            if key is None or not key.isdigit():
                break
            digits += key
        return keyed(digits, self._now, self._zone)

    @property
    def _now(self) -> datetime:
        return self._lines.clock.now()
