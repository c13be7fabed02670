"""Telephone keys in RTP (RFC 4733): every press once, whatever the network does to its packets.

A press travels as a run of small packets with one timestamp and a growing duration; the last, marked as the end, comes three
times. Any of them may be lost, doubled or late. A key is reported with the first packet seen of its press, so a lost end costs
nothing. Some senders move the timestamp within a press, or start anew at the same one: the marker, the duration and the time
between packets tell such presses apart.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass

from careline.core.errors import WireError

KEYS = "0123456789*#ABCD"
_PAYLOAD = struct.Struct("!BBH")

FORGET_S = 0.5
"""After so long without a packet of it, the same timestamp means a new press (a recorded press played again)."""
REPEAT_S = 0.15
"""A marked packet this long after an ended press starts a new one, though its timestamp be the same."""


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """One RFC 4733 payload. `event` 0-15 are keys, others are tones we do not use; `duration` is in samples so far."""

    event: int
    end: bool
    duration: int
    volume: int = 10

    def build(self) -> bytes:
        return _PAYLOAD.pack(self.event, (0x80 if self.end else 0) | (self.volume & 0x3F), self.duration)


def parse_event(payload: bytes) -> TelephoneEvent:
    """The first event of a payload (several may legally follow one another; nobody sends that for keys)."""
    if len(payload) < _PAYLOAD.size:
        raise WireError("telephone-event shorter than 4 bytes")
    event, flags, duration = _PAYLOAD.unpack_from(payload)
    return TelephoneEvent(event, flags >= 0x80, duration, flags & 0x3F)


@dataclass(slots=True)
class _Press:
    event: int
    timestamp: int
    duration: int
    ended: bool
    seen: float


class KeyReceiver:
    """Turns event packets of one leg into keys."""

    def __init__(self) -> None:
        self._recent: deque[_Press] = deque(maxlen=4)

    def receive(self, event: TelephoneEvent, timestamp: int, marker: bool, now: float) -> str | None:
        """The key, once per press; None for everything that belongs to a press already reported, and for other tones."""
        if event.event >= len(KEYS):
            return None
        press = self._same_press(event, timestamp, marker, now)
        if press is None:
            self._recent.append(_Press(event.event, timestamp, event.duration, event.end, now))
            return KEYS[event.event]
        press.duration = max(press.duration, event.duration)
        press.ended = press.ended or event.end
        press.seen = now
        return None

    def _same_press(self, event: TelephoneEvent, timestamp: int, marker: bool, now: float) -> _Press | None:
        for press in reversed(self._recent):
            if press.event != event.event or now - press.seen > FORGET_S:
                continue
            if press.timestamp == timestamp:
                begins = marker and press.ended and not event.end and now - press.seen > REPEAT_S
                return None if begins else press
            newest = press is self._recent[-1]
            if newest and not marker and not press.ended and self._continues(press, event, timestamp):
                press.timestamp = timestamp
                return press
        return None

    @staticmethod
    def _continues(press: _Press, event: TelephoneEvent, timestamp: int) -> bool:
        """A press held beyond 8 s goes on under a new timestamp (RFC 4733, 2.5.1.3); a careless sender moves it with each packet,
        as far as the duration grows. After lost packets a new press may look alike, but not to the sample."""
        moved = (timestamp - press.timestamp) & 0xFFFFFFFF
        return moved == 0xFFFF or 0 < moved == event.duration - press.duration


@dataclass(frozen=True, slots=True)
class KeyPacket:
    """One event packet to send: `marker` on the first of a press, all with the press's own timestamp."""

    payload: bytes
    marker: bool


def press_packets(digit: str, ticks: int = 5, samples_per_tick: int = 160) -> list[KeyPacket]:
    """The packets of one press, one per 20 ms tick, then the end three times (sent in three further ticks)."""
    event = KEYS.find(digit.upper())
    if event < 0 or len(digit) != 1:
        raise WireError("not a telephone key")
    going = [
        KeyPacket(TelephoneEvent(event, end=False, duration=samples_per_tick * (n + 1)).build(), marker=n == 0)
        for n in range(ticks)
    ]
    end = KeyPacket(TelephoneEvent(event, end=True, duration=samples_per_tick * (ticks + 1)).build(), marker=False)
    return [*going, end, end, end]
