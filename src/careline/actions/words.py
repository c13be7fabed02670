"""Fixed words, as the record and the journal keep them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter that sounds or looks like a digit


def as_word(text: str) -> str:
    """ "Asked for a person" becomes `asked_for_a_person`, at most 40 characters."""
    return re.sub(r"\W+", "_", text.strip().lower())[:40].strip("_")


def reference(row: UUID) -> str:
    """Six characters to call a row by, in a mail or aloud."""
    return "".join(_ALPHABET[row.int >> 5 * place & 31] for place in range(6))
