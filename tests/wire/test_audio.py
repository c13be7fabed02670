"""One leg's audio: what is played goes out in even packets, marks say when, and what comes in is heard."""

import pytest

from careline.core.errors import WireError
from careline.wire import g711, rtp
from careline.wire.audio import FRAME_BYTES, AudioStream, Start
from careline.wire.dtmf import parse_event
from careline.wire.g711 import Law
from careline.wire.rtp import RtpPacket


def stream(keys_type: int | None = 101, law: Law = Law.MU) -> AudioStream:
    return AudioStream(law, keys_type, Start(ssrc=7, sequence=0xFFFE, timestamp=0xFFFFFFFF - 159))


def loud(frames: float) -> bytes:
    return (1000).to_bytes(2, "little") * int(frames * 160)


def sent(audio: AudioStream, ticks: int) -> list[RtpPacket]:
    return [rtp.parse(audio.next_packet().data) for _ in range(ticks)]


def test_packets_are_even_and_counters_wrap() -> None:
    packets = sent(stream(), 4)
    assert [one.sequence for one in packets] == [0xFFFE, 0xFFFF, 0, 1]
    assert [one.timestamp for one in packets] == [0xFFFFFFFF - 159, 0, 160, 320]
    assert [one.marker for one in packets] == [True, False, False, False]
    assert {len(one.payload) for one in packets} == {160}


def test_silence_goes_out_when_there_is_nothing_to_say() -> None:
    assert g711.decode(Law.MU, sent(stream(), 1)[0].payload) == bytes(FRAME_BYTES)


def test_marks_report_with_the_packet_that_ends_what_was_before_them() -> None:
    audio = stream()
    audio.mark("start")
    audio.play(loud(1.5))
    audio.mark("middle")
    audio.play(loud(0.5))
    audio.mark("end")
    assert [audio.next_packet().marks for _ in range(3)] == [("start",), ("middle", "end"), ()]


def test_pieces_of_any_size_join_without_a_gap() -> None:
    audio = stream()
    for size in (2, 318, 100, 540, 320):
        audio.play(loud(1)[:size] if size <= 320 else loud(2)[:size])
    heard = b"".join(g711.decode(Law.MU, one.payload) for one in sent(audio, 4))
    assert heard == g711.decode(Law.MU, g711.encode(Law.MU, loud(4)))


def test_barge_in_drops_what_waits_and_its_marks() -> None:
    audio = stream()
    audio.play(loud(10))
    audio.mark("never")
    audio.next_packet()
    assert audio.clear() == 9 * FRAME_BYTES
    assert [audio.next_packet().marks for _ in range(12)] == [()] * 12
    assert audio.clear() == 0


def test_half_a_sample_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="even"):
        stream().play(b"\0\0\0")


def test_a_pause_without_packets_moves_time_but_not_the_count() -> None:
    audio = stream()
    first = sent(audio, 1)[0]
    audio.skip(50)
    second = sent(audio, 1)[0]
    assert (second.sequence - first.sequence) & 0xFFFF == 1
    assert (second.timestamp - first.timestamp) & 0xFFFFFFFF == 51 * 160
    assert second.marker


def test_keys_go_out_before_audio_with_one_timestamp_each() -> None:
    audio = stream()
    audio.play(loud(1))
    audio.press("1#")
    packets = sent(audio, 30)
    presses = [one for one in packets if one.payload_type == 101]
    assert [parse_event(one.payload).event for one in presses if one.marker] == [1, 11]
    assert len({one.timestamp for one in presses}) == 2
    assert [one.sequence for one in packets] == [(0xFFFE + n) & 0xFFFF for n in range(30)]
    with pytest.raises(WireError):
        stream(keys_type=None).press("1")


@pytest.mark.parametrize("sender", list(Law))
@pytest.mark.parametrize("law", list(Law))
def test_both_laws_are_heard_whatever_was_agreed(law: Law, sender: Law) -> None:
    audio = stream(law=law)
    for n in range(5):
        payload = g711.encode(sender, loud(1))
        audio.receive(rtp.build(RtpPacket(sender.value, n, n * 160, 1, payload)), 0.0)
    heard = [audio.pop() for _ in range(6)]
    samples = {abs(value - 1000) <= 40 for pcm, lost in heard if not lost for value in memoryview(pcm).cast("h")}
    assert samples == {True}
    assert [lost for _, lost in heard] == [True, True, False, False, False, False]


def test_a_key_is_returned_and_other_payloads_are_refused() -> None:
    audio, far = stream(), stream()
    far.press("4")
    assert [audio.receive(far.next_packet().data, 0.02 * n) for n in range(8)] == ["4"] + [None] * 7
    with pytest.raises(WireError):
        audio.receive(rtp.build(RtpPacket(18, 1, 1, 1, b"g729")), 0.0)
    assert audio.receive(rtp.build(RtpPacket(13, 1, 1, 1, b"\x40")), 0.0) is None


def test_another_codec_in_mid_call() -> None:
    audio = stream()
    audio.play(loud(2))
    audio.next_packet()
    audio.agree(Law.A, 96)
    packet = sent(audio, 1)[0]
    assert packet.payload_type == Law.A.value
    assert g711.decode(Law.A, packet.payload) == g711.decode(Law.A, g711.encode(Law.A, loud(1)))


def test_only_the_next_of_the_very_stream_continues_it() -> None:
    audio = stream()
    assert not audio.continues(b"garbage")
    audio.receive(rtp.build(RtpPacket(0, 100, 0, 1, b"\xff" * 160)), 0.0)
    assert audio.continues(rtp.build(RtpPacket(0, 101, 160, 1, b"\xff" * 160)))
    assert not audio.continues(rtp.build(RtpPacket(0, 101, 160, 2, b"\xff" * 160)))
    assert not audio.continues(rtp.build(RtpPacket(0, 99, 160, 1, b"\xff" * 160)))
