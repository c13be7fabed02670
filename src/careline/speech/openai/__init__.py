"""Ears on any server that speaks OpenAI's transcription API: its own, or one of the practice's with an open model behind it.

The API takes whole recordings, so a stretch of speech is sent again and again as it grows: what comes back on the way is a
partial result, and the last answer is the turn. Servers without `verbose_json` are asked for plain `json` from then on.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from careline.core.errors import CarelineError, Refused, TryAgain
from careline.ports import SAMPLE_RATE
from careline.wire.transcripts import Transcript, parse_openai

if TYPE_CHECKING:
    from collections.abc import Sequence

    from careline.speech.open.scribe import Partial

_SECOND = 2 * SAMPLE_RATE
_MOST_ANSWER = 1_000_000
_MOST_PROMPT = 600  # characters: the recogniser reads the last 224 tokens of it
_CONNECT_S = 1.0


@dataclass(frozen=True, slots=True)
class OpenAiServer:
    """`url` is what comes before `/audio/…`, as in `http://localhost:8000/v1`. `interim_s`: how much new speech is sent for a
    partial result; 0 sends none."""

    url: str
    model: str = "whisper-1"
    key: str = ""
    interim_s: float = 0.8

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


class OpenAiRecogniser:
    """`speech.open.scribe.Recogniser` over HTTP."""

    def __init__(self, server: OpenAiServer) -> None:
        self._server = server
        self._session: aiohttp.ClientSession | None = None
        self._verbose = True

    @property
    def interim_s(self) -> float:
        return self._server.interim_s

    async def start(self) -> None:
        timeout = aiohttp.ClientTimeout(total=10.0, connect=_CONNECT_S)
        self._session = aiohttp.ClientSession(headers=self._server.headers(), timeout=timeout)

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def open(self, language: str, hints: Sequence[str]) -> OpenAiCaller:  # noqa: ARG002 - told with each stretch
        if self._session is None:
            raise TryAgain("the recogniser is not started")
        return OpenAiCaller(self, ", ".join(hints)[:_MOST_PROMPT])

    async def transcribe(self, pcm: bytes, language: str, prompt: str) -> Transcript:
        """One whole recording. Raises `TryAgain`, or `Refused` when the server does not want us."""
        if self._verbose:
            status, body = await self._post(pcm, language, prompt, "verbose_json")
            if status not in (400, 422):
                return _answer(status, body)
            self._verbose = False
        return _answer(*await self._post(pcm, language, prompt, "json"))

    async def _post(self, pcm: bytes, language: str, prompt: str, kind: str) -> tuple[int, bytes]:
        if self._session is None:
            raise TryAgain("the recogniser is not started")
        form = aiohttp.FormData()
        form.add_field("file", wav(pcm), filename="speech.wav", content_type="audio/wav")
        for name, value in (("model", self._server.model), ("language", language), ("response_format", kind)):
            form.add_field(name, value)
        if kind == "verbose_json":
            form.add_field("timestamp_granularities[]", "word")
            form.add_field("timestamp_granularities[]", "segment")
        if prompt:
            form.add_field("prompt", prompt)
        url = f"{self._server.url}/audio/transcriptions"
        try:
            async with self._session.post(url, data=form) as response:
                return response.status, await response.content.read(_MOST_ANSWER)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TryAgain(f"the recogniser server is away ({type(error).__name__})") from error


class OpenAiCaller:
    """One caller of it. Nothing is kept open between stretches."""

    def __init__(self, recogniser: OpenAiRecogniser, prompt: str) -> None:
        self._recogniser, self._prompt = recogniser, prompt

    def begin(self, language: str, partial: Partial) -> OpenAiScribe:
        return OpenAiScribe(self._recogniser, language, self._prompt, partial)

    async def close(self) -> None:
        """Nothing to close."""


class OpenAiScribe:
    """One stretch of speech."""

    def __init__(self, recogniser: OpenAiRecogniser, language: str, prompt: str, partial: Partial) -> None:
        self._recogniser, self._language, self._prompt, self._partial = recogniser, language, prompt, partial
        self._sound = bytearray()
        self._sent = 0
        self._asking: asyncio.Task[None] | None = None

    def feed(self, pcm: bytes) -> None:
        self._sound += pcm
        interim_s = self._recogniser.interim_s
        if interim_s and len(self._sound) - self._sent >= interim_s * _SECOND and self._asking is None:
            self._sent = len(self._sound)
            self._asking = asyncio.create_task(self._ask(bytes(self._sound)))

    async def settle(self) -> Transcript:
        self.drop()
        return await self._recogniser.transcribe(bytes(self._sound), self._language, self._prompt)

    def drop(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    async def _ask(self, sound: bytes) -> None:
        try:
            self._partial(await self._recogniser.transcribe(sound, self._language, self._prompt))
        except CarelineError:
            pass  # a partial result less; whether the server is away shows when the turn settles
        finally:
            self._asking = None


def wav(pcm: bytes) -> bytes:
    """8 kHz pcm16 mono as a WAV file."""
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(pcm), b"WAVE", b"fmt ", 16, 1, 1, SAMPLE_RATE,
                       2 * SAMPLE_RATE, 2, 16, b"data", len(pcm))  # fmt: skip
    return head + pcm


def _answer(status: int, body: bytes) -> Transcript:
    if status in (401, 403, 404):
        raise Refused(f"the recogniser server refuses us ({status}): check its address, key and model")
    if status != 200:
        raise TryAgain(f"the recogniser server answers {status}")
    return parse_openai(body)
