"""Ears on a ladder: the best first, and the next ones ready when those fail or slow down in the middle of a call.

    open ──► closed ──► keys            (a person, and recorded words, come after: `calls.audio`, `speech.voices`)

What the caller has said since they were last understood is kept and given to the next ears, so nobody is asked to say it twice.
Words of an answer that was just being given arrive before the change is told, with `answering` set: then nothing is asked anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from careline.core.contact import Expect, Hearing, HearingChanged
from careline.core.errors import CarelineError, TryAgain
from careline.core.language.turns import LONGEST_S
from careline.ports import Recognised
from careline.speech.endpoint import Endpointer, level

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from careline.ports import Ears, EarSession, Frame

_log = logging.getLogger("careline.speech")
_OPEN_S = 1.5
#: How long the next ears may take over what was just said before the change is told without it.
_CATCH_UP_S = 0.7
_MOST_KEPT = 1500  # frames: 30 s
_RECENT_S = 2.5


class LadderEars:
    """`ports.Ears` over several, the best first."""

    def __init__(self, rungs: Sequence[Ears]) -> None:
        self._rungs = tuple(rungs)

    async def listen(self, language: str, hints: Sequence[str]) -> LadderSession:
        """Raises `TryAgain` when not even the last can listen."""
        session = LadderSession(self._rungs, language, tuple(hints))
        await session.start()
        return session


class LadderSession:
    """One caller's `ports.EarSession`. Its events tell when the ears have changed."""

    def __init__(self, rungs: Sequence[Ears], language: str, hints: tuple[str, ...]) -> None:
        self._rungs, self._language, self._hints = deque(rungs), language, hints
        self._session: EarSession | None = None
        self._asked: tuple[Expect, tuple[str, ...], str] = (Expect.OPEN, (), language)
        self._kept: deque[Frame] = deque(maxlen=_MOST_KEPT)
        self._turns = Endpointer(LONGEST_S)
        self._spoke_at = -_RECENT_S
        self._now = 0.0
        self._closed = False
        self._results: AsyncIterator[Recognised | HearingChanged] | None = None
        self._coming: asyncio.Future[Recognised | HearingChanged | None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def hearing(self) -> Hearing:
        return self._session.hearing if self._session is not None else Hearing.KEYS

    async def start(self) -> None:
        await self._step()

    def expect(self, kind: Expect, options: Sequence[str], language: str) -> None:
        self._asked = (kind, tuple(options), language)
        if self._session is not None:
            self._session.expect(kind, options, language)

    def feed(self, frame: Frame) -> None:
        self._now = frame.at
        self._kept.append(frame)
        self._turns.frame(level(frame.pcm))
        if self._turns.speaking and not self._turns.quiet_s:
            self._spoke_at = frame.at
        if self._session is not None:
            self._session.feed(frame)

    async def events(self) -> AsyncIterator[Recognised | HearingChanged]:
        while (session := self._session) is not None:
            try:
                while (result := await self._next_result()) is not None:
                    self._note(result)
                    yield result
                if self._closed:
                    return
            except CarelineError as error:
                _log.warning("ears step down from %s: %s", session.hearing, error)
            async for told in self._step_down(session):
                yield told

    async def _next_result(self) -> Recognised | HearingChanged | None:
        """None when these ears have ended. One that is still being waited for stays so when the waiting is given up."""
        if self._results is None:
            return None
        self._coming = self._coming or asyncio.ensure_future(_next(self._results))
        await asyncio.wait([self._coming])
        coming, self._coming = self._coming, None
        return coming.result()

    async def close(self) -> None:
        self._closed = True
        if self._coming is not None:
            self._coming.cancel()
        if self._session is not None:
            await self._session.close()
        await asyncio.gather(*self._leaving, return_exceptions=True)

    # ------------------------------------------------------------ stepping down

    def _note(self, result: Recognised | HearingChanged) -> None:
        """What was understood need not be kept."""
        if isinstance(result, Recognised) and result.final:
            while self._kept and self._kept[0].at < result.ended:
                self._kept.popleft()
            self._spoke_at = min(self._spoke_at, result.ended) if self._spoke_at <= result.ended else self._spoke_at

    async def _step_down(self, failed: EarSession) -> AsyncIterator[Recognised | HearingChanged]:
        before = failed.hearing
        self._leave(failed)
        try:
            await self._step()
        except TryAgain:
            self._session = None
            yield HearingChanged(Hearing.KEYS)
            raise
        answer = await self._catch_up() if self._said_something() else None
        if self.hearing is not before:
            yield HearingChanged(self.hearing, answering=answer is not None)
        if answer is not None:
            self._note(answer)
            yield answer

    def _leave(self, session: EarSession) -> None:
        """A server that hangs may be slow to say goodbye to as well: nobody waits for it."""
        leaving = asyncio.create_task(session.close(), name="leave ears")
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def _said_something(self) -> bool:
        return bool(self._kept) and self._spoke_at >= self._kept[0].at and self._now - self._spoke_at < _RECENT_S

    async def _catch_up(self) -> Recognised | None:
        """What the new ears make of what was just said; None when it is nothing, or takes too long (then it comes later)."""
        try:
            async with asyncio.timeout(_CATCH_UP_S):
                while (result := await self._next_result()) is not None:
                    if isinstance(result, Recognised) and result.final:
                        return result if result.text or result.alarm else None
        except (TimeoutError, CarelineError):
            pass
        return None

    async def _step(self) -> None:
        """Onto the next rung that holds, with all that was not understood yet."""
        while self._rungs:
            ears = self._rungs.popleft()
            try:
                async with asyncio.timeout(_OPEN_S):
                    session = await ears.listen(self._language, self._hints)
            except (CarelineError, TimeoutError) as error:
                _log.warning("ears are passed over: %s", error or "they did not open in time")
                continue
            session.expect(*self._asked)
            for frame in self._kept:
                session.feed(frame)
            self._session, self._results = session, session.events()
            if self._coming is not None:
                self._coming.cancel()
                self._coming = None
            return
        raise TryAgain("no ears are left")


async def _next(results: AsyncIterator[Recognised | HearingChanged]) -> Recognised | HearingChanged | None:
    return await anext(results, None)
