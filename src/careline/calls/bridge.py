"""Joins the voices on a call: each party hears all the others, mixed, 20 ms at a time.

A party's own frame is its clock: with each one that arrives, what the others have said since is mixed and played to it. No
timer runs, nothing drifts, and what waits for a party whose frames stall is dropped beyond half a second.

Samples are signed 16-bit at 8 kHz; a frame is 320 bytes.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from typing import TYPE_CHECKING

from careline.ports import FRAME_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CALLER, AGENT = "caller", "agent"
_MOST_WAITING = 25
_SILENCE = bytes(FRAME_BYTES)
_LOW, _HIGH = -32768, 32767
_HOLD_EVERY_S = 8.0


class Bridge:
    """Who hears whom. The caller is always in; the assistant's voice is only heard by others, it has a way of its own to them."""

    def __init__(self, play_caller: Callable[[bytes], None]) -> None:
        self._plays: dict[str, Callable[[bytes], None]] = {CALLER: play_caller}
        self._waiting: dict[str, dict[str, deque[bytes]]] = {CALLER: {}}
        self._mute: set[str] = set()
        self._held_frames: int | None = None

    @property
    def open(self) -> bool:
        """Whether anybody but the caller and the assistant is in."""
        return len(self._plays) > 1

    @property
    def held(self) -> bool:
        return self._held_frames is not None

    def join(self, name: str, play: Callable[[bytes], None], *, speaks: bool = True) -> None:
        """`play` takes 20 ms at a time. Whoever does not speak only listens."""
        self._plays[name], self._waiting[name] = play, {}
        if not speaks:
            self._mute.add(name)

    def leave(self, name: str) -> None:
        self._plays.pop(name, None)
        self._waiting.pop(name, None)
        self._mute.discard(name)
        for heard in self._waiting.values():
            heard.pop(name, None)

    def hold(self, *, on: bool) -> None:
        """On hold the caller hears a quiet sign every few seconds that the line lives, and nobody hears the caller."""
        self._held_frames = 0 if on else None
        for heard in self._waiting.values():
            heard.clear()

    def say(self, name: str, pcm: bytes) -> None:
        """Let the others hear this; any length. What the assistant says goes to the caller by its own way."""
        if name in self._mute or (self.held and name == CALLER):
            return
        for listener, heard in self._waiting.items():
            if listener == name or (listener == CALLER and (name == AGENT or self.held)):
                continue
            queue = heard.setdefault(name, deque(maxlen=_MOST_WAITING))
            queue.extend(pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm), FRAME_BYTES))

    def frame(self, name: str, pcm: bytes) -> None:
        """One 20 ms frame of a party: the others will hear it, and now it hears what they have said."""
        if name not in self._plays:
            return
        self.say(name, pcm)
        if name == CALLER and self._held_frames is not None:
            self._plays[name](_hold_frame(self._held_frames))
            self._held_frames += 1
            return
        heard = [queue.popleft() for queue in self._waiting[name].values() if queue]
        if self.open or heard:
            self._plays[name](mixed(heard))


def mixed(frames: Sequence[bytes]) -> bytes:
    """The sum of frames, clipped; silence when there is none."""
    if len(frames) < 2:
        return frames[0].ljust(FRAME_BYTES, b"\0") if frames else _SILENCE
    sums = [0] * (FRAME_BYTES // 2)
    for frame in frames:
        for place, sample in enumerate(array("h", frame)):
            sums[place] += sample
    return array("h", (min(_HIGH, max(_LOW, value)) for value in sums)).tobytes()


def _hold_frame(number: int) -> bytes:
    place = number % round(_HOLD_EVERY_S / 0.02)
    return _HOLD_SIGN[place] if place < len(_HOLD_SIGN) else _SILENCE


def _sign() -> tuple[bytes, ...]:
    """Two soft notes of 0.2 s, swelling and fading so that they do not click."""
    samples: list[int] = []
    count = SAMPLE_RATE // 5
    for pitch in (523.25, 659.25):
        for n in range(count):
            swell = math.sin(math.pi * n / count)
            samples.append(round(1500 * swell * math.sin(2 * math.pi * pitch * n / SAMPLE_RATE)))
    pcm = array("h", samples).tobytes()
    return tuple(pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm), FRAME_BYTES))


_HOLD_SIGN = _sign()
