"""piper with a voice of the operator's (`pip install piper-tts`; GPL-3, so in a process of its own)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from careline.children import Child, without_secrets
from careline.core.errors import Refused, TryAgain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_DEADLINE_S = 20.0
_LONGEST = 2000


class PiperVoice:
    """`ports.Voice` for the one language its file speaks, such as `en_US-name-medium.onnx` with its `.json` beside it."""

    def __init__(self, file: str, language: str = "en") -> None:
        if not Path(file).is_file() or not Path(f"{file}.json").is_file():
            raise Refused(f"there is no piper voice at {file!r}: it is a pair of files, NAME.onnx and NAME.onnx.json")
        self._language = language
        self._child = Child(
            "careline.speech.piper.child", [file], name="piper voice", environment=without_secrets(os.environ)
        )

    async def start(self) -> None:
        """Raises `TryAgain` when the file is no voice, or piper is not installed; the process's own report is in the log."""
        await self._child.start(30.0)

    async def stop(self) -> None:
        await self._child.stop()

    async def render(self, text: str, language: str, pace: float) -> AsyncIterator[bytes]:
        if language != self._language:
            raise TryAgain("this voice speaks another language")
        async for piece in self._child.stream((text[:_LONGEST], pace), _DEADLINE_S):
            yield cast(bytes, piece)
