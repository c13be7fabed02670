"""The embedded ears: pocketsphinx with closed grammars, in child processes. English yes/no and menus; no download.

Each stretch of speech is one request, whole and repeatable, so a child that dies in the middle of a sentence costs nothing: the
same sound goes to the next one. Recognition starts in the first pause of a caller, while the end of the turn is still being
waited for, and is thrown away when they go on; its 100 ms thereby cost no time. Free speech is not understood at this quality
(41 to 76 % of words wrong): it is only searched for red flags, which may raise an alarm and never lower one. In other languages
these ears hear keys only, and say so.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from typing import TYPE_CHECKING, cast

from careline.children import Child, Pool, without_secrets
from careline.core.contact import Expect, Hearing
from careline.core.errors import TryAgain
from careline.ports import FRAME_BYTES, Frame, Recognised
from careline.speech.endpoint import FRAME_S, PATIENCE_S, Endpointer, Turn, level
from careline.speech.pocketsphinx.grammar import Answer, Listen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    Recogniser = Callable[[Listen], Awaitable[Answer]]

_DEADLINE_S = 1.2
_BEFORE_FRAMES = 15  # 300 ms from before the first loud frame: soft beginnings ("h", "y") are not loud
_BARGE_IN_S = 0.2
_CLOSED = (Expect.YES_NO, Expect.MENU)
_LONGEST_ANSWER_S = 8.0
#: Free speech that is only kept for a person to hear: people who tell something pause to think.
_STORY_PATIENCE_S, _LONGEST_STORY_S = 2.0, 90.0
_WINDOW_S, _OVERLAP_S = 4.0, 1.0  # how free speech is searched while it goes on


class PocketsphinxEars:
    """`ports.Ears`. `start` before use, `stop` at the end. `processes`: each takes 0.15 s for an answer."""

    def __init__(self, processes: int = 2) -> None:
        environment = without_secrets(os.environ)
        self._pool = Pool(
            [
                Child("careline.speech.pocketsphinx.child", name=f"ears {n}", environment=environment, hang_s=3.0)
                for n in range(processes)
            ]
        )

    @property
    def pool(self) -> Pool:
        return self._pool

    async def start(self) -> None:
        await self._pool.start()

    async def stop(self) -> None:
        await self._pool.stop()

    async def listen(self, language: str, hints: Sequence[str]) -> ClosedSession:  # noqa: ARG002 - closed grammars take none
        return ClosedSession(self._recognise, language)

    async def _recognise(self, listen: Listen) -> Answer:
        return cast(Answer, await self._pool.call(listen, _DEADLINE_S))


class ClosedSession:
    """One caller's `ports.EarSession`. Its events end with `TryAgain` when no process recognises in time: they have gone."""

    def __init__(self, recognise: Recogniser, language: str) -> None:
        self._recognise = recognise
        self._language = language
        self._expect, self._options = Expect.OPEN, ()
        self._turns = Endpointer(_STORY_PATIENCE_S)
        self._before: deque[Frame] = deque(maxlen=_BEFORE_FRAMES)
        self._speech = bytearray()
        self._started = self._now = 0.0
        self._guess: asyncio.Task[Answer] | None = None
        self._windows: list[asyncio.Task[Answer]] = []
        self._searched = 0  # bytes of this turn already searched for red flags
        self._told = False
        self._results: asyncio.Queue[Recognised | asyncio.Task[Recognised] | None] = asyncio.Queue()

    @property
    def hearing(self) -> Hearing:
        return Hearing.CLOSED if self._language == "en" else Hearing.KEYS

    def expect(self, kind: Expect, options: Sequence[str], language: str) -> None:
        if (kind, tuple(options), language) != (self._expect, self._options, self._language):
            self._forget_guess()  # it was made with the grammar of an earlier question
        self._expect, self._options, self._language = kind, tuple(options), language
        self._turns.patience_s = PATIENCE_S[kind] if self._answering else _STORY_PATIENCE_S

    @property
    def _answering(self) -> bool:
        return self._expect in _CLOSED

    def feed(self, frame: Frame) -> None:
        self._now = frame.at + FRAME_S
        turn = self._turns.frame(level(frame.pcm))
        if turn is Turn.STARTED:
            self._begin(frame)
        elif self._turns.speaking or turn is not None:
            self._speech += frame.pcm
        else:
            self._before.append(frame)
        match turn:
            case Turn.PAUSED if self._answering:
                self._guess = self._ask(bytes(self._speech), self._expect)
            case Turn.RESUMED:
                self._forget_guess()
            case Turn.ENDED:
                self._finish()
            case Turn.DROPPED:
                self._reset()
            case _:
                self._while_speaking()

    async def events(self) -> AsyncIterator[Recognised]:
        while (result := await self._results.get()) is not None:
            yield result if isinstance(result, Recognised) else await result

    async def close(self) -> None:
        self._reset()
        self._results.put_nowait(None)

    # ------------------------------------------------------------ one turn

    def _begin(self, frame: Frame) -> None:
        self._reset()
        before = [*self._before, frame]
        self._before.clear()
        self._started = before[0].at
        self._speech = bytearray(b"".join(each.pcm for each in before))

    def _while_speaking(self) -> None:
        if not self._turns.speaking:
            return
        if not self._told and self._turns.speech_s >= _BARGE_IN_S:
            self._told = True
            self._results.put_nowait(Recognised("", 0.0, self._started, self._now, final=False))
        length_s = len(self._speech) / FRAME_BYTES * FRAME_S
        if length_s >= (_LONGEST_ANSWER_S if self._answering else _LONGEST_STORY_S):
            self._turns.end()
            self._finish()
        elif not self._answering and length_s - _seconds(self._searched) >= _WINDOW_S:
            self._search_window()

    def _search_window(self) -> None:
        start = max(0, self._searched - _bytes(_OVERLAP_S))
        self._searched = len(self._speech)
        self._windows.append(self._ask(bytes(self._speech[start:]), Expect.OPEN))

    def _finish(self) -> None:
        started, ended = self._started, self._now - self._turns.quiet_s
        if self._answering:
            asked = self._guess or self._ask(bytes(self._speech), self._expect)
            self._guess = None
            heard = asyncio.create_task(self._decide([asked], started, ended))
        else:
            self._search_window()
            heard = asyncio.create_task(self._decide(self._windows, started, ended))
            self._windows = []
        self._results.put_nowait(heard)
        self._reset()

    async def _decide(self, asked: list[asyncio.Task[Answer]], started: float, ended: float) -> Recognised:
        answers = await asyncio.gather(*asked, return_exceptions=True)
        good = [answer for answer in answers if isinstance(answer, Answer)]
        if not good:
            raise TryAgain("no recogniser answers")
        return Recognised(good[-1].text, good[-1].confidence, started, ended, alarm=any(one.alarm for one in good))

    def _ask(self, pcm: bytes, kind: Expect) -> asyncio.Task[Answer]:
        listen = Listen(pcm, kind if self._language == "en" else Expect.OPEN, self._options, self._language)
        return asyncio.create_task(_answer(self._recognise, listen))

    def _forget_guess(self) -> None:
        if self._guess is not None:
            self._guess.cancel()
            self._guess = None

    def _reset(self) -> None:
        self._forget_guess()
        for window in self._windows:
            window.cancel()
        self._windows = []
        self._speech, self._searched, self._told = bytearray(), 0, False


async def _answer(recognise: Recogniser, listen: Listen) -> Answer:
    return await recognise(listen)


def _seconds(size: int) -> float:
    return size / FRAME_BYTES * FRAME_S


def _bytes(seconds: float) -> int:
    return round(seconds / FRAME_S) * FRAME_BYTES
