"""The ear and mouth of a test telephone: one RTP port, a queue to play from, and all that was heard with its arrival time."""

from __future__ import annotations

import secrets
import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.errors import WireError
from careline.wire import g711, rtp
from careline.wire.audio import AudioStream, Start
from careline.wire.dtmf import KeyReceiver, parse_event
from careline.wire.g711 import Law

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from careline.telephony.sip.media import RtpSocket
    from careline.wire.sdp import Agreed

LOUD = 500
"""Peak of a frame (of 32,767) from which on we call it sound."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One packet's sound, as it arrived. `at` in the loop's time; `timestamp` as the far end counts samples."""

    at: float
    timestamp: int
    pcm: bytes
    loud: bool


class PhoneAudio:
    """`on_event(kind, detail)` is told of keys ("key"), marks ("played") and sound ("heard")."""

    def __init__(self, opened: RtpSocket, now: Callable[[], float], on_event: Callable[[str, str], None]) -> None:
        self.port = opened.port
        self.heard: list[Arrived] = []
        self.via: tuple[str, int] | None = None  # send here instead of where the far end said (a relay between us)
        self._socket, self._now, self._on_event = opened, now, on_event
        self._agreed: Agreed | None = None
        self._keys = KeyReceiver()
        self._start = Start(secrets.randbits(32), secrets.randbits(15), secrets.randbits(32))
        self.mouth = AudioStream(Law.MU, None, self._start)
        opened.on_packet = self._receive

    def agree(self, agreed: Agreed) -> None:
        self._agreed = agreed
        self.mouth.agree(agreed.law, agreed.keys_type)

    def tick(self, _now: float, skipped: int) -> None:
        agreed = self._agreed
        if agreed is None or not agreed.send:
            return
        if skipped:
            self.mouth.skip(skipped)
        outgoing = self.mouth.next_packet()
        self._socket.send(outgoing.data, self.via or (agreed.address, agreed.port))
        for mark in outgoing.marks:
            self._on_event("played", mark)

    @property
    def target(self) -> tuple[str, int]:
        """Where the far end wants our audio. Raises WireError before anything was agreed."""
        if self._agreed is None:
            raise WireError("nothing agreed yet")
        return self._agreed.address, self._agreed.port

    def _receive(self, data: bytes, _source: object) -> None:
        agreed = self._agreed
        try:
            packet = rtp.parse(data)
            if agreed is not None and packet.payload_type == agreed.keys_type:
                digit = self._keys.receive(parse_event(packet.payload), packet.timestamp, packet.marker, self._now())
                if digit is not None:
                    self._on_event("key", digit)
                return
            pcm = g711.decode(Law(packet.payload_type), packet.payload)
        except (WireError, ValueError):
            return
        samples = memoryview(pcm).cast("h")
        loud = bool(pcm) and (max(samples) > LOUD or min(samples) < -LOUD)
        self.heard.append(Arrived(self._now(), packet.timestamp, pcm, loud))
        self._on_event("heard", "")

    def sound(self) -> bytes:
        """All that was heard, laid out by the far end's time stamps, holes as silence: signed 16-bit, 8 kHz."""
        if not self.heard:
            return b""
        zero = self.heard[0].timestamp
        placed = {rtp.unwrap(frame.timestamp, zero, 32): frame.pcm for frame in self.heard}
        begin, end = min(placed), max(placed)
        line = bytearray(2 * (end - begin) + len(placed[end]))
        for timestamp, pcm in placed.items():
            line[2 * (timestamp - begin) : 2 * (timestamp - begin) + len(pcm)] = pcm
        return bytes(line)

    def save(self, path: Path) -> None:
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(8000)
            out.writeframes(self.sound())


def read_wav(path: Path) -> bytes:
    """The samples of a WAV file as the telephone needs them. Raises WireError unless it is 8 kHz, 16-bit, mono."""
    with wave.open(str(path), "rb") as source:
        if (source.getframerate(), source.getsampwidth(), source.getnchannels()) != (8000, 2, 1):
            raise WireError("the WAV file must be 8 kHz, 16-bit, mono")
        return source.readframes(source.getnframes())
