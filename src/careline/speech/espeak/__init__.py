"""The embedded voice: espeak-ng, in a child process (it is GPL-3, and not thread-safe). English and Spanish, no download.

Sentences come out as they are made: the first audio within a few milliseconds. Robotic, and clear on a telephone.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from careline.children import Child, without_secrets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

_DEADLINE_S = 5.0
_LONGEST = 2000  # characters of one sentence; nothing the product says comes near


class EspeakVoice:
    """`ports.Voice`. `start` before use, `stop` at the end; a child that dies is started anew.

    `voices` names an espeak-ng voice for a language, such as `{"en": "en-gb+f3"}`; what it does not name keeps its own.
    """

    def __init__(self, voices: Mapping[str, str] | None = None) -> None:
        self._child = Child(
            "careline.speech.espeak.child",
            [f"{language}={voice}" for language, voice in (voices or {}).items()],
            name="espeak voice",
            environment=without_secrets(os.environ),
            hang_s=5.0,
        )

    @property
    def child(self) -> Child:
        return self._child

    async def start(self) -> None:
        await self._child.start()

    async def stop(self) -> None:
        await self._child.stop()

    async def render(self, text: str, language: str, pace: float) -> AsyncIterator[bytes]:
        """8 kHz pcm16 in pieces. Raises `TryAgain` when the child is away."""
        async for piece in self._child.stream((text[:_LONGEST], language, pace), _DEADLINE_S):
            yield cast(bytes, piece)
