"""Telephone legs joined in memory: one end is the product's `Leg`, the other a person with a mouth, ears and a keypad.

Every 20 ms of the event loop's clock one frame goes each way, exactly on time. On a `SwiftLoop` that clock leaps, so a call of
minutes takes milliseconds; on an ordinary loop it is real time, for calls with real recognisers and voices.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.ports import FRAME_BYTES, FRAME_MS, DialFailed, Ended, Frame, Key, LegEvent, Played

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from careline.ports import IncomingCall

FRAME_S = FRAME_MS / 1000
_KEY_GAP_S = 0.2
#: A quiet line: not digital silence, but far below speech.
_HISS = bytes([4, 0, 252, 255]) * (FRAME_BYTES // 4)


class MemoryLeg:
    """`ports.Leg`. Its other end is `person`."""

    def __init__(self, caller: str = "+12125550123", called: str = "+12125550100", name: str = "memory-1") -> None:
        self._id, self._caller, self._called = name, caller, called
        self._events: asyncio.Queue[LegEvent] = asyncio.Queue()
        self._queue: deque[bytes | str] = deque()
        self._ended = False
        self.person = Person(self)
        self._began = asyncio.get_running_loop().time()
        self._clock = asyncio.create_task(self._run(), name=f"leg {name}")

    @property
    def id(self) -> str:
        return self._id

    @property
    def caller(self) -> str:
        return self._caller

    @property
    def called(self) -> str:
        return self._called

    @property
    def now(self) -> float:
        """Seconds of the leg."""
        return asyncio.get_running_loop().time() - self._began

    @property
    def over(self) -> bool:
        return self._ended

    async def events(self) -> AsyncIterator[LegEvent]:
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, Ended):
                return

    def play(self, pcm: bytes) -> None:
        if pcm:
            self._queue.append(pcm)

    def mark(self, name: str) -> None:
        self._queue.append(name)

    def clear(self) -> int:
        dropped = sum(len(item) for item in self._queue if isinstance(item, bytes))
        self._queue.clear()
        return dropped

    async def hang_up(self) -> None:
        self.end("local")

    # ------------------------------------------------------------ for the person at the other end

    def end(self, reason: str) -> None:
        if not self._ended:
            self._ended = True
            self._events.put_nowait(Ended(reason, self.now))
            self.person.line_is_dead.set()
            self._clock.cancel()

    def press(self, digit: str) -> None:
        if not self._ended:
            self._events.put_nowait(Key(digit, self.now))

    async def _run(self) -> None:
        loop, number = asyncio.get_running_loop(), 0
        while True:
            number += 1
            await asyncio.sleep(self._began + number * FRAME_S - loop.time())
            at = (number - 1) * FRAME_S  # the frame was spoken during the tick that has just passed
            self._events.put_nowait(Frame(self.person.next_frame(), at))
            pcm, marks = self._next_frame()
            self.person.hear(pcm, at)
            for mark in marks:
                self._events.put_nowait(Played(mark, at + FRAME_S))

    def _next_frame(self) -> tuple[bytes, list[str]]:
        taken, marks = b"", list[str]()
        while self._queue:
            item = self._queue[0]
            if isinstance(item, bytes):
                wanted = FRAME_BYTES - len(taken)
                if not wanted:
                    break
                taken += item[:wanted]
                rest = item[wanted:]
                self._queue.popleft()
                if rest:
                    self._queue.appendleft(rest)
            else:
                marks.append(item)
                self._queue.popleft()
        return taken.ljust(FRAME_BYTES, b"\0"), marks


class Person:
    """The far end. `heard` is everything that reached their ear, from the leg's second 0 on."""

    def __init__(self, leg: MemoryLeg) -> None:
        self.leg = leg
        self.heard = bytearray()
        self.line_is_dead = asyncio.Event()
        self._saying = bytearray()
        self._quiet = asyncio.Event()

    def next_frame(self) -> bytes:
        frame = bytes(self._saying[:FRAME_BYTES])
        del self._saying[:FRAME_BYTES]
        if not self._saying:
            self._quiet.set()
        return frame.ljust(FRAME_BYTES, b"\0") if frame else _HISS

    def hear(self, pcm: bytes, at: float) -> None:
        start = round(at / FRAME_S) * FRAME_BYTES
        self.heard.extend(bytes(max(0, start - len(self.heard))))
        self.heard += pcm

    def say_now(self, pcm: bytes) -> float:
        """Begin to speak; returns when, in seconds of the leg (the next frame's)."""
        self._saying += pcm
        self._quiet.clear()
        return round(self.leg.now / FRAME_S) * FRAME_S

    async def say(self, pcm: bytes) -> float:
        """Speak to the end, or until the line is dead."""
        began = self.say_now(pcm)
        await self._either(self._quiet)
        return began

    async def press(self, digits: str) -> None:
        for digit in digits:
            self.leg.press(digit)
            await asyncio.sleep(_KEY_GAP_S)

    async def listen(self, seconds: float) -> bytes:
        """What is heard during that time."""
        start = len(self.heard)
        await asyncio.sleep(seconds)
        return bytes(self.heard[start:])

    def hang_up(self) -> None:
        self.leg.end("remote")

    async def _either(self, event: asyncio.Event) -> None:
        waits = [asyncio.create_task(each.wait()) for each in (event, self.line_is_dead)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()


@dataclass(slots=True)
class MemoryTelephone:
    """`ports.Telephone`. `people` answer the numbers that are dialled, each with a leg of their own, or fail in their way."""

    people: dict[str, Callable[[Person], Awaitable[None]] | DialFailed] = field(
        default_factory=dict[str, "Callable[[Person], Awaitable[None]] | DialFailed"]
    )
    dialled: list[str] = field(default_factory=list[str])
    legs: list[MemoryLeg] = field(default_factory=list[MemoryLeg])
    on_call: Callable[[IncomingCall], Awaitable[None]] | None = None
    _lives: set[asyncio.Task[None]] = field(default_factory=set["asyncio.Task[None]"])

    async def start(self, on_call: Callable[[IncomingCall], Awaitable[None]]) -> None:
        self.on_call = on_call

    async def dial(self, number: str, caller_id: str, timeout_s: float) -> MemoryLeg | DialFailed:
        self.dialled.append(number)
        person = self.people.get(number, DialFailed.BAD_NUMBER)
        if person is DialFailed.NO_ANSWER:
            await asyncio.sleep(timeout_s)
        if isinstance(person, DialFailed):
            return person
        leg = MemoryLeg(caller_id, number, f"memory-{len(self.legs) + 1}")
        self.legs.append(leg)
        life = asyncio.ensure_future(person(leg.person))
        self._lives.add(life)  # pyright: ignore[reportArgumentType] - any awaitable may be a life
        life.add_done_callback(self._lives.discard)
        return leg

    async def stop(self) -> None:
        for leg in self.legs:
            leg.end("local")
