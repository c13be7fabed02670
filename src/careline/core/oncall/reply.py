"""The code by which a text can be answered with an acceptance: 7 digits (23 bits), one page, one person, one use, 15 minutes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

DIGITS = 7
LASTS = timedelta(minutes=15)
MOST_WRONG = 5
_TRY = 4  # fewer digits than this are somebody's "in 5 min", not a wrong code


class Meant(StrEnum):
    CODE = "code"
    WRONG = "wrong"  # digits, but no code there could be: counts as a wrong try
    TALK = "talk"


@dataclass(frozen=True, slots=True)
class Read:
    meant: Meant
    code: str = ""


def code_of(fingerprint: str) -> str:
    """From a keyed hash in hex that only the practice can make; the same hash gives the same code, so that a text sent again is
    the same text."""
    return f"{int(fingerprint[:16], 16) % 10**DIGITS:0{DIGITS}d}"


def read(text: str) -> Read:
    """ "482 1973" and "Accept 4821973." are codes; a text of other digits is a wrong one; words alone are talk."""
    digits = re.sub(r"\D", "", text)
    if len(digits) == DIGITS:
        return Read(Meant.CODE, digits)
    return Read(Meant.WRONG) if len(digits) >= _TRY else Read(Meant.TALK)
