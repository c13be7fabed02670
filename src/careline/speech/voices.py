"""Voices on a ladder: the configured one first, and the next as soon as it fails or is slow, also in the middle of a sentence.

    configured ──► espeak-ng ──► (nothing can be rendered: the recorded words, and a person; `core.dialogue`)

A voice that failed rests for a while, so that only one sentence waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from careline.core.errors import CarelineError, TryAgain
from careline.ports import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from careline.ports import Voice

_log = logging.getLogger("careline.speech")
#: How long the first sound, and any further piece, may take.
_PATIENCE_S = 0.7
_REST_S = 15.0
_LETTERS_S = 14.0  # letters spoken in a second, roughly: where another voice goes on


class LadderVoice:
    """`ports.Voice` over several."""

    def __init__(self, rungs: Sequence[Voice]) -> None:
        self._rungs = tuple(rungs)
        self._rests_until = [0.0] * len(self._rungs)

    async def render(self, text: str, language: str, pace: float) -> AsyncIterator[bytes]:
        """Raises `TryAgain` when no voice can say it."""
        loop, rest = asyncio.get_running_loop(), text
        order = sorted(range(len(self._rungs)), key=lambda number: self._rests_until[number] > loop.time())
        for number in order:
            made, failure = 0, None
            pieces = aiter(self._rungs[number].render(rest, language, pace))
            while True:
                try:
                    async with asyncio.timeout(_PATIENCE_S):
                        piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                except (CarelineError, TimeoutError) as error:
                    failure = error
                    break
                made += len(piece)
                yield piece
            _log.warning("voice %d of %d steps down: %s", number + 1, len(self._rungs), failure or "too slow")
            self._rests_until[number] = loop.time() + _REST_S
            rest = _after(rest, made / (2 * SAMPLE_RATE) * pace * _LETTERS_S)
        raise TryAgain("no voice can speak")


def _after(text: str, letters: float) -> str:
    """What is left to say, from the beginning of the word that was being said."""
    if not letters:
        return text
    start = text.rfind(" ", 0, round(letters)) + 1
    return text[start:] or text
