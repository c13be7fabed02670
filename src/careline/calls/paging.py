"""Rings a clinician about a page: says who is wanted, asks the PIN, plays the brief, and takes one key as the answer.

    opening (no patient data) ──► PIN # ──► brief ──► 1 accept · 3 hand on · 4 hear it again
       │ no key, voicemail, hung up         │ five wrong: locked
       └──► no answer                       └──► nothing of the patient was said

Only the right PIN and then a 1 is an acceptance; a machine that picks up presses nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import TYPE_CHECKING

from careline.calls.mouth import Mouth, SoundCache
from careline.core.contact import Say
from careline.ports import Attempt, DialFailed, Ended, Key, Outcome, PageScript, Played

if TYPE_CHECKING:
    from careline.core.contact import Spoken
    from careline.ports import Leg, Telephone, Voice

_PIN_ROUNDS = 200_000
_MOST_WRONG = 5
_RING_SECONDS = 30.0
_KEY_SECONDS = 12.0
_MOST_REPEATS = 3
_FAILED = {
    DialFailed.BUSY: Attempt(Outcome.NO_ANSWER, reason="busy"),
    DialFailed.NO_ANSWER: Attempt(Outcome.NO_ANSWER, reason="nobody answered"),
    DialFailed.REFUSED: Attempt(Outcome.NO_ANSWER, reason="the call was refused"),
    DialFailed.UNREACHABLE: Attempt(Outcome.RETRY, reason="the telephone network did not answer"),
    DialFailed.BAD_NUMBER: Attempt(Outcome.FAILED, reason="this number cannot be dialled"),
}


class PagingDialler:
    """`ports.Dialler` over a telephone and a voice."""

    def __init__(self, telephone: Telephone, voice: Voice, cache: SoundCache, caller_id: str) -> None:
        self._telephone, self._voice, self._cache, self._caller_id = telephone, voice, cache, caller_id

    async def ring(self, number: str, script: PageScript, deadline_s: float, key: str) -> Attempt:
        """At most `deadline_s` in all; the leg is always ended."""
        leg: Leg | None = None
        try:
            async with asyncio.timeout(deadline_s):
                answer = await self._telephone.dial(number, self._caller_id, min(_RING_SECONDS, deadline_s))
                if isinstance(answer, DialFailed):
                    return _FAILED[answer]
                leg = answer
                return await _PageCall(leg, self._voice, self._cache, script, key).talk()
        except TimeoutError:
            return Attempt(Outcome.NO_ANSWER, leg.id if leg else "", "no answer in time")
        finally:
            if leg is not None:
                await leg.hang_up()


class _Gone(Exception):
    """They hung up."""


class _PageCall:
    """One answered call."""

    def __init__(self, leg: Leg, voice: Voice, cache: SoundCache, script: PageScript, key: str) -> None:
        self._leg, self._script, self._key = leg, script, key
        self._mouth = Mouth(leg, voice, cache, lambda _pcm, _at: None, self._spoken)
        self._keys: asyncio.Queue[str | None] = asyncio.Queue()
        self._said = 0
        self._quiet = asyncio.Event()

    async def talk(self) -> Attempt:
        tasks = [asyncio.create_task(self._pump()), asyncio.create_task(self._mouth.run())]
        try:
            return await self._page()
        except _Gone:
            return Attempt(Outcome.NO_ANSWER, self._leg.id, "hung up")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _page(self) -> Attempt:
        refused = await self._ask_pin()
        if refused is not None:
            return refused
        pressed = ""
        for _ in range(_MOST_REPEATS):
            self._say(self._script.message)
            self._say(self._script.menu)
            key = await self._next_key(_KEY_SECONDS)
            if key == "1":
                return Attempt(Outcome.ACCEPTED, self._leg.id, keys="1")
            if key == "3":
                return Attempt(Outcome.DECLINED, self._leg.id, "handed on", keys="3")
            pressed += key or ""
        return Attempt(Outcome.NO_ANSWER, self._leg.id, "no decision", keys=pressed)

    async def _ask_pin(self) -> Attempt | None:
        """None once the PIN was right."""
        for _ in range(_MOST_WRONG):
            self._say(self._script.opening)
            pin = await self._digits()
            if pin is None:
                return Attempt(Outcome.NO_ANSWER, self._leg.id, "no PIN was keyed: perhaps a machine")
            if await asyncio.to_thread(self._right, pin):
                return None
        return Attempt(Outcome.LOCKED, self._leg.id, "five wrong PINs")

    def _right(self, pin: str) -> bool:
        made = hashlib.pbkdf2_hmac("sha256", pin.encode(), self._script.pin_salt, _PIN_ROUNDS)
        return hmac.compare_digest(made, self._script.pin_hash)

    async def _digits(self) -> str | None:
        digits = ""
        while True:
            key = await self._next_key(_KEY_SECONDS)
            if key is None:
                return digits or None
            if key == "#":
                return digits
            digits += key

    async def _next_key(self, patience_s: float) -> str | None:
        """The next key, or None when we have finished speaking and nothing came for `patience_s`."""
        while True:
            waiting = asyncio.create_task(self._keys.get())
            try:
                async with asyncio.timeout(None if not self._quiet.is_set() else patience_s):
                    if not self._quiet.is_set():
                        quiet = asyncio.create_task(self._quiet.wait())
                        await asyncio.wait((waiting, quiet), return_when=asyncio.FIRST_COMPLETED)
                        quiet.cancel()
                        if not waiting.done():
                            continue
                    key = await waiting
            except TimeoutError:
                return None
            finally:
                waiting.cancel()
            if key is None:
                raise _Gone
            self._mouth.interrupt()
            return key

    def _say(self, text: str) -> None:
        if text:
            self._said += 1
            self._quiet.clear()
            self._mouth.say(Say(f"{self._key}:{self._said}", text, self._script.language))

    def _spoken(self, _sentence: Say, _spoken: Spoken) -> None:
        if self._mouth.idle:
            self._quiet.set()

    async def _pump(self) -> None:
        async for event in self._leg.events():
            match event:
                case Key(digit=digit):
                    self._keys.put_nowait(digit)
                case Played(mark=mark, at=at):
                    self._mouth.played(mark, at)
                case Ended():
                    self._keys.put_nowait(None)
                    return
                case _:
                    pass
