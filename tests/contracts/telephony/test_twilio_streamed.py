"""A call over Media Streams is a leg: whole frames with their times, keys, marks when they sound, and clear at once."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from array import array

import pytest
from twilio_house import House, Served, house, run

from careline.core.errors import Refused, TryAgain
from careline.ports import Ended, Key, Played
from careline.telephony.twilio import Mode, Timing
from careline.testing.carrier_calls import CarriedCall

TONE = array("h", [6000 if n % 20 < 10 else -6000 for n in range(8000)]).tobytes()  # one second of 400 Hz
PATIENT = Timing(answer_s=0.5, return_s=5.0, stall_s=5.0, api_s=0.5)


async def begin(it: House) -> tuple[CarriedCall, Served]:
    call = await it.carrier.ring()
    return call, await it.takes()


def loud(coded: bytes) -> int:
    """How many bytes of G.711 are no silence."""
    return sum(byte not in (0xFF, 0x7F) for byte in coded)


def test_frames_keys_and_marks_come_with_their_times() -> None:
    async def story() -> None:
        async with house(Mode.MEDIA) as it:
            call, served = await begin(it)
            assert (served.leg.caller, served.leg.called) == (call.caller, call.called)
            call.stream.says(TONE[:3200])
            served.leg.play(TONE[:3200])
            served.leg.mark("one")
            await call.stream.presses("7#")
            assert (await served.told(Played)).at >= 0.2
            assert [one.digit for one in served.all(Key)] == ["7", "#"]
            frames = await served.hears(20)
            assert all(len(frame.pcm) == 320 and not frame.lost for frame in frames)
            assert [round(b.at - a.at, 3) for a, b in itertools.pairwise(frames)] == [0.02] * (len(frames) - 1)
            assert sum(max(array("h", frame.pcm)) > 3000 for frame in frames) == 10
            assert loud(bytes(call.stream.heard)) == 1600
            await call.hang_up()
            assert await served.over() == "remote"

    run(story())


def test_clear_stops_what_has_not_sounded_and_its_marks_never_report() -> None:
    async def story() -> None:
        async with house(Mode.MEDIA) as it:
            call, served = await begin(it)
            for number in range(10):
                served.leg.play(TONE[:3200])
                served.leg.mark(f"one/{number}")
            await served.told(Played, 2)
            dropped = served.leg.clear()
            assert 3200 * 6 <= dropped <= 3200 * 8
            served.leg.play(TONE[:640])
            served.leg.mark("two/1")
            async with asyncio.timeout(5):
                while (await served.told(Played, len(served.all(Played)))).mark != "two/1":
                    await served.told(Played, len(served.all(Played)) + 1)
            assert len(served.all(Played)) <= 4
            assert call.stream.cleared == 1
            await call.hang_up()

    run(story())


def test_hanging_up_ends_the_call_at_the_carrier() -> None:
    async def story() -> None:
        async with house(Mode.MEDIA) as it:
            call, served = await begin(it)
            await served.leg.hang_up()
            assert await served.over() == "local"
            async with asyncio.timeout(5):
                await call.over.wait()
            assert it.telephone.live == 0

    run(story())


def test_a_socket_dropped_amid_a_sentence_goes_on_where_it_was() -> None:
    async def story() -> None:
        async with house(Mode.MEDIA, timing=PATIENT) as it:
            call, served = await begin(it)
            for number in range(5):
                served.leg.play(TONE[:3200])
                served.leg.mark(f"one/{number}")
            await served.told(Played)
            first = call.session
            await call.stream.drop()
            await call.connected(first)
            await served.told(Played, 5)
            assert [one.mark for one in served.all(Played)] == [f"one/{number}" for number in range(5)]
            before = served.frames[-1].at
            count = len(served.frames)
            assert (await served.hears(count + 5))[-1].at > before
            await call.hang_up()

    run(story())


def test_a_socket_that_falls_silent_is_a_caller_who_was_lost() -> None:
    async def story() -> None:
        async with house(Mode.MEDIA) as it:
            call, served = await begin(it)
            await served.hears(3)
            call.vanishes = call.stream.mute = True
            assert await served.over() == "lost"
            assert it.telephone.live == 0

    run(story())


def test_a_socket_that_floods_is_closed_and_its_call_ends() -> None:
    async def story() -> None:
        async with house(Mode.MEDIA) as it:
            call, served = await begin(it)
            call.vanishes = True
            for number in range(3000):
                await call.stream.send_media(b"\xff" * 160, number * 20)
            assert await served.over() == "lost"

    run(story())


@pytest.mark.parametrize("size", [1, 100, 161, 480, 8000])
def test_audio_of_any_size_becomes_whole_frames(size: int) -> None:
    async def story() -> None:
        async with house(Mode.MEDIA) as it:
            call, served = await begin(it)
            call.stream.mute = True
            for place in range(0, 16_000, size)[:300]:
                await call.stream.send_media(b"\x00" * size, 10_000 + place // 8)
            frames = await served.hears(min(16_000, 300 * size) // 160)
            assert all(len(frame.pcm) == 320 for frame in frames)
            await call.hang_up()

    run(story())


def start(call: CarriedCall, **form: object) -> str:
    media = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1, **form}
    inner = {"accountSid": "AC1", "callSid": call.sid, "streamSid": "MZ1", "mediaFormat": media}
    return json.dumps({"event": "start", "streamSid": "MZ1", "start": inner})


@pytest.mark.parametrize("form", [{"sampleRate": 16_000}, {"encoding": "audio/opus"}, {"channels": 2}])
def test_audio_of_another_rate_or_kind_is_refused_clearly(form: dict[str, object]) -> None:
    async def story() -> None:
        async with house(Mode.MEDIA) as it:
            it.carrier.describes = form
            await it.carrier.ring()
            async with asyncio.timeout(5):
                assert isinstance(await it.failed.get(), Refused | TryAgain)
            assert it.telephone.live == 0

    run(story())


def test_garbage_amid_the_audio_ends_nothing() -> None:
    async def story() -> None:
        async with house(Mode.MEDIA) as it:
            call, served = await begin(it)
            payload = base64.b64encode(b"\xff" * 160).decode()
            for junk in (
                "",
                "{",
                "[]",
                '{"event":"media"}',
                '{"event":"media","media":{"payload":"?","timestamp":-1}}',
            ):
                await call.stream.send_raw(junk)
            late = {"event": "media", "media": {"track": "inbound", "timestamp": "0", "payload": payload}}
            await call.stream.send_raw(json.dumps(late))
            count = len(served.frames)
            await served.hears(count + 10)
            assert not served.all(Ended)
            await call.hang_up()

    run(story())


def test_a_mark_that_never_comes_back_is_counted_as_sounded() -> None:
    async def story() -> None:
        async with house(Mode.MEDIA) as it:
            call, served = await begin(it)
            call.stream.forgets_marks = True
            served.leg.play(TONE[:320])
            served.leg.mark("lost")
            assert (await served.told(Played)).mark == "lost"
            await call.hang_up()

    run(story())


def test_two_calls_at_once_are_two_legs() -> None:
    async def story() -> None:
        async with house(Mode.MEDIA) as it:
            calls = await asyncio.gather(it.carrier.ring(), it.carrier.ring("+12125550144"))
            served = [await it.takes(), await it.takes()]
            assert {one.leg.caller for one in served} == {"+12125550143", "+12125550144"}
            assert it.telephone.live == 2
            await asyncio.gather(*(call.hang_up() for call in calls))
            assert [await one.over() for one in served] == ["remote", "remote"]

    run(story())
