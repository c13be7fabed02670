"""One answered call as the house's `Leg`: audio and keys in one stream of events, audio to play in one queue."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Protocol

from careline.core.errors import WireError
from careline.ports import Ended, Frame, Held, Key, LegEvent, Played
from careline.telephony.events import EventStream
from careline.telephony.sip.media import TICK_S
from careline.wire.audio import AudioStream, Start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from careline.telephony.sip.endpoint import Address
    from careline.wire.sdp import Agreed

_PINNED_SILENT_S = 2.0
_USUAL_DELAY_S = 0.04  # of the jitter buffer, until it says otherwise
_DRAWN_S = 0.001


class Packets(Protocol):
    """Where a leg's packets go and come from: a socket, or an encrypted connection to a browser."""

    on_packet: Callable[[bytes, Address], None] | None

    def send(self, data: bytes, address: Address, /) -> None: ...


class RtpMedia:
    """The audio of one leg on one socket. The first source of valid RTP is pinned; others are strangers, counted and ignored,
    unless the pinned one has been silent and a packet continues its very stream (a router changed the address)."""

    def __init__(self, opened: Packets, agreed: Agreed, now: float) -> None:
        self.socket = opened
        self.stream = AudioStream(
            agreed.law, agreed.keys_type, Start(secrets.randbits(32), secrets.randbits(15), secrets.randbits(32))
        )
        self.events = EventStream()
        self._agreed = agreed
        self._remote: Address = (agreed.address, agreed.port)
        self._pinned: Address | None = None
        self.strangers = self.malformed = 0
        self.began = self.heard_at = now
        self._at = -_USUAL_DELAY_S - TICK_S
        opened.on_packet = self._receive

    def agree(self, agreed: Agreed, now: float) -> None:
        """A new agreement: another address unpins the source, another direction is a hold or its end."""
        if (agreed.address, agreed.port) != (self._agreed.address, self._agreed.port) and not agreed.held:
            self._remote, self._pinned = (agreed.address, agreed.port), None
        if agreed.held != self._agreed.held:
            self.events.put(Held(agreed.held, now - self.began))
        self.stream.agree(agreed.law, agreed.keys_type)
        self._agreed = agreed
        self.heard_at = now

    @property
    def held(self) -> bool:
        return self._agreed.held

    def _receive(self, data: bytes, source: Address) -> None:
        now = asyncio.get_running_loop().time()
        if source != self._pinned and not self._accept(data, now):
            self.strangers += 1
            return
        try:
            digit = self.stream.receive(data, now)
        except WireError:
            self.malformed += 1
            return
        if self._pinned is None:
            self._pinned = self._remote = source
        self.heard_at = now
        if digit is not None:
            self.events.put(Key(digit, now - self.began))

    def _accept(self, data: bytes, now: float) -> bool:
        if self._pinned is None:
            return True
        if now - self.heard_at < _PINNED_SILENT_S or not self.stream.continues(data):
            return False
        self._pinned = None
        return True

    def tick(self, now: float, skipped: int) -> None:
        """One 20 ms turn of both directions."""
        if skipped:
            self.stream.skip(skipped)
        pcm, lost = self.stream.pop()
        self._at = self._spoken_at(now, skipped)
        if self._at >= 0:
            self.events.put(Frame(pcm, self._at, lost))
        if not self._agreed.send:
            self.stream.skip(1)
            return
        outgoing = self.stream.next_packet()
        self.socket.send(outgoing.data, self._remote)
        for mark in outgoing.marks:
            self.events.put(Played(mark, now - self.began))

    def _spoken_at(self, now: float, skipped: int) -> float:
        """When the frame popped now was spoken: 20 ms after the one before, drawn by 1 ms towards what the buffer's delay says
        (the delay moves with the network; a recording's time line should not jump with it)."""
        expected = self._at + TICK_S * (1 + skipped)
        delay = self.stream.delay_s
        if delay is None:
            return expected
        astray = now - self.began - delay - TICK_S - expected
        if -_DRAWN_S < astray < _DRAWN_S:
            return expected + astray
        return expected + (_DRAWN_S if astray > 0 else -_DRAWN_S)


class SipLeg:
    """`end` hangs up in signalling; the telephone gives it."""

    def __init__(self, call_id: str, caller: str, called: str, media: RtpMedia, end: Callable[[], None]) -> None:
        self._id, self._caller, self._called = call_id, caller, called
        self.media = media
        self._end = end
        self._ended = False

    @property
    def id(self) -> str:
        return self._id

    @property
    def caller(self) -> str:
        return self._caller

    @property
    def called(self) -> str:
        return self._called

    def events(self) -> AsyncIterator[LegEvent]:
        return self.media.events.read()

    def play(self, pcm: bytes) -> None:
        if not self._ended:
            self.media.stream.play(pcm)

    def mark(self, name: str) -> None:
        if not self._ended:
            self.media.stream.mark(name)

    def clear(self) -> int:
        return self.media.stream.clear()

    def press(self, digits: str) -> None:
        """Sends telephone keys (an extension behind a PBX). Raises WireError when the far end does not take them."""
        if not self._ended:
            self.media.stream.press(digits)

    async def hang_up(self) -> None:
        self._end()

    def ended(self, reason: str, now: float) -> None:
        """Told by the telephone, once."""
        if not self._ended:
            self._ended = True
            self.media.stream.clear()
            self.media.events.put(Ended(reason, now - self.media.began))
