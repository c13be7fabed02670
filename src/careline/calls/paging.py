"""Rings a clinician about a page: says who is wanted, asks the PIN, plays the brief, and takes one key as the answer.

    opening (no patient data) ──► PIN # ──► brief ──► 1 accept · 2 and be connected · 3 hand on · 4 again
       │ no key, voicemail, hung up         │ five wrong: locked
       └──► no answer                       └──► nothing of the patient was said

Only the right PIN and then a 1 or 2 is an acceptance; a machine that picks up presses nothing. Whoever accepts is told once it is
saved, and after a 2 joined to the caller (`patch`).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING

from careline.calls.patch_words import words
from careline.calls.talk import KEY_SECONDS, Gone, Talk
from careline.ports import Attempt, DialFailed, Outcome

if TYPE_CHECKING:
    from careline.calls.mouth import SoundCache
    from careline.calls.patch import Patches
    from careline.core.oncall.paged import Paged
    from careline.ports import PageScript, Telephone, Voice

_PIN_ROUNDS = 200_000
_MOST_WRONG = 5
_RING_SECONDS = 30.0
_FAREWELL_SECONDS = 20.0
_MOST_REPEATS = 3
FAILED = {
    DialFailed.BUSY: Attempt(Outcome.NO_ANSWER, reason="busy"),
    DialFailed.NO_ANSWER: Attempt(Outcome.NO_ANSWER, reason="nobody answered"),
    DialFailed.REFUSED: Attempt(Outcome.NO_ANSWER, reason="the call was refused"),
    DialFailed.UNREACHABLE: Attempt(Outcome.RETRY, reason="the telephone network did not answer"),
    DialFailed.BAD_NUMBER: Attempt(Outcome.FAILED, reason="this number cannot be dialled"),
}


class PagingDialler:
    """`ports.Dialler` over a telephone and a voice. Without `patches` nobody can be joined to a caller."""

    def __init__(
        self, telephone: Telephone, voice: Voice, cache: SoundCache, caller_id: str, patches: Patches | None = None
    ) -> None:
        self._telephone, self._voice, self._cache, self._caller_id = telephone, voice, cache, caller_id
        self._patches = patches
        self._waiting: dict[str, tuple[Talk, str]] = {}
        self._farewells: set[asyncio.Task[None]] = set()

    async def ring(self, number: str, script: PageScript, deadline_s: float, key: str) -> Attempt:
        """At most `deadline_s` in all. The leg is ended unless they accept; then it waits for `settled`."""
        talk: Talk | None = None
        attempt = Attempt(Outcome.NO_ANSWER, "", "no answer in time")
        try:
            async with asyncio.timeout(deadline_s):
                answer = await self._telephone.dial(number, self._caller_id, min(_RING_SECONDS, deadline_s))
                if isinstance(answer, DialFailed):
                    return FAILED[answer]
                talk = Talk(answer, self._voice, self._cache, script.language, key).start()
                attempt = await _PageCall(talk, script).page()
        except TimeoutError:
            attempt = Attempt(Outcome.NO_ANSWER, talk.leg.id if talk else "", "no answer in time")
        finally:
            if talk is not None and attempt.outcome is Outcome.ACCEPTED:
                self._waiting[key] = (talk, attempt.keys)
            elif talk is not None:
                await talk.stop()
        return attempt

    async def settled(self, key: str, paged: Paged | None) -> None:
        talk, pressed = self._waiting.pop(key, (None, ""))
        if talk is None:
            return
        if paged is not None and paged.mine and pressed == "2" and self._patches is not None:
            self._patches.begin(talk, paged, f"notice:{key}")
            return
        said = "not_saved" if paged is None else "taken" if paged.mine else "first"
        text = words(talk.language, said).format(holder=paged.holder if paged is not None else "")
        task = asyncio.create_task(_farewell(talk, text), name="farewell")
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)


async def _farewell(talk: Talk, text: str) -> None:
    """Say it and hang up."""
    try:
        talk.say(text)
        async with asyncio.timeout(_FAREWELL_SECONDS):
            await talk.said()
    except TimeoutError:
        return
    finally:
        await talk.stop()


class _PageCall:
    """One answered call."""

    def __init__(self, talk: Talk, script: PageScript) -> None:
        self._talk, self._script = talk, script

    async def page(self) -> Attempt:
        try:
            return self._seen_as(await self._page())
        except Gone:
            return self._seen_as(Attempt(Outcome.NO_ANSWER, self._talk.leg.id, "hung up"))

    def _seen_as(self, attempt: Attempt) -> Attempt:
        """What the network took for a machine and what keyed no PIN was one. Who keys it is a person, whatever was believed."""
        if self._talk.machine and attempt.outcome is Outcome.NO_ANSWER:
            return replace(attempt, reason="an answering machine")
        return attempt

    async def _page(self) -> Attempt:
        refused = await self._ask_pin()
        if refused is not None:
            return refused
        pressed = ""
        for _ in range(_MOST_REPEATS):
            self._talk.say(self._script.message)
            self._talk.say(self._script.menu)
            key = await self._talk.next_key(KEY_SECONDS)
            if key in ("1", "2"):
                return Attempt(Outcome.ACCEPTED, self._talk.leg.id, keys=key)
            if key == "3":
                return Attempt(Outcome.DECLINED, self._talk.leg.id, "handed on", keys="3")
            pressed += key or ""
        return Attempt(Outcome.NO_ANSWER, self._talk.leg.id, "no decision", keys=pressed)

    async def _ask_pin(self) -> Attempt | None:
        """None once the PIN was right."""
        for _ in range(_MOST_WRONG):
            self._talk.say(self._script.opening)
            pin = await self._talk.digits()
            if pin is None:
                return Attempt(Outcome.NO_ANSWER, self._talk.leg.id, "no PIN was keyed: perhaps a machine")
            if await asyncio.to_thread(self._right, pin):
                return None
        return Attempt(Outcome.LOCKED, self._talk.leg.id, "five wrong PINs")

    def _right(self, pin: str) -> bool:
        made = hashlib.pbkdf2_hmac("sha256", pin.encode(), self._script.pin_salt, _PIN_ROUNDS)
        return hmac.compare_digest(made, self._script.pin_hash)
