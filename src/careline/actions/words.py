"""Fixed words, as the record and the journal keep them."""

from __future__ import annotations

import re


def as_word(text: str) -> str:
    """ "Asked for a person" becomes `asked_for_a_person`, at most 40 characters."""
    return re.sub(r"\W+", "_", text.strip().lower())[:40].strip("_")
