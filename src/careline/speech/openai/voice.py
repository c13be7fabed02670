"""A voice on any server that speaks OpenAI's speech API. The sound is taken raw (24 kHz), as it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from careline.core.errors import Refused, TryAgain
from careline.speech.resample import Downsampler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from careline.speech.openai import OpenAiServer

_RATE = 24_000  # of `response_format: pcm`, by its documentation
_PIECE = 4800
_MOST_BYTES = 2 * _RATE * 120
_LONGEST = 2000


class OpenAiVoice:
    """`ports.Voice` over HTTP. `start` before use, `stop` at the end."""

    def __init__(self, server: OpenAiServer, voice: str = "alloy") -> None:
        self._server, self._voice = server, voice
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        timeout = aiohttp.ClientTimeout(total=30.0, connect=1.0)
        self._session = aiohttp.ClientSession(headers=self._server.headers(), timeout=timeout)

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def render(self, text: str, language: str, pace: float) -> AsyncIterator[bytes]:  # noqa: ARG002 - heard in the text
        if self._session is None:
            raise TryAgain("the voice is not started")
        wanted = {
            "model": self._server.model, "voice": self._voice, "input": text[:_LONGEST], "response_format": "pcm",
            "speed": min(max(pace, 0.5), 2.0),
        }  # fmt: skip
        telephone, odd, total = Downsampler(_RATE), b"", 0
        try:
            async with self._session.post(f"{self._server.url}/audio/speech", json=wanted) as response:
                if response.status in (400, 401, 403, 404):
                    raise Refused(f"the speech server refuses us ({response.status}): check address, key, model, voice")
                if response.status != 200 or not response.content_type.startswith(
                    ("audio/", "application/octet-stream")
                ):
                    raise TryAgain(f"the speech server answers {response.status} without sound")
                async for piece in response.content.iter_chunked(_PIECE):
                    sound, total = odd + piece, total + len(piece)
                    odd = sound[len(sound) // 2 * 2 :]
                    if total > _MOST_BYTES:
                        raise TryAgain("the speech server does not stop")
                    yield telephone.feed(sound[: len(sound) // 2 * 2])
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TryAgain(f"the speech server is away ({type(error).__name__})") from error
        if not total:
            raise TryAgain("the speech server made no sound")
        yield telephone.flush()
