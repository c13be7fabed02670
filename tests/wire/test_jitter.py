"""The jitter buffer gives even frames of what was said, in order, once, and as little late as the network allows."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careline.wire.jitter import FRAME, JitterBuffer
from careline.wire.rtp import RtpPacket

SILENCE = 0xFF


def packet(n: int, *, samples: int = FRAME, ssrc: int = 7, sequence: int = 0, timestamp: int = 0) -> RtpPacket:
    """The n-th packet of a talker; its payload says which it is (loud bytes, so that nothing is skipped as silence)."""
    return RtpPacket(
        0, (sequence + n) & 0xFFFF, (timestamp + n * samples) & 0xFFFFFFFF, ssrc, bytes([n % 96]) * samples
    )


@dataclass
class Heard:
    frames: list[int | None]  # which packet each 20 ms came from; None for silence

    @property
    def spoken(self) -> list[int]:
        return [one for one in self.frames if one is not None]


def listen(arrivals: list[tuple[float, RtpPacket]], seconds: float, buffer: JitterBuffer | None = None) -> Heard:
    """Feeds packets at their times (in ms) and pops a frame every 20 ms, first at 10 ms."""
    buffer = buffer or JitterBuffer(SILENCE)
    waiting = sorted(arrivals, key=lambda one: one[0])
    frames: list[int | None] = []
    for tick in range(int(seconds * 50)):
        while waiting and waiting[0][0] <= tick * 20 + 10:
            buffer.receive(waiting.pop(0)[1])
        slot = buffer.pop()
        assert len(slot.coded) == FRAME
        frames.append(None if slot.coded == bytes([SILENCE]) * FRAME else slot.coded[0])
    return Heard(frames)


def steady(count: int, **more: int) -> list[tuple[float, RtpPacket]]:
    return [(20.0 * n, packet(n, **more)) for n in range(count)]


def test_a_good_network_is_heard_whole_within_60_ms() -> None:
    heard = listen(steady(90), 2.0)
    assert heard.spoken == list(range(90))
    assert heard.frames.index(0) <= 2


@pytest.mark.parametrize("start", [{"sequence": 0xFFFA}, {"timestamp": 0xFFFFFFFF - 5 * FRAME}])
def test_counters_that_wrap_are_not_heard(start: dict[str, int]) -> None:
    assert listen(steady(60, **start), 1.5).spoken == list(range(60))


@pytest.mark.parametrize("samples", [80, 240, 320, 480])
def test_packets_of_other_lengths_become_20_ms_frames(samples: int) -> None:
    """10, 30, 40 and 60 ms packets: every sample once, in order."""
    buffer = JitterBuffer(SILENCE)
    line = bytes(1 + n % 90 for n in range(samples * 40))
    heard = b""
    for tick in range(int(samples * 40 / FRAME) + 8):
        due = [n for n in range(40) if tick * 20 <= n * samples / 8 < tick * 20 + 20]
        for n in due:
            buffer.receive(RtpPacket(0, n, n * samples, 7, line[n * samples : (n + 1) * samples]))
        heard += buffer.pop().coded
    assert heard.replace(bytes([SILENCE]), b"") == line


def test_neighbours_that_change_places_are_put_right() -> None:
    arrivals = [(20.0 * (n ^ 1), packet(n)) for n in range(80)]
    assert listen(arrivals, 2.0).spoken == list(range(80))


def test_a_packet_that_comes_twice_is_heard_once() -> None:
    arrivals = [(when + extra, one) for when, one in steady(60) for extra in (0.0, 1.0, 45.0)]
    buffer = JitterBuffer(SILENCE)
    assert listen(arrivals, 1.6, buffer).spoken == list(range(60))
    assert buffer.counters.duplicate == 120
    assert buffer.counters.late == 0


def test_a_lost_packet_is_20_ms_of_silence_marked_lost() -> None:
    arrivals = [one for one in steady(50) if one[1].sequence not in (20, 33)]
    buffer = JitterBuffer(SILENCE)
    heard = listen(arrivals, 1.04, buffer)
    assert heard.spoken == [n for n in range(50) if n not in (20, 33)]
    first = heard.frames.index(0)
    assert heard.frames[first + 20] is None
    assert heard.frames[first + 33] is None
    assert buffer.counters.lost == 2


def test_a_network_that_stalls_loses_no_word_and_the_delay_is_worked_off_in_the_next_pause() -> None:
    """300 ms without packets, then all at once; later the caller is quiet and we catch up."""
    talking = [(20.0 * n if not 30 <= n < 45 else 900.0, packet(n)) for n in range(100)]
    quiet = [(2000.0 + 20.0 * n, packet(100 + n)._replace(payload=bytes([0xFE]) * FRAME)) for n in range(300)]
    after = [(8000.0 + 20.0 * n, packet(400 + n)) for n in range(40)]
    buffer = JitterBuffer(SILENCE)
    heard = listen(talking + quiet + after, 9.2, buffer)
    words = [one for one in heard.spoken if one < 96]
    assert words == [n % 96 for n in (*range(96), *range(96, 100), *range(400, 440))]
    late_by = 20 * heard.frames.index(99 % 96, 90) - 20 * 99
    assert 250 <= late_by <= 400
    assert 20 * max(n for n, one in enumerate(heard.frames) if one == 439 % 96) - (8000 + 39 * 20) <= 60


def test_a_stall_too_long_to_follow_starts_afresh() -> None:
    stalled = [(20.0 * n if n < 30 else 5000.0 + 20.0 * n, packet(n)) for n in range(90)]
    heard = listen(stalled, 7.2)
    assert heard.spoken == list(range(90))


def test_silence_suppression_keeps_time() -> None:
    """The caller's telephone sends nothing for three seconds; timestamps go on with the clock."""
    arrivals = [(20.0 * n, packet(n)) for n in (*range(30), *range(180, 210))]
    for place, (when, one) in enumerate(arrivals):
        arrivals[place] = (when, one._replace(sequence=place))
    heard = listen(arrivals, 4.6)
    first = heard.frames.index(0)
    assert heard.frames[first + 180] == 180 % 96
    assert [one for one in heard.frames[first + 30 : first + 180] if one is not None] == []


