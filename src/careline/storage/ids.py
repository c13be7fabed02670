"""Row ids: UUID version 7 (RFC 9562), so that rows sort by when they were made and no id tells how many there are."""

from __future__ import annotations

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = [0]


def new_id() -> uuid.UUID:
    """Greater than every id this process has made before, so that rows of one moment keep their order too."""
    made = uuid7(time.time_ns() // 1_000_000, os.urandom(10)).int
    with _lock:
        _last[0] = made if made > _last[0] else _last[0] + 1
        return uuid.UUID(int=_last[0])


def uuid7(milliseconds: int, randomness: bytes) -> uuid.UUID:
    """48 bits of Unix time in milliseconds, then 74 of the 80 random bits given."""
    bits = int.from_bytes(randomness, "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (bits >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | bits & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=value)
