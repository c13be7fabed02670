"""Every leg gets its turn every 20 ms; a machine that stalls neither floods the line nor loses the beat."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import cast

from careline.telephony.sip.media import MediaClock


@dataclass
class SteppedLoop:
    """As much of an event loop as the clock needs, with a hand on its time."""

    now: float = 100.0
    waiting: list[tuple[float, int, Callable[[], None]]] = field(
        default_factory=list[tuple[float, int, Callable[[], None]]]
    )
    soon: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    number: count[int] = field(default_factory=count)

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, work: Callable[[], None]) -> None:
        heapq.heappush(self.waiting, (when, next(self.number), work))

    def call_soon(self, work: Callable[[], None]) -> None:
        self.soon.append(work)

    def run_until(self, until: float) -> None:
        while self.waiting and self.waiting[0][0] <= until:
            when, _, work = heapq.heappop(self.waiting)
            self.now = max(self.now, when)
            work()
            while self.soon:
                self.soon.pop()()
        self.now = max(self.now, until)


@dataclass(eq=False)
class Member:
    turns: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])

    def tick(self, now: float, skipped: int) -> None:
        self.turns.append((now, skipped))


def clock(loop: SteppedLoop) -> MediaClock:
    return MediaClock(cast(asyncio.AbstractEventLoop, loop))


def test_every_member_has_fifty_turns_a_second_and_not_all_at_once() -> None:
    loop = SteppedLoop()
    beat, members = clock(loop), [Member() for _ in range(8)]
    for member in members:
        beat.join(member)
    loop.run_until(101.0)
    assert {len(member.turns) for member in members} <= {50, 51}
    assert {skipped for member in members for _, skipped in member.turns} == {0}
    starts = [round(member.turns[0][0] - 100, 4) for member in members]
    assert sorted(starts) == [0.0, 0.0, 0.005, 0.005, 0.01, 0.01, 0.015, 0.015]


def test_a_short_stall_is_caught_up() -> None:
    loop = SteppedLoop()
    beat, member = clock(loop), Member()
    beat.join(member)
    loop.run_until(100.5)
    loop.now = 100.58
    loop.run_until(101.0)
    assert len(member.turns) in (50, 51)
    assert beat.late_beats == 1
    assert sum(skipped for _, skipped in member.turns) == 0


def test_a_long_stall_is_skipped_and_said_so() -> None:
    loop = SteppedLoop()
    beat, member = clock(loop), Member()
    beat.join(member)
    loop.run_until(100.5)
    loop.now = 103.5
    loop.run_until(104.0)
    skipped = sum(gap for _, gap in member.turns)
    assert 140 <= skipped <= 146
    assert len(member.turns) + skipped in (200, 201)
    burst = [now for now, _ in member.turns if now == 103.5]
    assert len(burst) <= 7


def test_who_leaves_has_no_turn_and_an_empty_clock_rests() -> None:
    loop = SteppedLoop()
    beat, member, other = clock(loop), Member(), Member()
    beat.join(member)
    beat.join(other)
    loop.run_until(100.1)
    beat.leave(member)
    turns = len(member.turns)
    loop.run_until(100.2)
    assert len(member.turns) == turns
    assert len(other.turns) > turns
    beat.leave(other)
    loop.run_until(100.3)
    assert not loop.waiting
    beat.join(member)
    loop.run_until(100.4)
    assert len(member.turns) > turns
