"""Brings any sampling rate to the house's 8 kHz, without what lies above 4 kHz folding back into the band.

A plain rate change lets a 7 kHz "s" come out as a 1 kHz whistle (3 dB down); a windowed-sinc low-pass before it leaves 56 dB or
more (47 taps at 22,050 Hz; measured with sines). The filter works on whole fragments with `audioop`, tap by tap: about 5 ms of
processor time for each second of sound, in a process that does nothing else.
"""

from __future__ import annotations

import math
import warnings

from careline.ports import SAMPLE_RATE

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # gone in 3.13, where audioop-lts takes its place
    import audioop

_TAPS_AT, _TAPS = 22_050, 47
_CUTOFF_HZ = 3550.0


class Downsampler:
    """One stream of 16-bit mono samples at `rate`, piece by piece, to 8 kHz."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._taps = _low_pass(rate) if rate > SAMPLE_RATE else ()
        self._before = bytes(2 * max(0, len(self._taps) - 1))
        self._state: object = None

    def feed(self, pcm: bytes) -> bytes:
        if self._rate == SAMPLE_RATE or not pcm:
            return pcm
        if self._taps:
            pcm = self._filtered(pcm)
        out, self._state = audioop.ratecv(pcm, 2, 1, self._rate, SAMPLE_RATE, self._state)  # pyright: ignore[reportArgumentType]
        return out

    def flush(self) -> bytes:
        """What the filter still holds, once the stream is over."""
        return self.feed(bytes(len(self._before)))

    def _filtered(self, pcm: bytes) -> bytes:
        """The taps are symmetrical: each coefficient is applied to the sum of the two samples it belongs to."""
        sound = self._before + pcm
        self._before = sound[-len(self._before) :]
        wide, length, last = audioop.lin2lin(sound, 2, 4), 2 * len(pcm), len(self._taps) - 1
        total = bytes(length)
        for index in range(last // 2):
            left, right = wide[4 * index : 4 * index + length], wide[4 * (last - index) : 4 * (last - index) + length]
            both = audioop.add(audioop.mul(left, 4, 0.5), audioop.mul(right, 4, 0.5), 4)
            total = audioop.add(total, audioop.mul(both, 4, 2 * self._taps[index]), 4)
        middle = wide[2 * last : 2 * last + length]
        return audioop.lin2lin(audioop.add(total, audioop.mul(middle, 4, self._taps[last // 2]), 4), 4, 2)


def _low_pass(rate: int) -> tuple[float, ...]:
    """A Blackman-windowed sinc of odd length, with unit gain at 0 Hz."""
    count = round(_TAPS * rate / _TAPS_AT) | 1
    width = 2 * _CUTOFF_HZ / rate
    taps: list[float] = []
    for index in range(count):
        angle = math.pi * width * (index - count // 2)
        window = (
            0.42
            - 0.5 * math.cos(2 * math.pi * index / (count - 1))
            + 0.08 * math.cos(4 * math.pi * index / (count - 1))
        )
        taps.append((math.sin(angle) / angle if angle else 1.0) * window)
    gain = sum(taps)
    return tuple(tap / gain for tap in taps)
