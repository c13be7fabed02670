"""Somebody we have on a leg of their own (a clinician, an operator, an interpreter): spoken to, answering by keys, and joined
to a call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from careline.calls.mouth import Mouth, SoundCache
from careline.core.contact import Say
from careline.ports import Ended, Frame, Held, Key, Machine, Played

if TYPE_CHECKING:
    from collections.abc import Callable

    from careline.core.contact import Spoken
    from careline.ports import Leg, Voice

KEY_SECONDS = 12.0


class Gone(Exception):
    """They hung up."""


class Talk:
    """One answered leg. `start` begins to listen to it; `stop` ends it. `on_frame` and `on_hold` are whoever joined them to a
    call; `on_said` is told of what they were told, as `recorder.Tape.service` wants it."""

    def __init__(self, leg: Leg, voice: Voice, cache: SoundCache, language: str, key: str) -> None:
        self.leg, self.language, self._key = leg, language, key
        self.on_frame: Callable[[Frame], None] = lambda _frame: None
        self.on_hold: Callable[[bool], None] = lambda _on: None
        self.gone = asyncio.Event()
        self.machine = False
        """The network believes that a machine has answered."""
        self.on_said: Callable[[bytes, float], None] = lambda _pcm, _ended_at: None
        self._mouth = Mouth(leg, voice, cache, self._sent, self._spoken)
        self._keys: asyncio.Queue[str | None] = asyncio.Queue()
        self._said = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> Self:
        self._tasks = [asyncio.create_task(self._pump()), asyncio.create_task(self._mouth.run())]
        return self

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.gone.set()
        await self.leg.hang_up()

    # ------------------------------------------------------------ speaking

    def say(self, text: str) -> None:
        if text:
            self._said += 1
            self._quiet.clear()
            self._mouth.say(Say(f"{self._key}:{self._said}", text, self.language))

    async def said(self) -> None:
        """Until everything was said, or they have gone."""
        waits = [asyncio.create_task(event.wait()) for event in (self._quiet, self.gone)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()

    def hear(self, pcm: bytes) -> None:
        """20 ms of the call they are joined to; not while they are being spoken to."""
        if self._mouth.idle:
            self.leg.play(pcm)

    def _sent(self, pcm: bytes, ended_at: float) -> None:
        self.on_said(pcm, ended_at)

    def _spoken(self, _sentence: Say, _spoken: Spoken) -> None:
        if self._mouth.idle:
            self._quiet.set()

    # ------------------------------------------------------------ keys

    async def digits(self) -> str | None:
        """Keys up to the pound key, or what came of it; None when nothing did."""
        digits = ""
        while True:
            key = await self.next_key(KEY_SECONDS)
            if key is None:
                return digits or None
            if key == "#":
                return digits
            digits += key

    async def next_key(self, patience_s: float | None) -> str | None:
        """The next key, or None when we have finished speaking and nothing came for `patience_s` (None: however long). Raises
        `Gone`."""
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
                raise Gone
            self._mouth.interrupt()
            return key

    async def _pump(self) -> None:
        async for event in self.leg.events():
            match event:
                case Frame():
                    self.on_frame(event)
                case Key(digit=digit):
                    self._keys.put_nowait(digit)
                case Played(mark=mark, at=at):
                    self._mouth.played(mark, at)
                case Held(on=on):
                    self.on_hold(on)
                case Machine():
                    self.machine = True
                case Ended():
                    self._keys.put_nowait(None)
                    self.gone.set()
                    return
