"""A media stream is 20 ms frames in order, whatever the carrier sends."""

import base64
import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careline.core.errors import WireError
from careline.wire import g711, twilio_media
from careline.wire.g711 import Law
from careline.wire.twilio_media import Inflow, Marked, Media, Other, Outflow, Pressed, Sound, Start, Stop

START = {
    "event": "start", "sequenceNumber": "1", "streamSid": "MZ1",
    "start": {
        "accountSid": "AC1", "streamSid": "MZ1", "callSid": "CA1", "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}, "customParameters": {},
    },
}  # fmt: skip


def frame(n: int) -> bytes:
    return bytes([n % 255]) * 160


def media(n: int) -> Media:
    return Media(frame(n), n * 20)


def told(**fields: object) -> object:
    return twilio_media.read(json.dumps(fields))


def numbers(sounds: list[Sound]) -> list[int]:
    """Which frame each is; -1 for silence in the stead of a lost one."""
    return [-1 if one.lost else g711.encode(Law.MU, one.pcm)[0] for one in sounds]


def test_each_message_means_what_the_reference_says() -> None:
    assert told(event="connected", protocol="Call", version="1.0.0") == twilio_media.Connected()
    assert told(**START) == Start("MZ1", "AC1", "CA1", Law.MU)
    payload = base64.b64encode(b"\xff" * 160).decode()
    assert told(
        event="media", media={"track": "inbound", "chunk": "2", "timestamp": "20", "payload": payload}
    ) == Media(b"\xff" * 160, 20)
    assert told(event="media", media={"track": "outbound", "timestamp": "20", "payload": payload}) == Other()
    assert told(event="dtmf", dtmf={"track": "inbound_track", "digit": "1"}) == Pressed("1")
    assert told(event="mark", mark={"name": "1:hello/3"}) == Marked("1:hello/3")
    assert told(event="stop", stop={"accountSid": "AC1", "callSid": "CA1"}) == Stop()
    assert told(event="something new") == Other()


def test_a_stream_of_a_law_comes_in_that_law() -> None:
    start = json.loads(json.dumps(START))
    start["start"]["mediaFormat"]["encoding"] = "PCMA"
    assert told(**start) == Start("MZ1", "AC1", "CA1", Law.A)


@pytest.mark.parametrize(
    "form",
    [
        {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": "8000 or so", "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2},
        {"encoding": "audio/x-l16", "sampleRate": 8000, "channels": 1},
        {"encoding": ["audio/x-mulaw"], "sampleRate": 8000, "channels": 1},
    ],
)
def test_audio_of_another_kind_is_an_error(form: dict[str, object]) -> None:
    start = json.loads(json.dumps(START))
    start["start"]["mediaFormat"] = form
    with pytest.raises(WireError):
        told(**start)


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "[]", "{", '{"event":"media"}', '{"event":"media","media":{"payload":"é"}}',
        '{"event":"media","media":{"payload":"AAA","timestamp":"1"}}', '{"event":"media","media":{"timestamp":"x"}}',
        '{"event":"media","media":{"payload":[],"timestamp":"1"}}', '{"event":"start","start":{}}',
        '{"event":"start","streamSid":7,"start":{}}', "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_message_is_an_error(text: str) -> None:
    with pytest.raises(WireError):
        twilio_media.read(text)


def test_what_we_send_has_the_documented_form() -> None:
    out = Outflow("MZ1", Law.MU)
    sent = json.loads(out.media(b"\0\0" * 160))
    assert (sent["event"], sent["streamSid"]) == ("media", "MZ1")
    assert base64.b64decode(sent["media"]["payload"]) == b"\xff" * 160
    assert json.loads(out.mark('a "mark"')) == {"event": "mark", "streamSid": "MZ1", "mark": {"name": 'a "mark"'}}
    assert json.loads(out.clear) == {"event": "clear", "streamSid": "MZ1"}


def test_frames_in_order_pass_through_with_their_times() -> None:
    flow = Inflow(Law.MU)
    sounds = [sound for n in range(5) for sound in flow.take(media(n))]
    assert numbers(sounds) == [0, 1, 2, 3, 4]
    assert [one.at_ms for one in sounds] == [0, 20, 40, 60, 80]


def test_frames_out_of_order_and_twice_come_once_and_in_order() -> None:
    flow = Inflow(Law.MU)
    sounds = [sound for n in (0, 2, 1, 1, 3, 5, 4, 0, 6) for sound in flow.take(media(n))]
    assert numbers(sounds) == [0, 1, 2, 3, 4, 5, 6]


def test_a_lost_frame_is_silence_of_its_length() -> None:
    flow = Inflow(Law.MU)
    sounds = [sound for n in (0, 2, 3, 4, 5) for sound in flow.take(media(n))]
    assert numbers(sounds) == [0, -1, 2, 3, 4, 5]
    assert [one.at_ms for one in sounds] == [0, 20, 40, 60, 80, 100]


def test_a_long_gap_is_leapt_over() -> None:
    flow = Inflow(Law.MU)
    sounds = [sound for n in (0, 1000, 1001, 1002) for sound in flow.take(media(n))]
    assert len(sounds) == 4
    assert sounds[-1].at_ms == 20_040


@pytest.mark.parametrize("size", [1, 33, 80, 159, 161, 320, 1000, 8000])
def test_pieces_of_any_size_become_whole_frames(size: int) -> None:
    whole = bytes(n % 251 for n in range(8000))
    flow, sounds = Inflow(Law.MU), list[Sound]()
    for place in range(0, len(whole), size):
        sounds += flow.take(Media(whole[place : place + size], place // 8))
    assert b"".join(g711.encode(Law.MU, one.pcm) for one in sounds) == g711.encode(Law.MU, g711.decode(Law.MU, whole))
    assert all(len(one.pcm) == 320 for one in sounds)


def test_a_time_out_of_all_reason_is_an_error() -> None:
    flow = Inflow(Law.MU)
    flow.take(media(0))
    with pytest.raises(WireError):
        flow.take(Media(frame(1), 10**9))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 700)), max_size=60))
def test_times_never_go_back_and_frames_are_whole(pieces: list[tuple[int, int]]) -> None:
    flow, sounds = Inflow(Law.MU), list[Sound]()
    for at, size in pieces:
        sounds += flow.take(Media(b"\x80" * size, at * 20))
    times = [one.at_ms for one in sounds]
    assert all(later - earlier >= 20 for earlier, later in itertools.pairwise(times))
    assert all(len(one.pcm) == 320 for one in sounds)