def test_a_telephone_whose_timestamps_stand_still_while_it_is_silent_is_heard() -> None:
    arrivals = [(20.0 * n + (3000.0 if n >= 30 else 0.0), packet(n)) for n in range(60)]
    assert listen(arrivals, 4.6).spoken == list(range(60))


def test_another_source_takes_over_with_its_second_packet_and_nothing_of_it_is_lost() -> None:
    arrivals = steady(30) + [
        (600.0 + 20.0 * n, packet(n, ssrc=9, sequence=5000, timestamp=9_000_000)) for n in range(30)
    ]
    buffer = JitterBuffer(SILENCE)
    assert listen(arrivals, 1.5, buffer).spoken == [*range(30), *range(30)]
    assert buffer.counters.restarted == 1


def test_one_packet_of_garbage_changes_nothing() -> None:
    garbage = RtpPacket(0, 777, 3_000_000_000, 1234, b"\x01" * FRAME)
    buffer = JitterBuffer(SILENCE)
    arrivals = [
        *steady(60),
        (601.0, garbage),
        (602.0, garbage._replace(payload=b"")),
        (605.0, garbage._replace(ssrc=7)),
    ]
    assert listen(arrivals, 1.5, buffer).spoken == list(range(60))
    assert buffer.counters.strange == 3


@pytest.mark.parametrize("skew", [0.9995, 1.0005])
def test_a_far_clock_that_is_wrong_by_500_ppm_is_followed_for_ten_minutes(skew: float) -> None:
    """Its samples drift by 300 ms; the delay does not, given pauses (here every other second is quiet)."""
    buffer = JitterBuffer(SILENCE)
    waiting = [
        (20.0 * skew * n, packet(n)._replace(payload=bytes([5 if n % 100 < 50 else 0xFE]) * FRAME))
        for n in range(30_000)
    ]
    place = worst = 0
    for tick in range(29_900):
        while place < len(waiting) and waiting[place][0] <= tick * 20:
            buffer.receive(waiting[place][1])
            place += 1
        buffer.pop()
        worst = max(worst, buffer.ahead)
    assert worst <= 6 * FRAME
    assert buffer.counters.lost <= 30


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 0.2), st.integers(0, 60))
def test_a_rough_network_gives_every_packet_that_came_at_most_once_and_in_order(
    seed: int, loss: float, jitter_ms: int
) -> None:
    chance = random.Random(seed)
    arrivals = [
        (when + chance.random() * jitter_ms, one)
        for when, one in steady(95)
        if chance.random() >= loss
        for _ in range(chance.choice([1, 1, 2]))
    ]
    heard = listen(arrivals, 3.0)
    assert heard.spoken == sorted(set(heard.spoken))
    arrived = {one.sequence for _, one in arrivals}
    assert set(heard.spoken) <= arrived
    assert len(arrived - set(heard.spoken)) <= 6


numbers = st.integers(0, 0xFFFFFFFF)
wild = st.builds(
    RtpPacket, st.just(0), st.integers(0, 0xFFFF), numbers, st.sampled_from([1, 2]), st.binary(max_size=500)
)


@given(st.lists(st.one_of(wild, st.none()), max_size=80))
def test_any_packets_at_all_give_frames_of_20_ms_and_bounded_memory(script: list[RtpPacket | None]) -> None:
    buffer = JitterBuffer(SILENCE)
    for one in script:
        if one is None:
            assert len(buffer.pop().coded) == FRAME
        else:
            buffer.receive(one)
        assert 0 <= buffer.ahead <= 60 * FRAME + 4000
