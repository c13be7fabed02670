"""Rings somebody and says something to them; nothing is asked, and nothing they press means anything."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from careline.calls.mouth import Mouth, SoundCache
from careline.calls.paging import FAILED
from careline.core.contact import Say
from careline.ports import Attempt, DialFailed, Ended, Outcome, Played

if TYPE_CHECKING:
    from careline.core.contact import Spoken
    from careline.ports import Leg, Telephone, Voice

_RING_SECONDS = 40.0
_BREATH_SECONDS = 1.0  # who has picked up says hello first


class TelephoneAnnouncer:
    """`ports.Announcer` over a telephone and a voice."""

    def __init__(self, telephone: Telephone, voice: Voice, cache: SoundCache, caller_id: str) -> None:
        self._telephone, self._voice, self._cache, self._caller_id = telephone, voice, cache, caller_id

    async def announce(self, number: str, text: str, language: str, deadline_s: float, key: str) -> Attempt:
        """At most `deadline_s` in all; the leg is always ended."""
        leg: Leg | None = None
        try:
            async with asyncio.timeout(deadline_s):
                answer = await self._telephone.dial(number, self._caller_id, min(_RING_SECONDS, deadline_s))
                if isinstance(answer, DialFailed):
                    return FAILED[answer]
                leg = answer
                await asyncio.sleep(_BREATH_SECONDS)
                return await self._say(leg, Say(key, text, language))
        except TimeoutError:
            return Attempt(Outcome.NO_ANSWER, leg.id if leg else "", "not said to the end in time")
        finally:
            if leg is not None:
                await leg.hang_up()

    async def _say(self, leg: Leg, sentence: Say) -> Attempt:
        done = asyncio.Event()
        heard = 0

        def spoken(_sentence: Say, how_far: Spoken) -> None:
            nonlocal heard
            heard = how_far.upto
            if heard >= len(sentence.text):
                done.set()

        mouth = Mouth(leg, self._voice, self._cache, lambda _pcm, _at: None, spoken)
        mouth.say(sentence)
        tasks = [asyncio.create_task(mouth.run()), asyncio.create_task(_until_left(leg, mouth, done))]
        try:
            await done.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if heard >= len(sentence.text):
            return Attempt(Outcome.DELIVERED, leg.id)
        return Attempt(Outcome.NO_ANSWER, leg.id, "hung up before the end")


async def _until_left(leg: Leg, mouth: Mouth, done: asyncio.Event) -> None:
    async for event in leg.events():
        match event:
            case Played(mark=mark, at=at):
                mouth.played(mark, at)
            case Ended():
                done.set()
                return
            case _:
                pass
