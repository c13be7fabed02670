"""One telephone leg's audio as bytes: RTP packets in and out, frames of signed 16-bit samples, marks and keys between.

Pure: whoever owns the socket calls `receive` for each packet, and `pop` and `next_packet` once every 20 ms. Received audio
goes through a jitter buffer; audio to play queues until its turn, and is coded only then, so that dropping it costs nothing
and a change of codec in mid-call needs no care.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from careline.core.errors import WireError
from careline.wire import g711, rtp
from careline.wire.dtmf import KeyPacket, KeyReceiver, parse_event, press_packets
from careline.wire.g711 import Law
from careline.wire.jitter import FRAME, Counters, JitterBuffer

FRAME_BYTES = 2 * FRAME
_COMFORT_NOISE = 13
_G711 = frozenset(law.value for law in Law)
_GAP_TICKS = 4  # silence after a key, so that two presses of the same key are two


@dataclass(frozen=True, slots=True)
class Start:
    """Where our RTP counters begin: random by RFC 3550, so given by the caller."""

    ssrc: int
    sequence: int
    timestamp: int


class Outgoing(NamedTuple):
    """One packet to send now, and the marks that playout passed with it."""

    data: bytes
    marks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Chunk:
    pcm: bytes
    done: int = 0


@dataclass(slots=True)
class _Mark:
    name: str


class AudioStream:
    """Both directions of one leg."""

    def __init__(self, law: Law, keys_type: int | None, start: Start) -> None:
        self._law: Law = law
        self._kind, self._silence = law.value, bytes([law.silence]) * FRAME
        self._keys_type = keys_type
        self._ssrc, self._sequence, self._timestamp = start.ssrc, start.sequence & 0xFFFF, start.timestamp & 0xFFFFFFFF
        self._buffer = JitterBuffer(law.silence)
        self._key_receiver = KeyReceiver()
        self._queue: deque[_Chunk | _Mark] = deque()
        self._pressing: deque[KeyPacket | None] = deque()
        self._pressed_at = 0
        self._marker = True

    @property
    def counters(self) -> Counters:
        return self._buffer.counters

    @property
    def delay_s(self) -> float | None:
        """How long ago, by the buffer's own delay, the frame was received that `pop` gives now; None before any audio came."""
        return self._buffer.ahead / 8000 if self._buffer.started else None

    def agree(self, law: Law, keys_type: int | None) -> None:
        """A new agreement in mid-call. What was received under the old one is dropped when the codec differs."""
        if law is not self._law:
            self._buffer = JitterBuffer(law.silence)
        self._law = law
        self._kind, self._silence = law.value, bytes([law.silence]) * FRAME
        self._keys_type = keys_type

    # ------------------------------------------------------------ what the far end says

    def receive(self, data: bytes, now: float) -> str | None:
        """Takes a packet; returns the telephone key when it begins a press. Raises WireError for what is not RTP."""
        packet = rtp.parse(data)
        kind = packet.payload_type
        if kind == self._kind:
            self._buffer.receive(packet)
        elif kind == self._keys_type:
            return self._key_receiver.receive(parse_event(packet.payload), packet.timestamp, packet.marker, now)
        elif kind in _G711:
            self._buffer.receive(self._transcoded(packet))
        elif kind != _COMFORT_NOISE:
            raise WireError("RTP payload type was not agreed")
        return None

    def _transcoded(self, packet: rtp.RtpPacket) -> rtp.RtpPacket:
        """Some far ends send the other law in spite of what was agreed; no reason to be deaf to them."""
        payload = g711.encode(self._law, g711.decode(Law(packet.payload_type), packet.payload))
        return rtp.RtpPacket(self._kind, packet.sequence, packet.timestamp, packet.ssrc, payload, packet.marker)

    def continues(self, data: bytes) -> bool:
        """Whether this packet is the next of the very stream we hear: whoever sends it has seen that stream."""
        try:
            return self._buffer.continues(rtp.parse(data))
        except WireError:
            return False

    def pop(self) -> tuple[bytes, bool]:
        """The next 20 ms heard, and whether (part of) it was lost and stands as silence."""
        slot = self._buffer.pop()
        return g711.decode(self._law, slot.coded), slot.lost

    # ------------------------------------------------------------ what we say

    def play(self, pcm: bytes) -> None:
        """Queues whole samples; an odd last byte is a mistake of the caller."""
        if len(pcm) % 2:
            raise ValueError("16-bit audio has an even number of bytes")
        if pcm:
            self._queue.append(_Chunk(bytes(pcm)))

    def mark(self, name: str) -> None:
        self._queue.append(_Mark(name))

    def clear(self) -> int:
        """Drops what is queued, marks too. Returns bytes of audio dropped."""
        dropped = sum(len(item.pcm) - item.done for item in self._queue if isinstance(item, _Chunk))
        self._queue.clear()
        return dropped

    def press(self, digits: str) -> None:
        """Queues telephone keys; they go out before any audio. Raises WireError for what is no key or cannot be sent."""
        if self._keys_type is None:
            raise WireError("the far end does not take telephone keys")
        for digit in digits:
            self._pressing.extend(press_packets(digit))
            self._pressing.extend([None] * _GAP_TICKS)

    def next_packet(self) -> Outgoing:
        """The packet of this 20 ms: a key being pressed, else queued audio, else silence."""
        if self._pressing:
            key = self._pressing.popleft()
            if key is not None:
                return Outgoing(self._key_packet(key))
        pcm, marks = self._next_frame() if self._queue else (b"", ())
        payload = g711.encode(self._law, pcm) if pcm else self._silence
        data = self._packet(self._kind, self._timestamp, payload, marker=self._marker)
        self._marker = False
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF
        return Outgoing(data, marks)

    def skip(self, ticks: int) -> None:
        """Lets time pass without packets (hold, a stalled machine): the next one says that the line goes on after a gap."""
        self._timestamp = (self._timestamp + FRAME * ticks) & 0xFFFFFFFF
        self._marker = True

    def _key_packet(self, key: KeyPacket) -> bytes:
        if key.marker:
            self._pressed_at = self._timestamp
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF
        return self._packet(self._keys_type or 0, self._pressed_at, key.payload, marker=key.marker)

    def _packet(self, kind: int, timestamp: int, payload: bytes, *, marker: bool) -> bytes:
        data = rtp.build(rtp.RtpPacket(kind, self._sequence, timestamp, self._ssrc, payload, marker))
        self._sequence = (self._sequence + 1) & 0xFFFF
        return data

    def _next_frame(self) -> tuple[bytes, tuple[str, ...]]:
        """Up to 20 ms from the front of a queue that is not empty, silence when it runs dry; empty for marks alone."""
        first = self._queue[0]
        if isinstance(first, _Chunk) and len(first.pcm) - first.done > FRAME_BYTES:
            first.done += FRAME_BYTES
            return first.pcm[first.done - FRAME_BYTES : first.done], ()
        parts: list[bytes] = []
        marks: list[str] = []
        wanted = FRAME_BYTES
        while self._queue:
            item = self._queue[0]
            if isinstance(item, _Mark):
                marks.append(item.name)
                self._queue.popleft()
                continue
            if not wanted:
                break
            part = item.pcm[item.done : item.done + wanted]
            parts.append(part)
            item.done += len(part)
            wanted -= len(part)
            if item.done >= len(item.pcm):
                self._queue.popleft()
        if parts and wanted:
            parts.append(bytes(wanted))
        return b"".join(parts), tuple(marks)
