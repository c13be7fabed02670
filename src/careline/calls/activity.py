"""Whether somebody is speaking, from loudness alone: enough to stop talking when the caller does, and to notice silence.

The floor follows the quiet of the line downwards at once and upwards slowly, so a fan or a street becomes the floor and speech
does not. Recognisers judge speech themselves; this never decides what was said.
"""

from __future__ import annotations

from array import array

_FRAME_S = 0.02
_LEAST_LOUDNESS = 250.0  # mean absolute sample; a quiet telephone line lies below 100
_OVER_FLOOR = 3.0
_RISE = 0.01
_SAMPLE_EVERY = 4  # 40 of 160 samples tell loudness well and cost a quarter


def loudness(pcm: bytes) -> float:
    """Mean absolute value of 16-bit samples, 0 to 32768."""
    samples = array("h", pcm)[::_SAMPLE_EVERY]
    return sum(map(abs, samples)) / len(samples) if samples else 0.0


class Activity:
    """Feed every 20 ms frame. `speaking_s` is how long speech has gone on (short gaps bridged); `quiet_s` how long none has;
    `level` is the last frame's loudness."""

    def __init__(self, bridge_s: float = 0.2) -> None:
        self._floor, self._bridge_s = 100.0, bridge_s
        self.speaking_s = self.quiet_s = self.level = 0.0

    def feed(self, pcm: bytes) -> bool:
        """Whether this frame is loud."""
        level = self.level = loudness(pcm)
        loud = level > max(_LEAST_LOUDNESS, self._floor * _OVER_FLOOR)
        self._floor = min(level, self._floor) if level < self._floor else self._floor + (level - self._floor) * _RISE
        self._floor = max(self._floor, 1.0)
        if loud:
            self.speaking_s += _FRAME_S + (self.quiet_s if self.speaking_s > 0 else 0.0)
            self.quiet_s = 0.0
        else:
            self.quiet_s += _FRAME_S
            if self.quiet_s > self._bridge_s:
                self.speaking_s = 0.0
        return loud
