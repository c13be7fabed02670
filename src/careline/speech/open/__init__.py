"""Open ears: free speech, whoever recognises it. When a turn is over is decided here, by sound and by words.

    frames ──► Endpointer ──► STARTED: a scribe begins      PAUSED: it settles, while the quiet is still being waited for
                              RESUMED: the words were not all     ENDED: the settled words are the turn

The words of the pause set how long it is waited out (`patience`). A recogniser that fails, or needs longer than `SETTLE_S`, ends
the events with `TryAgain`: the ladder goes on with other ears and the same sound.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from careline.core.contact import Expect, Hearing
from careline.core.errors import CarelineError, TryAgain
from careline.core.language.turns import LONGEST_S, patience
from careline.ports import Recognised
from careline.speech.endpoint import FRAME_S, Endpointer, Turn, level
from careline.speech.open.scribe import MOST_HINTS, SETTLE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from careline.ports import Frame
    from careline.speech.open.scribe import Caller, Recogniser, Scribe
    from careline.wire.transcripts import Transcript

_BEFORE_FRAMES = 15  # 300 ms from before the first loud frame: soft beginnings ("h", "y") are not loud
_BARGE_IN_S = 0.2
_LONGEST_ANSWER_S, _LONGEST_STORY_S = 10.0, 90.0
_CLOSED = (Expect.YES_NO, Expect.MENU)
#: Less sure than this, a text is not used: a guess at a yes or no would be taken for an answer.
_SURE_CLOSED, _SURE_OPEN = 0.5, 0.3
#: Stretches in a row of which no word was understood, until these ears are given up.
_MOST_NONSENSE = 4


class OpenEars:
    """`ports.Ears` over a recogniser."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser

    async def start(self) -> None:
        await self._recogniser.start()

    async def stop(self) -> None:
        await self._recogniser.stop()

    async def listen(self, language: str, hints: Sequence[str]) -> OpenSession:
        return OpenSession(await self._recogniser.open(language, tuple(hints)[:MOST_HINTS]), language)


class OpenSession:
    """One caller's `ports.EarSession`."""

    def __init__(self, caller: Caller, language: str) -> None:
        self._caller, self._language = caller, language
        self._expect = Expect.OPEN
        self._turns = Endpointer(LONGEST_S)
        self._before: deque[Frame] = deque(maxlen=_BEFORE_FRAMES)
        self._scribe: Scribe | None = None
        self._settling: asyncio.Task[Transcript] | None = None
        self._started = self._now = 0.0
        self._frames = self._nonsense = 0
        self._told = False
        self._said = ""
        self._results: asyncio.Queue[Recognised | asyncio.Task[Recognised] | None] = asyncio.Queue()

    @property
    def hearing(self) -> Hearing:
        return Hearing.OPEN

    def expect(self, kind: Expect, options: Sequence[str], language: str) -> None:  # noqa: ARG002 - heard in any words
        self._expect, self._language = kind, language
        self._set_patience()

    def feed(self, frame: Frame) -> None:
        self._now = frame.at + FRAME_S
        turn = self._turns.frame(level(frame.pcm))
        if turn is Turn.STARTED:
            self._begin(frame)
        elif self._scribe is not None:
            self._scribe.feed(frame.pcm)
            self._frames += 1
        else:
            self._before.append(frame)
        match turn:
            case Turn.PAUSED:
                self._settle()
            case Turn.RESUMED:
                self._forget()
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
        await self._caller.close()

    # ------------------------------------------------------------ one turn

    def _begin(self, frame: Frame) -> None:
        self._reset()
        before = [*self._before, frame]
        self._before.clear()
        self._started = before[0].at
        self._scribe = self._caller.begin(self._language, self._partial)
        for each in before:
            self._scribe.feed(each.pcm)
        self._frames = len(before)

    def _partial(self, transcript: Transcript) -> None:
        if transcript.text and transcript.text != self._said:
            self._said = transcript.text
            self._results.put_nowait(self._recognised(transcript, self._started, self._now, final=False))

    def _while_speaking(self) -> None:
        if not self._turns.speaking:
            return
        if not self._told and self._turns.speech_s >= _BARGE_IN_S:
            self._told = True
            self._results.put_nowait(Recognised("", 0.0, self._started, self._now, final=False))
        longest = _LONGEST_ANSWER_S if self._expect in _CLOSED else _LONGEST_STORY_S
        if self._frames * FRAME_S >= longest:
            self._turns.end()
            self._finish()

    def _settle(self) -> None:
        if self._scribe is not None and self._settling is None:
            self._settling = asyncio.create_task(_settled(self._scribe))
            self._settling.add_done_callback(self._have_words)

    def _have_words(self, settling: asyncio.Task[Transcript]) -> None:
        """The words are there while the quiet is still being waited out: they say how long."""
        if settling is self._settling and not settling.cancelled() and settling.exception() is None:
            self._said = settling.result().text
            self._set_patience()

    def _set_patience(self) -> None:
        self._turns.patience_s = patience(self._expect, self._said if self._scribe else "", self._language)

    def _forget(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None

    def _finish(self) -> None:
        scribe, settling = self._scribe, self._settling
        if scribe is None:
            return
        self._scribe = self._settling = None
        asked = settling or asyncio.create_task(_settled(scribe))
        ended = self._now - self._turns.quiet_s
        self._results.put_nowait(asyncio.create_task(self._conclude(scribe, asked, self._started, ended)))
        self._reset()

    async def _conclude(
        self, scribe: Scribe, asked: asyncio.Task[Transcript], started: float, ended: float
    ) -> Recognised:
        try:
            transcript = await asked
        finally:
            scribe.drop()
        sure = _SURE_CLOSED if self._expect in _CLOSED else _SURE_OPEN
        understood = bool(transcript.text) and transcript.confidence >= sure
        self._nonsense = 0 if understood else self._nonsense + 1
        if self._nonsense >= _MOST_NONSENSE:
            raise TryAgain("nothing was understood several times in a row")
        if not understood:
            return Recognised("", 0.0, started, ended)
        return self._recognised(transcript, started, ended, final=True)

    def _recognised(self, transcript: Transcript, started: float, ended: float, *, final: bool) -> Recognised:
        words = transcript.later(started).words
        return Recognised(transcript.text, transcript.confidence, started, ended, final, words=words)

    def _reset(self) -> None:
        self._forget()
        if self._scribe is not None:
            self._scribe.drop()
        self._scribe, self._told, self._said, self._frames = None, False, "", 0
        self._set_patience()


async def _settled(scribe: Scribe) -> Transcript:
    """Whatever goes wrong with a recogniser is `TryAgain`: its owner steps down."""
    try:
        async with asyncio.timeout(SETTLE_S):
            return await scribe.settle()
    except TimeoutError as error:
        raise TryAgain("the recogniser is too slow") from error
    except TryAgain:
        raise
    except CarelineError as error:
        raise TryAgain(str(error)) from error
