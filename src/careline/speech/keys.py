"""Ears that hear no words: for languages and machines without a recogniser. The keys reach the conversation by themselves.

They still notice that somebody speaks, so that our own voice stops, and that somebody has spoken, so that the dialogue can say
that it takes keys only.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from careline.core.contact import Expect, Hearing
from careline.ports import Recognised
from careline.speech.endpoint import FRAME_S, PATIENCE_S, Endpointer, Turn, level

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from careline.ports import Frame

_STORY_PATIENCE_S = 2.0
_BARGE_IN_S = 0.2


class KeyEars:
    """`ports.Ears` without recognition."""

    async def listen(self, language: str, hints: Sequence[str]) -> KeySession:  # noqa: ARG002 - no words in any language
        return KeySession()


class KeySession:
    """One caller's `ports.EarSession`."""

    def __init__(self) -> None:
        self._turns = Endpointer(_STORY_PATIENCE_S)
        self._started, self._told = 0.0, False
        self._results: asyncio.Queue[Recognised | None] = asyncio.Queue()

    @property
    def hearing(self) -> Hearing:
        return Hearing.KEYS

    def expect(self, kind: Expect, options: Sequence[str], language: str) -> None:  # noqa: ARG002 - as above
        story = kind in (Expect.OPEN, Expect.NAME, Expect.NOTHING)
        self._turns.patience_s = _STORY_PATIENCE_S if story else PATIENCE_S[kind]

    def feed(self, frame: Frame) -> None:
        now = frame.at + FRAME_S
        turn = self._turns.frame(level(frame.pcm))
        if turn is Turn.STARTED:
            self._started, self._told = frame.at, False
        elif turn is Turn.ENDED:
            self._results.put_nowait(Recognised("", 0.0, self._started, now - self._turns.quiet_s))
        elif self._turns.speech_s >= _BARGE_IN_S and not self._told:
            self._told = True
            self._results.put_nowait(Recognised("", 0.0, self._started, now, final=False))

    async def events(self) -> AsyncIterator[Recognised]:
        while (result := await self._results.get()) is not None:
            yield result

    async def close(self) -> None:
        self._results.put_nowait(None)
