"""A call's audio over Media Streams as the house's `Leg`.

The carrier plays what it is sent at the speed of speech, and tells by marks how far it is. What we sent and when tells how much
of it a `clear` drops. A mark that does not come back in its time is counted as played, so that no sentence waits for ever.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from careline.ports import SAMPLE_RATE, Ended, Frame, Key, Machine, Played
from careline.telephony.events import EventStream
from careline.telephony.twilio.link import Limits
from careline.wire import twilio_media
from careline.wire.twilio_media import Inflow, Marked, Media, Outflow, Pressed, Start, Stop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from careline.ports import LegEvent
    from careline.telephony.twilio.link import Link

#: Twice the 50 messages of 20 ms that speech has, with room for what piled up while a network hung.
LIMITS = Limits(messages=100, letters=60_000, burst_s=6)
_MARK_LATE_S = 3.0
_BYTES_S = SAMPLE_RATE * 2


class MediaLeg:
    """`ports.Leg`. It outlives its socket: what had not sounded when one broke is sent again on the next. `call` tells the
    carrier's id, which a call that we place gets only on its way."""

    def __init__(self, call: Callable[[], str], caller: str, called: str, hang_up: Callable[[], None]) -> None:
        self._call, self._caller, self._called, self._hang_up = call, caller, called, hang_up
        self._events = EventStream()
        self._link: Link | None = None
        self._out: Outflow | None = None
        self._inflow: Inflow | None = None
        self._began: float | None = None
        self._offset = self._sounded_by = 0.0
        self._unsounded: deque[tuple[str | bytes, float]] = (
            deque()
        )  # audio and marks, each with when it will have sounded
        self._ended = False

    @property
    def id(self) -> str:
        return self._call()

    @property
    def caller(self) -> str:
        return self._caller

    @property
    def called(self) -> str:
        return self._called

    def events(self) -> AsyncIterator[LegEvent]:
        return self._events.read()

    def play(self, pcm: bytes) -> None:
        if pcm and not self._ended:
            self._sounded_by = max(self._sounded_by, _now()) + len(pcm) / _BYTES_S
            self._unsounded.append((pcm, self._sounded_by))
            self._put(pcm)

    def mark(self, name: str) -> None:
        if not self._ended:
            self._unsounded.append((name, self._sounded_by))
            self._put(name)

    def _put(self, item: str | bytes) -> None:
        if self._link is not None and self._out is not None:
            self._link.send(self._out.media(item) if isinstance(item, bytes) else self._out.mark(item))

    def clear(self) -> int:
        left = max(0.0, self._sounded_by - _now())
        self._sounded_by = _now()
        queued = sum(len(item) for item, _ in self._unsounded if isinstance(item, bytes))
        self._unsounded.clear()
        if self._link is not None and self._out is not None:
            self._link.drop_unsent(self._out.before)
            self._link.send(self._out.clear)
        return min(queued, round(left * SAMPLE_RATE) * 2)

    async def hang_up(self) -> None:
        if not self._ended:
            self.gone("local")
            self._hang_up()

    # ------------------------------------------------------------ for the call

    def attach(self, link: Link, start: Start) -> None:
        """A socket is up: the first one, or one in the stead of one that broke."""
        now = _now()
        if self._began is None:
            self._began = now
        self._link, self._out, self._inflow = link, Outflow(start.stream, start.law), Inflow(start.law)
        self._offset = now - self._began
        self._sounded_by = now
        waiting, self._unsounded = self._unsounded, deque()
        for item, _ in waiting:
            self.play(item) if isinstance(item, bytes) else self.mark(item)

    def machine(self) -> None:
        """The carrier believes that a machine has answered."""
        self._events.put(Machine(self._elapsed(_now())))

    def gone(self, reason: str) -> None:
        """The call is over; told once."""
        if self._ended:
            return
        self._ended = True
        self._unsounded.clear()
        if self._link is not None:
            self._link.close()
        self._events.put(Ended(reason, self._elapsed(_now())))

    def take(self, text: str, now: float) -> None:
        message = twilio_media.read(text)
        match message:
            case Media():
                self._heard(message, now)
            case Marked(name=name):
                self._marked(name, now)
            case Pressed(digit=digit):
                self._events.put(Key(digit, self._elapsed(now)))
            case Stop():
                if self._link is not None:
                    self._link.close()
            case _:
                pass

    def _heard(self, media: Media, now: float) -> None:
        if self._inflow is None or self._ended:
            return
        for sound in self._inflow.take(media):
            self._events.put(Frame(sound.pcm, self._offset + sound.at_ms / 1000, sound.lost))
        if self._unsounded and self._unsounded[0][1] + _MARK_LATE_S < now:
            self._count_as_played(now)

    def _marked(self, name: str, now: float) -> None:
        """Marks come in their order; one that was cleared, or counted already, is no news."""
        if all(item != name for item, _ in self._unsounded):
            return
        while self._unsounded:
            item, _ = self._unsounded.popleft()
            if isinstance(item, str):
                self._events.put(Played(item, self._elapsed(now)))
            if item == name:
                return

    def _count_as_played(self, now: float) -> None:
        while self._unsounded and self._unsounded[0][1] + _MARK_LATE_S < now:
            item, at = self._unsounded.popleft()
            if isinstance(item, str):
                self._events.put(Played(item, self._elapsed(at)))

    def _elapsed(self, now: float) -> float:
        return 0.0 if self._began is None else max(0.0, now - self._began)


def _now() -> float:
    return asyncio.get_running_loop().time()
