"""One press of a telephone key is one key, whatever the network does to its packets."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careline.core.errors import WireError
from careline.wire.dtmf import KEYS, KeyPacket, KeyReceiver, TelephoneEvent, parse_event, press_packets

Sent = tuple[float, int, KeyPacket]  # when, timestamp, packet


def typed(digits: str, gap_s: float = 0.1) -> list[Sent]:
    """A person typing: 100 ms a press, a gap between."""
    sent: list[Sent] = []
    now, timestamp = 0.0, 16_000
    for digit in digits:
        packets = press_packets(digit)
        sent += [(now + 0.02 * n, timestamp, packet) for n, packet in enumerate(packets)]
        now += 0.02 * len(packets) + gap_s
        timestamp += int(8000 * (0.02 * len(packets) + gap_s))
    return sent


def keys(arriving: list[Sent]) -> str:
    receiver = KeyReceiver()
    heard = [
        receiver.receive(parse_event(packet.payload), stamp, packet.marker, now) for now, stamp, packet in arriving
    ]
    return "".join(key for key in heard if key)


@pytest.mark.parametrize("digits", [KEYS, "1111", "911", "0000#", "12*#"])
def test_each_press_is_one_key(digits: str) -> None:
    assert keys(typed(digits)) == digits


def test_a_key_is_known_with_its_first_packet() -> None:
    assert keys(typed("5")[:1]) == "5"


@pytest.mark.parametrize("digits", ["55", "5566"])
def test_lost_ends_neither_merge_nor_double_presses(digits: str) -> None:
    assert keys([one for one in typed(digits) if not parse_event(one[2].payload).end]) == digits


def test_a_lost_beginning_costs_nothing() -> None:
    assert keys([one for one in typed("55") if not one[2].marker]) == "55"


@given(st.text("0123456789*#", min_size=1, max_size=8), st.integers(0, 2**32))
def test_half_of_the_packets_lost_doubled_and_shuffled_within_60_ms(digits: str, seed: int) -> None:
    chance = random.Random(seed)
    presses: dict[int, list[Sent]] = {}
    for one in typed(digits):
        presses.setdefault(one[1], []).append(one)
    arriving: list[Sent] = []
    for packets in presses.values():
        kept = [one for one in packets if chance.random() < 0.5] or [chance.choice(packets)]
        arriving += [
            (when + chance.random() * 0.06, stamp, packet) for when, stamp, packet in kept * chance.choice([1, 2])
        ]
    assert keys(sorted(arriving, key=lambda one: one[0])) == digits


def test_a_key_held_for_ten_seconds_is_one_key() -> None:
    segments: list[Sent] = []
    for n in range(500):
        stamp, duration = 16_000 + 0xFFFF * (n * 160 // 0xFFFF), n * 160 % 0xFFFF
        segments.append(
            (0.02 * n, stamp, KeyPacket(TelephoneEvent(5, end=False, duration=duration).build(), marker=n == 0))
        )
    assert keys(segments) == "5"


def test_a_sender_that_moves_the_timestamp_with_every_packet_is_understood() -> None:
    moved = [(when, stamp + 160 * n, packet) for n, (when, stamp, packet) in enumerate(typed("7")[:5])]
    assert keys(moved) == "7"


def test_a_recorded_press_played_twice_is_two_keys() -> None:
    """Load generators replay a capture, so both presses carry the same timestamps."""
    once = typed("1")
    assert keys(once + [(when + 0.6, stamp, packet) for when, stamp, packet in once]) == "11"


def test_timestamps_that_go_backwards_are_presses_all_the_same() -> None:
    back = [(when, 32_000 - stamp, packet) for when, stamp, packet in typed("123")]
    assert keys(back) == "123"


def test_other_tones_are_no_keys() -> None:
    assert KeyReceiver().receive(TelephoneEvent(16, end=False, duration=160), 1, True, 0.0) is None


@given(st.binary(max_size=12))
def test_any_payload_is_an_event_or_a_wire_error(payload: bytes) -> None:
    try:
        event = parse_event(payload)
    except WireError:
        assert len(payload) < 4
        return
    assert event.build()[0] == payload[0]


def test_what_is_pressed_grows_and_ends_three_times() -> None:
    events = [parse_event(packet.payload) for packet in press_packets("#")]
    assert [event.end for event in events] == [False] * 5 + [True] * 3
    assert all(later.duration >= earlier.duration for earlier, later in pairwise(events))
    with pytest.raises(WireError):
        press_packets("x")
    with pytest.raises(WireError):
        press_packets("")
