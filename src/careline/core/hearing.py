"""What a line sounds like at this moment, and who can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the last moments of a line sound like. `speech` and `echo` (of our own voice) from 0 to 1; `brightness` is low for a
    hum; `level` is the root mean square of 16-bit samples."""

    speech: float
    echo: float
    brightness: float
    level: float


class Judge(Protocol):
    """Tells speech from other sounds, and our own voice from the caller's."""

    async def judge(self, heard: bytes, own: bytes) -> Verdict:
        """`heard` is the line up to now, `own` what we have been saying. Raises `TryAgain` when it cannot tell in time."""
        ...
