"""flite, where it is installed: a friendlier English voice than espeak-ng's, as a program of its own for each sentence."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import struct
from typing import TYPE_CHECKING

from careline.core.errors import Refused, TryAgain
from careline.speech.resample import Downsampler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_HEAD = 44
_DEADLINE_S = 3.0
_PIECE = 6400
_LONGEST = 2000


class FliteVoice:
    """`ports.Voice` for English; other languages raise `TryAgain`, and the next voice of the ladder says them."""

    def __init__(self, voice: str = "slt") -> None:
        self._voice = voice
        self._program = shutil.which("flite")
        if self._program is None:
            raise Refused("flite is not installed: `apt install flite`, or choose another CARELINE_VOICE")

    async def start(self) -> None:
        """Nothing runs between sentences."""

    async def stop(self) -> None:
        """As above."""

    async def render(self, text: str, language: str, pace: float) -> AsyncIterator[bytes]:
        if language != "en":
            raise TryAgain("flite speaks English only")
        made = await self._run(text[:_LONGEST], 1.0 / min(max(pace, 0.5), 2.0))
        if len(made) <= _HEAD or made[:4] != b"RIFF":
            raise TryAgain("flite made no sound")
        (rate,) = struct.unpack_from("<I", made, 24)
        telephone = Downsampler(rate)
        for start in range(_HEAD, len(made) // 2 * 2, _PIECE):
            yield telephone.feed(made[start : start + _PIECE])
        yield telephone.flush()

    async def _run(self, text: str, stretch: float) -> bytes:
        process = await asyncio.create_subprocess_exec(
            str(self._program), "-voice", self._voice, "--setf", f"duration_stretch={stretch:.2f}", "-t", text, "-o",
            "/dev/stdout", stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(_DEADLINE_S):
                made, _ = await process.communicate()
        except TimeoutError as error:
            raise TryAgain("flite did not answer in time") from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return made
