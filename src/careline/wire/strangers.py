"""What strangers write, before anybody reads it."""

from __future__ import annotations

import unicodedata


def cleaned(text: str, longest: int) -> str:
    """Without control and format characters (line breaks become spaces), in the composed form of Unicode. Of a flood, no more
    is looked at than could become `longest` characters; the caller cuts to that and says so where it can."""
    if len(text) > 16 * longest:
        text = text[: 16 * longest]
    plain = "".join(" " if char in "\r\n\t" else char for char in text)
    kept = "".join(char for char in plain if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"))
    return unicodedata.normalize("NFC", kept)
