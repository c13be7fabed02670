"""RTP packets (RFC 3550, section 5.1): bytes to values and back.

Strict about lengths, since a length that lies is garbage or an attack; tolerant of what a peer may legally add and we do not
need: contributing sources, header extensions, padding.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from careline.core.errors import WireError

_HEADER = struct.Struct("!BBHII")
_EXTENSION = struct.Struct("!HH")
HEADER_BYTES = _HEADER.size


class RtpPacket(NamedTuple):
    """`timestamp` counts samples (8,000 a second for G.711), modulo 2**32; `sequence` counts packets, modulo 2**16.

    A tuple, because a hundred are made per leg and second.
    """

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False


def parse(data: bytes) -> RtpPacket:
    """Raises WireError for anything that is not one whole RTP packet (RTCP, STUN, garbage, a truncated packet)."""
    if len(data) < HEADER_BYTES:
        raise WireError("RTP packet shorter than its header")
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first >> 6 != 2:
        raise WireError("not RTP version 2")
    if first & 0x3F == 0:
        start, end = HEADER_BYTES, len(data)
    else:
        start, end = _payload_bounds(first, data)
    return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, data[start:end], second >= 0x80)


def _payload_bounds(first: int, data: bytes) -> tuple[int, int]:
    start, end = HEADER_BYTES + 4 * (first & 0x0F), len(data)
    if first & 0x10:
        if end < start + _EXTENSION.size:
            raise WireError("RTP header extension cut short")
        start += _EXTENSION.size + 4 * _EXTENSION.unpack_from(data, start)[1]
    if start > end:
        raise WireError("RTP header longer than its packet")
    if first & 0x20:
        padding = data[-1]
        if padding == 0 or start + padding > end:
            raise WireError("RTP padding longer than its packet")
        end -= padding
    return start, end


def build(packet: RtpPacket) -> bytes:
    kind, sequence, timestamp, ssrc, payload, marker = packet
    return _HEADER.pack(0x80, kind | 0x80 if marker else kind, sequence, timestamp, ssrc) + payload


def unwrap(value: int, near: int, bits: int) -> int:
    """The unbounded counter closest to `near` whose low `bits` are `value`: counters in packets wrap, time does not."""
    span = 1 << bits
    distance = (value - near) & (span - 1)
    return near + (distance - span if distance >= span >> 1 else distance)
