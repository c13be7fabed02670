"""G.711 between the line's 8 bits and the house's signed 16-bit little-endian samples (ITU-T G.711, 8 kHz mono).

`audioop` costs 0.2 µs to decode and 0.9 µs to encode 20 ms; byte tables (`bytes.translate`, `itemgetter`) 1.3 and 6 µs, measured
on Python 3.11. It left the standard library in 3.13, where the `audioop-lts` package carries it on under the same name; the
deprecation notice of 3.11 and 3.12 is for the importing code, so it is silenced here and nowhere else.
"""

from __future__ import annotations

import warnings
from enum import Enum

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop


class Law(Enum):
    """Which of the two compandings; the value is its static RTP payload type (RFC 3551, table 4)."""

    MU = 0
    A = 8

    @property
    def silence(self) -> int:
        """The byte that stands for silence."""
        return 0xFF if self is Law.MU else 0xD5


def decode(law: Law, coded: bytes) -> bytes:
    """One byte per sample in, two out."""
    return audioop.ulaw2lin(coded, 2) if law is Law.MU else audioop.alaw2lin(coded, 2)


def encode(law: Law, pcm: bytes) -> bytes:
    """Two bytes per sample in, one out. `pcm` must hold whole samples."""
    return audioop.lin2ulaw(pcm, 2) if law is Law.MU else audioop.lin2alaw(pcm, 2)
