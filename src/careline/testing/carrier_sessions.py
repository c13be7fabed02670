"""The two kinds of session that a carrier holds over a WebSocket, as Twilio's documentation describes them.

`RelaySession` hears and speaks: it plays what it is told at once, word for word, and reports it. `StreamSession` carries audio in
real time: 20 ms each way, marks when what stands before them has sounded, all of them at once after a clear.
"""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, WSMsgType

from careline.wire import g711
from careline.wire.g711 import Law

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientWebSocketResponse

_WAIT_S = 20.0
_FIELDS = {
    "text": {"token", "last", "lang", "interruptible", "preemptible"},
    "play": {"source", "loop", "interruptible", "preemptible"},
    "sendDigits": {"digits"},
    "language": {"ttsLanguage", "transcriptionLanguage"},
    "end": {"handoffData"},
}
FRAME = 160


@dataclass(slots=True)
class RelaySession:
    """`plays` False: it says nothing of what it speaks. `holds` True: it begins to speak and never comes to the end."""

    http: ClientSession
    socket: ClientWebSocketResponse
    languages: tuple[str, ...]
    plays: bool = True
    holds: bool = False
    texts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    others: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    complaints: list[str] = field(default_factory=list[str])
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _told: asyncio.Event = field(default_factory=asyncio.Event)
    _read: int = 0

    async def run(self) -> None:
        """Until the service ends it, or the socket is gone."""
        try:
            async for message in self.socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(str(message.data))
        except (ClientError, ConnectionError):
            pass
        finally:
            self.over.set()
            self._told.set()

    async def _take(self, data: str) -> None:
        message = json.loads(data)
        kind = message.pop("type", "")
        wrong = kind not in _FIELDS or set(message) - _FIELDS[kind]
        if wrong or message.get("lang", self.languages[0]) not in self.languages:
            self.complaints.append(data)
            await self.send(type="error", description=f"Invalid message received: {data}")
        elif kind == "text":
            self.texts.append(message)
            self._told.set()
            await self._speak(message["token"])
        else:
            self.others.append({"type": kind, **message})
            self._told.set()
            if kind == "end":
                await self.socket.close()

    async def _speak(self, text: str) -> None:
        if self.plays:
            await self.send(type="info", name="agentSpeaking", value="on", ts=1)
        if self.plays and not self.holds:
            await self.send(type="info", name="tokensPlayed", value=text)
            await self.send(type="info", name="agentSpeaking", value="off", ts=2)

    async def hears(self) -> dict[str, Any]:
        """The next sentence the service has spoken."""
        async with asyncio.timeout(_WAIT_S):
            while len(self.texts) <= self._read:
                if self.over.is_set():
                    raise ConnectionError("the session is over")
                self._told.clear()
                await self._told.wait()
        self._read += 1
        return self.texts[self._read - 1]

    async def hears_until(self, words: str) -> str:
        """Everything said, up to a sentence that holds `words`."""
        said = ""
        while words not in said:
            said += (await self.hears())["token"] + " "
        return said

    async def send(self, **message: object) -> None:
        await self.send_raw(json.dumps(message))

    async def send_raw(self, text: str) -> None:
        """Whatever it is."""
        if not self.socket.closed:
            try:
                await self.socket.send_str(text)
            except (ClientError, ConnectionError):
                return

    async def says(self, text: str, *, last: bool = True) -> None:
        await self.send(type="prompt", voicePrompt=text, lang=self.languages[0], last=last)

    async def presses(self, digits: str) -> None:
        for digit in digits:
            await self.send(type="dtmf", digit=digit)

    async def interrupts(self, heard: str, after_ms: int = 900) -> None:
        await self.send(type="interrupt", utteranceUntilInterrupt=heard, durationUntilInterruptMs=after_ms)
        await self.send(type="info", name="agentSpeaking", value="off", ts=3)

    async def drop(self) -> None:
        """The network is gone: no closing words."""
        await self.http.close()


