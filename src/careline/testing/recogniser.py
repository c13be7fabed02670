"""A recogniser server as tests know it: OpenAI's transcription API and Deepgram's stream on real sockets, with recorded results.

It does not recognise: it hears *when* somebody speaks, and lets the words of the next recorded line come as a recogniser would,
by their times, with partial results and corrections of them. `mood` makes it slow, silent, broken or talk nonsense.

    async with RecogniserServer([Line("my chest hurts", 1.2)]) as server: ... server.openai_url, server.stream_url

As a process of its own, so that it can be killed: `python -m careline.testing.recogniser LINES.json`, which prints its port.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from aiohttp import WSMsgType, web

from careline.speech.endpoint import level

_LOUD, _FRAME = 250.0, 320
_SECOND = 16_000
_MOST_BODY = 40_000_000


class Mood(StrEnum):
    """How the server answers."""

    WELL = "well"
    SLOW = "slow"  # every answer 5 s late
    SILENT = "silent"  # takes everything, answers nothing
    BROKEN = "broken"  # 500; the stream is closed with an error
    GARBAGE = "garbage"  # not of the protocol
    NONSENSE = "nonsense"  # words that nobody said, of which it is not sure
    PLAIN = "plain"  # knows no `verbose_json`
    REFUSING = "refusing"  # 401


@dataclass(frozen=True, slots=True)
class Line:
    """A recorded result: the words, evenly over `seconds` of speech. `mishears` are words that partial results get wrong.
    Quiet of `gap_s` ends it; a line with a pause in it needs more."""

    text: str
    seconds: float
    confidence: float = 0.95
    mishears: dict[str, str] = field(default_factory=dict[str, str])
    gap_s: float = 0.5

    @classmethod
    def of(cls, text: str, pcm: bytes, **more: object) -> Line:
        """The line that this sound says; quiet at its ends does not count."""
        loud = [at for at in range(0, len(pcm) - _FRAME + 1, _FRAME) if level(pcm[at : at + _FRAME]) > _LOUD]
        seconds = (loud[-1] + _FRAME - loud[0]) / _SECOND if loud else 0.0
        return cls(text, seconds, **more)  # type: ignore[arg-type]

    def words(self, heard_s: float) -> list[dict[str, object]]:
        """Those spoken within the first `heard_s`, with times from the beginning of the speech."""
        length, at, found = max(1, len(self.text)), 0, list[dict[str, object]]()
        for word in self.text.split():
            start, at = at, at + len(word) + 1
            begin, end = start / length * self.seconds, min(1.0, at / length) * self.seconds
            if end > heard_s + 0.2:
                break
            found.append({"word": word, "start": begin, "end": end, "confidence": self.confidence})
        return found


class Listener:
    """Where in a sound somebody speaks, frame by frame, and which line it therefore is."""

    def __init__(self, take: Lines) -> None:
        self._take = take
        self._rest = b""
        self._quiet = 0.0
        self.line: Line | None = None
        self.now = self.began = 0.0

    def feed(self, pcm: bytes) -> None:
        pcm = self._rest + pcm
        for start in range(0, len(pcm) - _FRAME + 1, _FRAME):
            self._frame(level(pcm[start : start + _FRAME]) > _LOUD)
        self._rest = pcm[len(pcm) // _FRAME * _FRAME :]

    def _frame(self, loud: bool) -> None:
        if loud and (self.line is None or self._quiet >= self.line.gap_s):
            self.line, self.began = self._take.next(), self.now
        self._quiet = 0.0 if loud else self._quiet + 0.02
        self.now += 0.02

    def words(self) -> list[dict[str, object]]:
        """Those of the line so far, with times from the beginning of the sound."""
        found = self.line.words(self.now - self.began) if self.line else []
        return [
            {**word, "start": _later(word["start"], self.began), "end": _later(word["end"], self.began)}
            for word in found
        ]


class Lines:
    """The lines still to come; when none is left, the recogniser hears nothing."""

    def __init__(self, lines: list[Line]) -> None:
        self.left = list(lines)

    def next(self) -> Line:
        return self.left.pop(0) if self.left else Line("", 0.0)


class RecogniserServer:
    """Listens on a free port of the loopback. `asked` counts requests; `seen` keeps what came with them (hints, language)."""

    def __init__(self, lines: list[Line], mood: Mood = Mood.WELL) -> None:
        self.lines, self.mood = Lines(lines), mood
        self.asked = 0
        self.seen: list[dict[str, str]] = []
        self.port = 0
        self._known: dict[str, Line] = {}
        self._sockets: set[web.WebSocketResponse] = set()
        application = web.Application(client_max_size=_MOST_BODY)
        application.router.add_post("/v1/audio/transcriptions", self._transcribe)
        application.router.add_get("/v1/listen", self._listen)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)

    @property
    def openai_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def stream_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/listen"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()
        await self._runner.cleanup()

    async def cut(self) -> None:
        """Break every stream, as a server does that goes down."""
        for socket in list(self._sockets):
            await socket.close()

    async def _moody(self) -> web.Response | None:
        """The answer of a server in a bad mood."""
        if self.mood is Mood.SLOW:
            await asyncio.sleep(5.0)
        if self.mood is Mood.SILENT:
            await asyncio.Event().wait()
        status = {Mood.BROKEN: 500, Mood.REFUSING: 401}.get(self.mood, 200)
        if self.mood is Mood.GARBAGE:
            return web.Response(text="<html>upstream error</html>")
        return web.Response(status=status, text="no") if status != 200 else None

    # ------------------------------------------------------------ OpenAI

    async def _transcribe(self, request: web.Request) -> web.Response:
        self.asked += 1
        fields, sound = dict[str, str](), b""
        async for part in await request.multipart():
            if getattr(part, "name", "") == "file":
                sound = bytes(await part.read())[44:]  # type: ignore[union-attr]
            else:
                fields[str(getattr(part, "name", ""))] = await part.text()  # type: ignore[union-attr]
        self.seen.append(fields)
        moody = await self._moody()
        if moody is not None:
            return moody
        if self.mood is Mood.PLAIN and fields["response_format"] != "json":
            return web.json_response({"error": {"message": "response_format"}}, status=400)
        return web.json_response(self._result(sound, verbose=self.mood is not Mood.PLAIN))

    def _result(self, sound: bytes, *, verbose: bool) -> dict[str, object]:
        """The same stretch is recognised by its first 200 ms, however often it is sent."""
        mark = hashlib.sha256(sound[:3200]).hexdigest()
        hears = Listener(Lines([self._known[mark]] if mark in self._known else self.lines.left[:1]))
        hears.feed(sound)
        if hears.line is not None and mark not in self._known:
            self._known[mark] = self.lines.next()
        if self.mood is Mood.NONSENSE:
            return {"text": "Thank you for watching.", "segments": [_segment("Thank you for watching.", -2.0, 0.4)]}
        words = hears.words()
        text = " ".join(str(word["word"]) for word in words)
        if not verbose:
            return {"text": text}
        return {"text": text, "segments": [_segment(text, -0.05, 0.01)] if text else [], "words": words}

    # ------------------------------------------------------------ Deepgram

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        self.seen.append({name: ",".join(request.query.getall(name)) for name in request.query})
        if self.mood in (Mood.REFUSING, Mood.SILENT):
            moody = await self._moody()
            return moody or web.Response(status=500)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            await _Stream(self, socket).run()
        except ConnectionError:
            pass
        finally:
            self._sockets.discard(socket)
        return socket

    async def send(self, socket: web.WebSocketResponse, message: dict[str, object]) -> None:
        if self.mood is Mood.SILENT:
            return
        if self.mood is Mood.SLOW:
            await asyncio.sleep(5.0)
        if self.mood is Mood.GARBAGE:
            await socket.send_str("<html>")
        elif self.mood is Mood.BROKEN:
            await socket.close(code=1011)
        else:
            await socket.send_json(message)


class _Stream:
    """One WebSocket: what it has heard, and which words of the line it has already made final."""

    def __init__(self, server: RecogniserServer, socket: web.WebSocketResponse) -> None:
        self._server, self._socket = server, socket
        self._hears = Listener(server.lines)
        self._line: Line | None = None
        self._final = self._told = 0  # words of this line
        self._from = 0.0

    async def run(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.BINARY:
                self._hears.feed(message.data)
                await self._interim()
            elif message.type is WSMsgType.TEXT:
                kind = json.loads(message.data).get("type")
                if kind == "Finalize":
                    await self._finalize()
                elif kind == "CloseStream":
                    await self._socket.close()

    async def _interim(self) -> None:
        if self._hears.line is not self._line:
            self._line, self._final, self._told = self._hears.line, 0, 0
        words = self._hears.words()[self._final :]
        if len(words) > self._told:
            self._told = len(words)
            wrong = self._line.mishears if self._line else {}
            await self._result([{**word, "word": wrong.get(str(word["word"]), word["word"])} for word in words])

    async def _finalize(self) -> None:
        words = self._hears.words()[self._final :]
        self._final += len(words)
        self._told = 0
        await self._result(words, final=True)
        self._from = self._hears.now

    async def _result(self, words: list[dict[str, object]], *, final: bool = False) -> None:
        confidence = 0.95 if words else 0.0
        text = " ".join(str(word["word"]) for word in words)
        if self._server.mood is Mood.NONSENSE:
            text, words, confidence = "the the of", [], 0.08
        best = {"transcript": text, "confidence": confidence, "words": words}
        message: dict[str, object] = {
            "type": "Results", "start": self._from, "duration": self._hears.now - self._from, "is_final": final,
            "speech_final": False, "from_finalize": final, "channel": {"alternatives": [best]},
        }  # fmt: skip
        await self._server.send(self._socket, message)


def _segment(text: str, logprob: float, silent: float) -> dict[str, object]:
    return {"id": 0, "text": text, "avg_logprob": logprob, "no_speech_prob": silent}


def _later(value: object, seconds: float) -> float:
    return float(value) + seconds if isinstance(value, float) else seconds


async def _serve(lines: list[Line]) -> None:
    async with RecogniserServer(lines) as server:
        print(server.port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve([Line(**line) for line in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))]))
