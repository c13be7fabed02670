"""RTP packets are read whole or refused; nothing in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careline.core.errors import WireError
from careline.wire.rtp import RtpPacket, build, parse, unwrap

# 12-byte header: version 2, payload type 0, sequence 1, timestamp 160, source 0x11223344, then 4 bytes of audio
PLAIN = bytes.fromhex("80 00 0001 000000a0 11223344 ff7fff7f")
MARKED = bytes.fromhex("80 80 0001 000000a0 11223344 ff7fff7f")
WITH_SOURCES = bytes.fromhex("82 00 0001 000000a0 11223344 aaaaaaaa bbbbbbbb ff7fff7f")
WITH_EXTENSION = bytes.fromhex("90 00 0001 000000a0 11223344 bede0001 10aa0000 ff7fff7f")
WITH_PADDING = bytes.fromhex("a0 00 0001 000000a0 11223344 ff7fff7f 00000004")
WITH_ALL = bytes.fromhex("b1 80 0001 000000a0 11223344 aaaaaaaa bede0001 10aa0000 ff7fff7f 00000004")

packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=400),
    marker=st.booleans(),
)


@pytest.mark.parametrize("data", [PLAIN, WITH_SOURCES, WITH_EXTENSION, WITH_PADDING])
def test_audio_is_found_behind_whatever_a_peer_may_legally_add(data: bytes) -> None:
    assert parse(data) == RtpPacket(0, 1, 160, 0x11223344, bytes.fromhex("ff7fff7f"), marker=False)


def test_a_marker_is_seen() -> None:
    assert parse(MARKED).marker
    assert parse(WITH_ALL) == parse(MARKED)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PLAIN[:11],
        bytes([0x00]) + PLAIN[1:],  # STUN has version bits 00
        bytes([0xC0]) + PLAIN[1:],
        WITH_SOURCES[:18],
        WITH_EXTENSION[:14],
        WITH_EXTENSION[:18],
        bytes([0xA0]) + PLAIN[1:-1] + b"\x09",  # more padding than payload
        bytes([0xA0]) + PLAIN[1:-1] + b"\x00",  # padding of none
        bytes([0x8F]) + PLAIN[1:],  # fifteen sources in four bytes
    ],
)
def test_a_packet_whose_lengths_lie_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        parse(data)


@pytest.mark.parametrize("whole", [PLAIN, WITH_SOURCES, WITH_EXTENSION, WITH_PADDING, WITH_ALL])
def test_cut_short_anywhere_it_is_a_packet_or_a_wire_error(whole: bytes) -> None:
    for length in range(len(whole)):
        try:
            assert len(parse(whole[:length]).payload) <= length
        except WireError:
            continue


@given(packets)
def test_what_is_built_is_read_back(packet: RtpPacket) -> None:
    assert parse(build(packet)) == packet


@given(st.binary(max_size=64))
def test_any_bytes_are_a_packet_or_a_wire_error(data: bytes) -> None:
    try:
        packet = parse(data)
    except WireError:
        return
    assert data.find(packet.payload) >= 0


@given(st.integers(-(2**40), 2**40), st.integers(-30_000, 30_000))
def test_a_counter_that_wrapped_is_told_by_its_neighbour(near: int, step: int) -> None:
    assert unwrap((near + step) & 0xFFFF, near, 16) == near + step
