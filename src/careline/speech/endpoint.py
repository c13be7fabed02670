"""When a caller begins to speak, and when they have finished: from loudness alone, one decision per 20 ms frame.

                 3 of 5 frames loud             0.12 s quiet            patience is over
    QUIET ───────────────────────► SPEECH ────────────────► PAUSE ──────────────────────► QUIET
      ▲                              ▲       PAUSED           │             ENDED
      │          STARTED             └────────────────────────┘
      └── dropped when it was only a click             RESUMED

The noise floor falls to the line's quiet at once and rises towards steady noise (a fan, a street) within seconds, so speech
stands out of it and steady noise does not. `PAUSED` is an early hint: whoever recognises can begin, and throw the work away on
`RESUMED`.
Patience is set by what was asked: a yes or no is over sooner than a story. Pure: levels and patience in, turns out.
"""

from __future__ import annotations

import warnings
from collections import deque
from enum import StrEnum

from careline.core.contact import Expect

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # gone in 3.13, where audioop-lts takes its place
    import audioop

FRAME_S = 0.02
#: Seconds of quiet that end a turn, by what was asked.
PATIENCE_S = {
    Expect.YES_NO: 0.35,
    Expect.MENU: 0.35,
    Expect.DIGITS: 0.8,
    Expect.DATE: 0.8,
    Expect.NAME: 0.7,
    Expect.OPEN: 0.9,
    Expect.NOTHING: 0.9,
}
_PAUSE_S = 0.12
_LEAST_LEVEL = 180.0  # root mean square of 16-bit samples; a quiet line lies below 60, soft telephone speech above 300
_OVER_FLOOR = 2.8  # 9 dB
_RISE = 0.004  # of the way to the level, per frame: steady noise becomes the floor in about five seconds
_FALL = 0.2
_CLICK_FRAMES = 5  # fewer loud frames than these are a click, not a word


class Turn(StrEnum):
    """What a frame changed."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    ENDED = "ended"
    DROPPED = "dropped"  # it was a click


def level(pcm: bytes) -> float:
    """Root mean square of 16-bit samples, 0 to 32768, whatever their offset from zero."""
    return float(audioop.rms(audioop.bias(pcm, 2, -audioop.avg(pcm, 2)), 2)) if pcm else 0.0


class Endpointer:
    """One caller's turns. `patience_s` may be changed at any time and holds from the next frame."""

    def __init__(self, patience_s: float = PATIENCE_S[Expect.OPEN]) -> None:
        self.patience_s = patience_s
        self._floor = _LEAST_LEVEL / _OVER_FLOOR
        self._recent: deque[bool] = deque(maxlen=5)
        self._speaking = False
        self._quiet_frames = self._loud_frames = self._frames = 0

    @property
    def speaking(self) -> bool:
        return self._speaking

    @property
    def speech_s(self) -> float:
        """How long the turn has gone on, its pauses included, the quiet at its end not."""
        return (self._frames - self._quiet_frames) * FRAME_S if self._speaking else 0.0

    @property
    def quiet_s(self) -> float:
        """How long it has been quiet within the turn."""
        return self._quiet_frames * FRAME_S

    def frame(self, loudness: float) -> Turn | None:
        """Take one frame's level; say what it changed."""
        loud = loudness > max(_LEAST_LEVEL, self._floor * _OVER_FLOOR)
        self._floor += (loudness - self._floor) * (_FALL if loudness < self._floor else _RISE)
        self._recent.append(loud)
        if not self._speaking:
            return self._start() if sum(self._recent) >= 3 else None
        self._frames += 1
        if loud:
            paused, self._quiet_frames = self._quiet_frames * FRAME_S >= _PAUSE_S, 0
            self._loud_frames += 1
            return Turn.RESUMED if paused else None
        self._quiet_frames += 1
        if self._quiet_frames * FRAME_S + 1e-9 >= self.patience_s:
            return self._end()
        return Turn.PAUSED if self._quiet_frames == round(_PAUSE_S / FRAME_S) else None

    def end(self) -> Turn | None:
        """End the turn now, however the caller goes on: it has become longer than any answer."""
        return self._end() if self._speaking else None

    def _start(self) -> Turn:
        self._speaking, self._quiet_frames = True, 0
        self._frames = self._loud_frames = sum(self._recent)
        return Turn.STARTED

    def _end(self) -> Turn:
        self._speaking = False
        self._recent.clear()
        return Turn.ENDED if self._loud_frames >= _CLICK_FRAMES else Turn.DROPPED
