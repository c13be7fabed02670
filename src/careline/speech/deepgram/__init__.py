"""Ears on any server that speaks Deepgram's live stream: one WebSocket for each call, words as they are spoken.

Only stretches of speech are sent, with a sign of life in between; so the stream's time is that of the sound sent, and the times
of words are counted back to the stretch they belong to. When we think that the caller has paused we send `Finalize`, and the
answer to it holds the last words.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from careline.core.errors import CarelineError, Refused, TryAgain
from careline.ports import SAMPLE_RATE
from careline.wire.transcripts import Transcript, joined, parse_deepgram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from careline.speech.open.scribe import Partial
    from careline.wire.transcripts import StreamResult

_SECOND = 2 * SAMPLE_RATE
_ALIVE_S = 4.0  # the server closes a stream that is silent for 10
_OPEN_S = 1.5
_PIECE = _SECOND // 10
_NEARLY_S = 0.2  # sound after the last final words that is not worth waiting for
_MOST_MESSAGE = 1_000_000
_LANGUAGES = {"en": "en-US", "es": "es"}


@dataclass(frozen=True, slots=True)
class StreamServer:
    """`url` is the whole address of the stream, as in `wss://api.deepgram.com/v1/listen`."""

    url: str
    model: str = "nova-3"
    key: str = ""

    def parameters(self, language: str, hints: Sequence[str]) -> list[tuple[str, str]]:
        named = "keyterm" if self.model.startswith("nova-3") else "keywords"
        return [
            ("model", self.model),
            ("language", _LANGUAGES.get(language, language)),
            ("encoding", "linear16"),
            ("sample_rate", str(SAMPLE_RATE)),
            ("channels", "1"),
            ("interim_results", "true"),
            ("punctuate", "true"),
            ("numerals", "true"),
            ("endpointing", "false"),  # when a turn is over is decided here
            *((named, hint) for hint in hints),
        ]


class DeepgramRecogniser:
    """`speech.open.scribe.Recogniser` over WebSockets."""

    def __init__(self, server: StreamServer) -> None:
        self._server = server
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        headers = {"Authorization": f"Token {self._server.key}"} if self._server.key else {}
        self._session = aiohttp.ClientSession(headers=headers)

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def open(self, language: str, hints: Sequence[str]) -> StreamCaller:
        """Connects. Raises `TryAgain` when the server does not take the stream in time, `Refused` when it does not want us."""
        if self._session is None:
            raise TryAgain("the recogniser is not started")
        try:
            async with asyncio.timeout(_OPEN_S):
                socket = await self._session.ws_connect(
                    self._server.url, params=self._server.parameters(language, hints), max_msg_size=_MOST_MESSAGE
                )
        except aiohttp.WSServerHandshakeError as error:
            if error.status in (400, 401, 403, 404):
                raise Refused(
                    f"the recogniser server refuses us ({error.status}): check its address and key"
                ) from error
            raise TryAgain(f"the recogniser server answers {error.status}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TryAgain(f"the recogniser server is away ({type(error).__name__})") from error
        return StreamCaller(socket)


class StreamCaller:
    """One call's stream."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._scribe: StreamScribe | None = None
        self._out: asyncio.Queue[bytes | str] = asyncio.Queue()
        self.sent = 0  # bytes of sound
        self.gone = ""  # why nothing comes any more
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]

    def begin(self, language: str, partial: Partial) -> StreamScribe:  # noqa: ARG002 - told when the stream was opened
        self._scribe = StreamScribe(self, partial, self.sent)
        return self._scribe

    def put(self, message: bytes | str) -> None:
        if isinstance(message, bytes):
            self.sent += len(message)
        self._out.put_nowait(message)

    def leave(self, scribe: StreamScribe) -> None:
        if self._scribe is scribe:
            self._scribe = None

    async def close(self) -> None:
        with contextlib.suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
            async with asyncio.timeout(0.5):
                await self._socket.send_str('{"type": "CloseStream"}')
                await self._socket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _write(self) -> None:
        try:
            while True:
                try:
                    async with asyncio.timeout(_ALIVE_S):
                        message = await self._out.get()
                except TimeoutError:
                    message = '{"type": "KeepAlive"}'
                if isinstance(message, bytes):
                    await self._socket.send_bytes(message)
                else:
                    await self._socket.send_str(message)
        except (aiohttp.ClientError, ConnectionError) as error:
            self._lose(type(error).__name__)

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                break
            try:
                result = parse_deepgram(message.data if isinstance(message.data, bytes) else message.data.encode())
            except CarelineError as error:
                self._lose(str(error))
                return
            if result is not None and self._scribe is not None:
                self._scribe.take(result)
        self._lose("closed")

    def _lose(self, why: str) -> None:
        self.gone = self.gone or why
        if self._scribe is not None:
            self._scribe.lost()


class StreamScribe:
    """One stretch of speech in the stream. `begun` is where it begins, in bytes of all sound sent."""

    def __init__(self, caller: StreamCaller, partial: Partial, begun: int) -> None:
        self._caller, self._partial, self._begun = caller, partial, begun
        self._waiting = bytearray()
        self._finals: list[Transcript] = []
        self._interim = Transcript()
        self._settled_s = begun / _SECOND  # how far the stream is final
        self._asked = self._answered = 0  # times we sent `Finalize`, and answers to it
        self._settling: asyncio.Future[None] | None = None

    def feed(self, pcm: bytes) -> None:
        self._waiting += pcm
        if len(self._waiting) >= _PIECE:
            self._send()

    async def settle(self) -> Transcript:
        self._send()
        if self._caller.sent / _SECOND - self._settled_s > _NEARLY_S or self._interim.text:
            self._settling = asyncio.get_running_loop().create_future()
            if not self._caller.gone:
                self._asked += 1
                self._caller.put('{"type": "Finalize"}')
                await self._settling
        if self._caller.gone:
            raise TryAgain(f"the recogniser's stream has ended ({self._caller.gone})")
        return joined(self._finals)

    def take(self, result: StreamResult) -> None:
        """Words of this stretch; what ends before it began is an earlier one's, and late."""
        if result.ended <= self._begun / _SECOND:
            return
        mine = result.transcript.later(-self._begun / _SECOND)
        if result.final:
            self._finals.append(mine)
            self._interim = Transcript()
            self._settled_s = max(self._settled_s, result.ended)
        else:
            self._interim = mine
        self._partial(joined([*self._finals, self._interim]))
        self._answered += result.last
        if self._answered >= self._asked:
            self._wake()

    def lost(self) -> None:
        self._wake()

    def drop(self) -> None:
        self._caller.leave(self)

    def _send(self) -> None:
        if self._waiting:
            self._caller.put(bytes(self._waiting))
            self._waiting.clear()

    def _wake(self) -> None:
        if self._settling is not None and not self._settling.done():
            self._settling.set_result(None)
