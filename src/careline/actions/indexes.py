"""Blind indexes: values made alike, then hashed under the practice's key, so that exact look-ups work without clear text."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from careline.storage.transactions import keys_of

if TYPE_CHECKING:
    from datetime import date

    from careline.core.people import Private
    from careline.storage.transactions import Tx


def phone_index(tx: Tx, number: Private | None) -> str:
    """By the last ten digits, so that +1 and its absence are the same; empty for what has too few to tell anybody apart."""
    digits = re.sub(r"\D", "", number.reveal())[-10:] if number is not None else ""
    return keys_of(tx.practice).fingerprint("phone", digits) if len(digits) >= 7 else ""


def name_index(tx: Tx, name: Private | None) -> str:
    """Without case, accents, punctuation or order: "García, Ana" and "ana garcia" are the same."""
    if name is None or not name:
        return ""
    plain = unicodedata.normalize("NFKD", name.reveal().casefold())
    words = sorted(re.findall(r"[a-z0-9]+", "".join(char for char in plain if not unicodedata.combining(char))))
    return keys_of(tx.practice).fingerprint("name", " ".join(words)) if words else ""


def birth_index(tx: Tx, born: date | None) -> str:
    return keys_of(tx.practice).fingerprint("born", born.isoformat()) if born is not None else ""
