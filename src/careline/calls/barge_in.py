"""Whether somebody who makes a sound while we speak wants us to stop.

    loud for 80 ms ──► judge ──► speech, open lips, near the telephone, not our own voice ──► stop
                        ▲  │ no
                        └──┘ again every 40 ms, later every 240 ms

A hum of agreement, a cough, a television and our own echo are none of these. Without a judge loudness alone decides, after 0.2 s.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from careline.core.errors import CarelineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from careline.core.hearing import Judge, Verdict

_FIRST_S, _AGAIN_S, _ALONE_S = 0.08, 0.04, 0.2
#: A sound that was no interruption for this long is asked about less often.
_OLD_S, _SELDOM_S = 0.4, 0.24
_KEPT = 16  # frames: 0.32 s
_SPEECH, _ECHO, _BRIGHT = 0.6, 0.5, 0.32
#: A voice in the room, not at the telephone, stays below this (root mean square; telephone speech lies from 600 on).
FAINT = 450.0


def interrupts(verdict: Verdict) -> bool:
    """What counts as wanting to speak."""
    near = verdict.level >= FAINT and verdict.brightness >= _BRIGHT
    return near and verdict.speech >= _SPEECH and verdict.echo < _ECHO


class BargeIn:
    """One leg's. `own` tells what we have been saying up to now; `stop` is called at most once per stretch of sound."""

    def __init__(self, judge: Judge | None, own: Callable[[], bytes], stop: Callable[[], None]) -> None:
        self._judge, self._own, self._stop = judge, own, stop
        self._heard: deque[bytes] = deque(maxlen=_KEPT)
        self._asked_s = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._alone = judge is None
        self._stopped = False

    def feed(self, pcm: bytes, loud_s: float, *, speaking: bool) -> None:
        """One frame. `loud_s`: how long the line has been loud; `speaking`: whether we are."""
        self._heard.append(pcm)
        if not loud_s:
            self._stopped, self._asked_s, self._alone = False, 0.0, self._judge is None
        if not speaking or self._stopped or not loud_s:
            return
        if self._alone:
            if loud_s >= _ALONE_S:
                self._do_stop()
        elif self._asking is None and loud_s >= max(_FIRST_S, self._asked_s + self._pause()):
            self._asked_s = loud_s
            self._asking = asyncio.create_task(self._ask(), name="barge in")

    def _pause(self) -> float:
        return (_AGAIN_S if self._asked_s < _OLD_S else _SELDOM_S) - 1e-6

    async def judged(self) -> None:
        """Until what was asked of the judge is answered."""
        if self._asking is not None:
            await asyncio.wait([self._asking])

    def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self) -> None:
        try:
            if self._judge is not None and interrupts(await self._judge.judge(b"".join(self._heard), self._own())):
                self._do_stop()
        except CarelineError:
            self._alone = True  # until the line is quiet again
        finally:
            self._asking = None

    def _do_stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            self._stop()
