"""Row ids: UUID version 7 (RFC 9562), so that rows sort by when they were made and no id tells how many there are."""

from __future__ import annotations

import os
import time
import uuid


def new_id() -> uuid.UUID:
    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))


def uuid7(milliseconds: int, randomness: bytes) -> uuid.UUID:
    """48 bits of Unix time in milliseconds, then 74 of the 80 random bits given."""
    bits = int.from_bytes(randomness, "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (bits >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | bits & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=value)
