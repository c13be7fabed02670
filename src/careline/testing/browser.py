"""A browser as the page's script drives it, without a window: aiortc's own connection, one WebSocket, a mouth, ears and keys."""

from __future__ import annotations

import asyncio
import fractions
import json
from typing import TYPE_CHECKING, Any, Self, cast

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from careline.ports import FRAME_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from aiortc import RTCDataChannel

_SAMPLES = FRAME_BYTES // 2


class Microphone(MediaStreamTrack):
    """Says what it is given, 20 ms at a time, and silence between."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.saying = bytearray()
        self._count, self._began = 0, asyncio.get_running_loop().time()

    async def recv(self) -> AudioFrame:
        self._count += 1
        await asyncio.sleep(max(0.0, self._began + self._count * 0.02 - asyncio.get_running_loop().time()))
        pcm = bytes(self.saying[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0")
        del self.saying[:FRAME_BYTES]
        frame = AudioFrame(format="s16", layout="mono", samples=_SAMPLES)
        frame.planes[0].update(pcm)
        frame.sample_rate, frame.pts = SAMPLE_RATE, self._count * _SAMPLES
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
        return frame


class Browser:
    """`async with Browser(address) as page: await page.offer()`. `frames`: what the page was told; `heard`: what it played."""

    def __init__(self, address: str, **query: str) -> None:
        self._address, self._query = address, query
        self.frames: list[dict[str, Any]] = []
        self.heard = bytearray()
        self.microphone: Microphone | None = None
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._peer: RTCPeerConnection | None = None
        self._keys: RTCDataChannel | None = None
        self._keys_open = asyncio.Event()
        self._told = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        self._socket = await self._session.ws_connect(self._address, params=self._query)
        self._spawn(self._read(self._socket))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.vanish()

    async def vanish(self) -> None:
        """The window is closed: no word, no goodbye but those of the sockets."""
        await self.drop_sound()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def drop_sound(self) -> None:
        if self._peer is not None:
            peer, self._peer = self._peer, None
            await peer.close()

    async def offer(self) -> None:
        """Ask for a connection (anew), and wait until keys can be pressed, which is when sound flows too."""
        await self.drop_sound()
        peer = self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.microphone = Microphone()
        peer.addTrack(self.microphone)
        known = RTCRtpSender.getCapabilities("audio")
        plain = [codec for codec in known.codecs if codec.mimeType.startswith("audio/PCM")] if known else []
        peer.getTransceivers()[0].setCodecPreferences(plain)
        self._keys_open = asyncio.Event()
        self._keys = peer.createDataChannel("keys")
        self._keys.on("open", self._keys_open.set)
        peer.on("track", self._on_track)
        await peer.setLocalDescription(await peer.createOffer())
        told = len(self.frames)
        await self.send({"type": "offer", "sdp": peer.localDescription.sdp})
        answer = await self.told("answer", told)
        await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        async with asyncio.timeout(20):
            await self._keys_open.wait()

    async def send(self, frame: object) -> None:
        await self.send_text(json.dumps(frame))

    async def send_text(self, text: str) -> None:
        await cast("aiohttp.ClientWebSocketResponse", self._socket).send_str(text)

    def press(self, keys: str) -> None:
        cast("RTCDataChannel", self._keys).send(keys)

    def say(self, pcm: bytes) -> None:
        cast("Microphone", self.microphone).saying += pcm

    async def told(self, kind: str, after: int = 0, within_s: float = 20.0) -> dict[str, Any]:
        """The first frame of that kind from the `after`-th on."""
        async with asyncio.timeout(within_s):
            while True:
                for frame in self.frames[after:]:
                    if frame["type"] == kind:
                        return frame
                self._told.clear()
                await self._told.wait()

    async def hears(self, byte_count: int, within_s: float = 20.0) -> bytes:
        """The next so many bytes that are played to the person."""
        start = len(self.heard)
        async with asyncio.timeout(within_s):
            while len(self.heard) < start + byte_count:
                self._told.clear()
                await self._told.wait()
        return bytes(self.heard[start : start + byte_count])

    async def closed(self, within_s: float = 20.0) -> None:
        """Until the other side has closed the WebSocket."""
        await self.told("closed", within_s=within_s)

    # ------------------------------------------------------------ what arrives

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            self._note(json.loads(message.data))
        self._note({"type": "closed"})

    def _note(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        self._told.set()

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._spawn(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = cast("AudioFrame", await track.recv())  # pyright: ignore[reportUnknownMemberType]
            except MediaStreamError:
                return
            self.heard += bytes(frame.planes[0])[: frame.samples * 2]
            self._told.set()

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
