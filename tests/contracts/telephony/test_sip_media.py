"""What is said on one end is heard on the other: whole, once, in time, and by nobody else."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from itertools import pairwise

import pytest
from lossy_relay import Relay, Weather, relay
from sip_house import TONE, Answered, House, house, quiet, run

from careline.ports import Ended, Frame, Held, Key, Played
from careline.telephony.sip import SipConfig
from careline.telephony.sip.leg import SipLeg
from careline.testing.telephone import PhoneCall, Softphone
from careline.wire import g711, rtp
from careline.wire.g711 import Law

CODED = g711.decode(Law.MU, g711.encode(Law.MU, TONE))


def said(leg: Answered) -> bytes:
    """What the leg heard. Where the machine stalled, silence stands between; nothing said may be missing."""
    return b"".join(frame.pcm for frame in leg.frames if not frame.lost)


def heard(call: PhoneCall) -> bytes:
    """What the telephone heard, packet after packet."""
    return b"".join(frame.pcm for frame in call.audio.heard)


async def connected(home: House, phone: Softphone, through: Relay | None = None) -> tuple[PhoneCall, Answered]:
    call = await phone.dial("5550100", home.address)
    if through is not None:
        call.audio.via = through.address
    await call.answered()
    if through is not None:
        through.far = call.audio.target
    return call, await home.answered.get()


def test_both_ends_hear_what_the_other_says_sample_by_sample() -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550123") as phone:
            call, leg = await connected(home, phone)
            call.play(TONE)
            leg.leg.play(TONE)
            await call.until(lambda: CODED in heard(call))
            await leg.until(lambda: CODED in said(leg))
            call.hang_up()
            await leg.over()

    run(story())


def test_frames_come_every_20_ms_of_the_legs_time_whatever_arrives() -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550123") as phone:
            call, leg = await connected(home, phone)
            await leg.until(lambda: len(leg.frames) >= 100)
            assert {len(frame.pcm) for frame in leg.frames} == {320}
            steps = [(later.at - earlier.at) / 0.02 for earlier, later in pairwise(leg.frames)]
            # A machine that stalls for over 100 ms skips whole turns; the time line says so.
            assert all(round(step) >= 1 and abs(step - round(step)) <= 0.06 for step in steps)
            assert leg.frames[0].at < 0.04
            stalls = home.phone.stats().late_beats
            assert sum(frame.lost for frame in leg.frames[10:]) <= 2 + 6 * stalls
            call.hang_up()
            await leg.over()

    run(story())


def test_a_word_is_placed_on_the_time_line_when_it_was_spoken() -> None:
    """To 50 ms: where the recording puts it is when the telephone sent it."""

    async def story() -> None:
        loop = asyncio.get_running_loop()
        async with house() as home, Softphone("5550123") as phone:
            call, leg = await connected(home, phone)
            assert isinstance(leg.leg, SipLeg)
            await leg.until(lambda: len(leg.frames) > 25)
            call.audio.mouth.mark("begin")
            call.play(TONE)
            await call.until(lambda: any(one.detail == "begin" for one in call.happened))
            spoken = loop.time() - leg.leg.media.began
            await leg.until(lambda: any(max(memoryview(frame.pcm).cast("h")) > 3000 for frame in leg.frames))
            placed = next(frame.at for frame in leg.frames if max(memoryview(frame.pcm).cast("h")) > 3000)
            if not home.phone.stats().late_beats:  # a machine that stalls proves nothing about where a word belongs
                assert abs(placed - spoken) < 0.05
            call.hang_up()
            await leg.over()

    run(story())


def test_marks_say_how_far_playout_has_come_and_barge_in_drops_the_rest() -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550123") as phone:
            call, leg = await connected(home, phone)
            leg.leg.play(TONE[:3200])
            leg.leg.mark("one")
            leg.leg.play(TONE)
            leg.leg.mark("never")
            await leg.until(lambda: any(isinstance(event, Played) for event in leg.events))
            dropped = leg.leg.clear()
            assert 12_000 < dropped <= 16_000
            leg.leg.mark("two")
            await leg.until(lambda: len(leg.events) == 2)
            assert [event.mark for event in leg.events if isinstance(event, Played)] == ["one", "two"]
            await call.hears_silence(0.1)
            call.hang_up()
            await leg.over()

    run(story())


def test_a_caller_on_hold_hears_the_sentence_once_they_are_back() -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550123") as phone:
            call, leg = await connected(home, phone)
            call.hold()
            await leg.until(lambda: any(event == Held(True, event.at) for event in leg.events))
            leg.leg.play(TONE)
            leg.leg.mark("said")
            packets, frames = len(call.audio.heard), len(leg.frames)
            await leg.until(lambda: len(leg.frames) > frames + 20)
            assert len(call.audio.heard) - packets <= 1
            call.hold(on=False)
            await call.until(lambda: CODED in heard(call))
            await leg.until(lambda: any(isinstance(event, Played) for event in leg.events))
            call.hang_up()
            await leg.over()

    run(story())


@pytest.mark.parametrize("loss", [0.0, 0.1, 0.3])
def test_keys_are_heard_once_each_over_a_bad_network(loss: float) -> None:
    async def story() -> None:
        weather = Weather(loss=loss, doubled=0.2, jitter_s=0.03)
        async with house() as home, Softphone("5550123") as phone, relay(weather) as bad:
            call, leg = await connected(home, phone, bad)
            call.press("1123#")
            await leg.until(lambda: len([event for event in leg.events if isinstance(event, Key)]) >= 5)
            await leg.until(lambda: len(leg.frames) > 100)
            assert [event.digit for event in leg.events if isinstance(event, Key)] == list("1123#")
            call.hang_up()
            await leg.over()

    run(story())


def test_a_network_that_loses_and_shuffles_costs_no_more_than_it_loses() -> None:
    async def story() -> None:
        weather = Weather(loss=0.05, doubled=0.1, jitter_s=0.06)
        async with house() as home, Softphone("5550123") as phone, relay(weather) as bad:
            call, leg = await connected(home, phone, bad)
            call.play(TONE * 4)
            await call.played()
            await leg.until(lambda: len(leg.frames) > 215)
            assert bad.lost >= 4
            lost = sum(frame.lost for frame in leg.frames[10:])
            assert lost <= bad.lost + 12
            call.hang_up()
            await leg.over()

    run(story())


def test_a_stranger_who_finds_the_port_is_ignored_and_counted() -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550123") as phone:
            call, leg = await connected(home, phone)
            await leg.until(lambda: len(leg.frames) > 10)
            assert isinstance(leg.leg, SipLeg)
            loud = g711.encode(Law.MU, TONE[:320])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                for n in range(50):
                    stranger.sendto(rtp.build(rtp.RtpPacket(0, n, n * 160, 666, loud)), call.audio.target)
                    stranger.sendto(rtp.build(rtp.RtpPacket(101, n, 0, 666, b"\x05\x0a\x00\xa0")), call.audio.target)
            await leg.until(lambda: leg.leg.media.strangers == 100)  # type: ignore[attr-defined]
            heard = len(leg.frames)
            await leg.until(lambda: len(leg.frames) > heard + 20)
            assert max(max(memoryview(frame.pcm).cast("h")) for frame in leg.frames) < 50
            assert not any(isinstance(event, Key) for event in leg.events)
            call.hang_up()
            await leg.over()

    run(story())


def test_garbage_on_the_audio_port_is_counted_and_the_call_goes_on() -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550123") as phone:
            call, leg = await connected(home, phone)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as garbage:
                for data in (b"", b"x", b"\x80" * 11, b"\x00" * 40, b"\xff" * 1400):
                    garbage.sendto(data, call.audio.target)
            call.play(TONE * 3)
            await leg.until(lambda: CODED in said(leg))
            call.hang_up()
            await leg.over()

    run(story())


def test_a_router_that_changes_the_callers_port_in_mid_call_is_followed() -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550123") as phone, relay(Weather()) as moved:
            call, leg = await connected(home, phone)
            await leg.until(lambda: len(leg.frames) > 20)
            moved.far, call.audio.via = call.audio.target, moved.address
            await leg.until(lambda: moved.passed > 110)
            call.play(TONE)
            await leg.until(lambda: CODED in said(leg))
            call.hang_up()
            await leg.over()

    run(story())


LOST_SOON = SipConfig(port=0, lost_after_s=0.8)


def test_a_telephone_that_vanishes_is_noticed() -> None:
    async def story() -> None:
        async with house(LOST_SOON) as home, Softphone("5550123") as phone:
            call, leg = await connected(home, phone)
            await leg.until(lambda: len(leg.frames) > 10)
            phone.line.close()
            phone.clock.leave(call.audio)
            assert await leg.over() == "lost"
            await quiet(home.phone)

    run(story())


def test_a_telephone_that_is_silent_but_answers_is_not_lost() -> None:
    async def story() -> None:
        async with house(LOST_SOON) as home, Softphone("5550123") as phone:
            call, leg = await connected(home, phone)
            call.hold()
            phone.clock.leave(call.audio)  # not a packet from now on
            await leg.until(lambda: len(leg.frames) > 100)
            assert not any(isinstance(event, Ended) for event in leg.events)
            call.hang_up()
            await leg.over()

    run(story())


def test_a_reader_who_stalls_loses_old_frames_but_no_key_and_not_the_end() -> None:
    async def story() -> None:
        async with house(answer=False) as home, Softphone("5550123") as phone:
            call = await phone.dial("5550100", home.address)
            leg = await (await home.offered.get()).answer()
            await call.answered()
            assert isinstance(leg, SipLeg)
            for turn in range(700):  # 14 s of turns, without waiting for them
                leg.media.tick(turn * 0.02, 0)
            assert leg.media.events.dropped > 150
            call.press("7")
            await call.played()
            call.hang_up()
            events = [event async for event in leg.events()]
            assert [event.digit for event in events if isinstance(event, Key)] == ["7"]
            assert events[-1] == Ended("remote", events[-1].at)
            assert len([event for event in events if isinstance(event, Frame)]) <= 501

    run(story())


@pytest.mark.parametrize("law", ["0", "8"])
def test_either_law_is_spoken_when_it_is_the_only_one(law: str) -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550123") as phone:
            call = await phone.dial("5550100", home.address, codecs=law)
            await call.answered()
            leg = await home.answered.get()
            call.play(TONE)
            coded = g711.decode(Law(int(law)), g711.encode(Law(int(law)), TONE))
            await leg.until(lambda: coded in said(leg))
            call.hang_up()
            await leg.over()

    run(story())


def test_public_address_is_what_the_far_end_is_told() -> None:
    async def story() -> None:
        config = replace(SipConfig(port=0), public_host="127.0.0.2")
        async with house(config) as home, Softphone("5550123") as phone:
            call = await phone.dial("5550100", home.address)
            await call.answered()
            assert call.audio.target[0] == "127.0.0.2"
            call.hang_up()
            await (await home.answered.get()).over()

    run(story())