@dataclass(slots=True)
class StreamSession:
    """`heard` is what the caller's ear got, from the stream's beginning on, as G.711 µ-law. `mute`: the line sends nothing of its
    own any more; `forgets_marks`: no mark comes back."""

    http: ClientSession
    socket: ClientWebSocketResponse
    stream: str
    heard: bytearray = field(default_factory=bytearray)
    cleared: int = 0
    mute: bool = False
    forgets_marks: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _saying: bytearray = field(default_factory=bytearray)
    _queue: list[bytes | str] = field(default_factory=list["bytes | str"])
    _sound: asyncio.Event = field(default_factory=asyncio.Event)
    _sent: int = 0

    async def run(self) -> None:
        playing = asyncio.create_task(self._play())
        try:
            async for message in self.socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(json.loads(str(message.data)))
        except (ClientError, ConnectionError):
            pass
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            self.over.set()
            self._sound.set()

    async def _take(self, message: dict[str, Any]) -> None:
        match message["event"]:
            case "media":
                self._queue.append(base64.b64decode(message["media"]["payload"], validate=True))
            case "mark":
                self._queue.append(str(message["mark"]["name"]))
            case "clear":
                self.cleared += 1
                marks = [item for item in self._queue if isinstance(item, str)]
                self._queue.clear()
                for name in marks:
                    await self._mark(name)
            case other:
                raise ValueError(f"a stream takes no {other!r}")

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        began, number = loop.time(), 0
        while True:
            number += 1
            await asyncio.sleep(max(0.0, began + number * 0.02 - loop.time()))
            if not self.mute:
                await self.send_media(self._next_frame())
            pcm, marks = self._next_sound()
            self.heard += pcm
            if any(byte not in (0xFF, 0x7F) for byte in pcm):
                self._sound.set()
            for name in marks:
                await self._mark(name)

    def _next_frame(self) -> bytes:
        frame = bytes(self._saying[:FRAME]).ljust(FRAME, b"\xff")
        del self._saying[:FRAME]
        return frame

    def _next_sound(self) -> tuple[bytes, list[str]]:
        taken, marks = b"", list[str]()
        while self._queue:
            item = self._queue[0]
            if isinstance(item, str):
                marks.append(item)
            elif len(taken) == FRAME:
                break
            else:
                wanted = FRAME - len(taken)
                taken += item[:wanted]
                if len(item) > wanted:
                    self._queue[0] = item[wanted:]
                    break
            self._queue.pop(0)
        return taken.ljust(FRAME, b"\xff"), marks

    async def _mark(self, name: str) -> None:
        if not self.forgets_marks:
            await self.send_raw(json.dumps({"event": "mark", "streamSid": self.stream, "mark": {"name": name}}))

    async def send_media(self, coded: bytes, at_ms: int | None = None) -> None:
        stamp = self._sent * 20 if at_ms is None else at_ms
        self._sent += at_ms is None
        payload = base64.b64encode(coded).decode()
        media = {"track": "inbound", "chunk": str(self._sent), "timestamp": str(stamp), "payload": payload}
        await self.send_raw(json.dumps({"event": "media", "streamSid": self.stream, "media": media}))

    async def send_raw(self, text: str) -> None:
        if not self.socket.closed:
            try:
                await self.socket.send_str(text)
            except (ClientError, ConnectionError):
                return

    def says(self, pcm: bytes) -> None:
        """Speak: signed 16-bit at 8 kHz."""
        self._saying += g711.encode(Law.MU, pcm)

    async def presses(self, digits: str) -> None:
        for digit in digits:
            dtmf = {"track": "inbound_track", "digit": digit}
            await self.send_raw(json.dumps({"event": "dtmf", "streamSid": self.stream, "dtmf": dtmf}))

    async def hears_sound(self) -> None:
        """Wait until the service makes a sound, from now on."""
        self._sound.clear()
        async with asyncio.timeout(_WAIT_S):
            await self._sound.wait()

    async def drop(self) -> None:
        """The network is gone: no closing words."""
        await self.http.close()


Session = RelaySession | StreamSession
