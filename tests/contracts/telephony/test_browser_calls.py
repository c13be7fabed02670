"""Calls with browsers over real sockets: sound and keys both ways, the way back into a call, and every way out of one."""

from __future__ import annotations

import asyncio
import math
from array import array
from itertools import pairwise

import aiohttp
import pytest
from browser_house import Answered, browser_house, ended, run

from careline.core.contact import Say, Spoken
from careline.ports import DialFailed, Ended, Frame, Held, Key, Played

pytestmark = pytest.mark.timeout(90)


def tone(seconds: float, hertz: float = 440.0) -> bytes:
    return array(
        "h", (round(8000 * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(round(seconds * 8000)))
    ).tobytes()


def loud(pcm: bytes) -> bool:
    return max(map(abs, array("h", pcm)), default=0) > 3000


def test_both_hear_each_other_and_keys_arrive():
    async def story():
        async with browser_house() as house, house.page(language="es") as page:
            await page.offer()
            call = await house.call()
            assert (call.call.called, call.call.caller, call.call.language) == ("demo", "", "es")
            call.leg.play(tone(0.5))
            call.leg.mark("said")
            page.say(tone(0.5))
            heard = await call.hears(loud)
            assert heard.at < 2.0
            assert len(heard.pcm) == 320
            await call.told(Played)
            assert loud(bytes(page.heard))
            page.press("42#")
            assert (await call.told(Key, 3)).digit == "#"
            await page.send({"type": "key", "digit": "7"})
            assert (await call.told(Key, 4)).digit == "7"
            await page.send({"type": "bye"})
            await call.told(Ended)
            assert ended(call) == "remote"
            assert (await page.told("ended"))["reason"] == "remote"
        await house.empty()

    run(story)


def test_what_is_said_is_shown_and_told_again_to_a_page_that_comes_back():
    async def story():
        async with browser_house() as house:
            async with house.page() as page:
                await page.offer()
                call = await house.call()
                call.call.show(Say("1", "Hello.", "en"))
                call.call.cut_off(Spoken("1", 3))
                assert (await page.told("caption"))["text"] == "Hello."
                assert (await page.told("cut"))["upto"] == 3
                resume = (await page.told("welcome"))["resume"]
            async with house.page(token="", resume=resume) as page:
                assert (await page.told("caption"))["text"] == "Hello."
                await call.leg.hang_up()
                assert (await page.told("ended"))["reason"] == "local"

    run(story)


def test_a_network_that_drops_costs_no_word():
    async def story():
        async with browser_house() as house, house.page() as page:
            await page.offer()
            call = await house.call()
            await call.hears(lambda _pcm: True)
            await page.drop_sound()
            assert (await call.told(Held)).on
            assert (await page.told("away"))["type"] == "away"
            call.leg.play(tone(0.4))
            call.leg.mark("said while away")
            await page.offer()
            assert not (await call.told(Held, 2)).on
            page.say(tone(0.3))
            await call.hears(loud)
            assert (await call.told(Played)).mark == "said while away"
            times = [frame.at for frame in call.frames()]
            assert all(0.015 < later - sooner < 0.03 for sooner, later in pairwise(times)), "one time line"
            await call.leg.hang_up()
        await house.empty()

    run(story)


def test_a_page_that_is_loaded_again_is_in_the_same_call():
    async def story():
        async with browser_house() as house:
            first = house.page()
            async with first:
                await first.offer()
                call = await house.call()
                resume = (await first.told("welcome"))["resume"]
            async with house.page(token="", resume=resume) as again:
                assert (await again.told("welcome"))["answered"]
                await again.offer()
                again.press("5")
                assert (await call.told(Key)).digit == "5"
                call.leg.play(tone(0.3))
                await again.hears(3200)
            assert len(house.answered) == 1
            await call.told(Ended)
            assert ended(call) == "lost", "who does not come back is lost"
            await house.empty()

    run(story)


def test_a_socket_that_breaks_alone_does_not_touch_the_sound():
    async def story():
        async with browser_house() as house, house.page() as page:
            await page.offer()
            call = await house.call()
            await page._socket.close()
            await page.closed()
            page.say(tone(1.0))
            await call.hears(loud)
            assert not any(isinstance(event, Held | Ended) for event in call.events)

    run(story)


@pytest.mark.parametrize("state", ["welcomed", "offered", "ringing", "connected", "answered"])
def test_whoever_leaves_at_any_moment_leaves_nothing_behind(state: str):
    async def story():
        async with browser_house(connect_s=1.0) as house:
            if state in ("ringing", "connected"):
                house.answering.clear()
            async with house.page() as page:
                if state == "offered":
                    await page.send({"type": "offer", "sdp": OFFER})
                    await page.told("answer")
                elif state != "welcomed":
                    await page.offer()
                if state == "answered":
                    await house.call()
                if state == "connected":
                    await page.send({"type": "bye"})
                    await page.told("ended")
            house.answering.set()
            if state == "answered":
                await house.answered[0].told(Ended)
            elif state != "welcomed":
                await house.until(lambda: bool(house.gone or (house.answered and _over(house.answered[0]))))
            await house.empty()

    run(story)


def _over(call: Answered) -> bool:
    return any(isinstance(event, Ended) for event in call.events)


OFFER = "\r\n".join(
    [
        "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0", "c=IN IP4 0.0.0.0", "a=rtcp-mux", "a=mid:0", "a=rtpmap:0 PCMU/8000",
        "a=ice-ufrag:abcd", "a=ice-pwd:" + "x" * 24, "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:actpass", "",
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "v=0",
        "\0" * 1000,
        "a=" * 30_000,
        OFFER.replace("PCMU", "opus").replace("F 0", "F 96"),
        OFFER.replace("sha-256", "md5"),
    ],
)
def test_an_offer_that_is_none_is_refused_and_forgotten(sdp: str):
    async def story():
        async with browser_house() as house, house.page() as page:
            await page.send({"type": "offer", "sdp": sdp})
            assert (await page.told("refused"))["reason"]
            await house.until(lambda: bool(house.gone))
            await page.vanish()
            await house.empty()

    run(story)


def test_sockets_that_stall_flood_or_talk_nonsense_are_let_go():
    async def story():
        async with browser_house() as house:
            async with house.page() as silent:
                await silent.closed()
            async with house.page() as flood:
                for _ in range(100):
                    await flood.send({"type": "candidate", "candidate": None})
                await flood.closed()
            async with house.page() as nonsense:
                for text in (
                    "{",
                    "[]",
                    "null",
                    '{"type": 7}',
                    '{"type": "offer"}',
                    '{"type": "key", "digit": "AAAA"}',
                    "[" * 9000,
                ):
                    await nonsense.send_text(text)
                await nonsense.offer()
                await nonsense.send({"type": "candidate", "candidate": "candidate:x"})
                assert (await nonsense.told("refused"))["reason"]
                call = await house.call()
                await call.hears(lambda _pcm: True)
                await nonsense.send_text("x" * 70_000)
                await nonsense.closed()

    run(story)


def test_sound_of_the_wrong_kind_is_not_heard_and_does_no_harm():
    async def story():
        async with browser_house() as house, house.page() as page:
            await page.offer()
            call = await house.call()
            dtls = page._peer.getSenders()[0].transport
            header = bytes([0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9])
            for packet in (header + bytes(960), b"\x80\x6f" + header[2:] + bytes(160), header):
                for _ in range(20):
                    await dtls._send_rtp(packet)
            page.say(tone(0.5))
            await call.hears(loud)
            assert all(len(frame.pcm) == 320 for frame in call.frames())
            await call.leg.hang_up()

    run(story)


def test_strangers_are_not_let_in():
    async def story():
        async with browser_house() as house:
            async with house.page(token="bad") as page:
                await page.send({"type": "offer", "sdp": OFFER})
                assert "not valid" in (await page.told("refused"))["reason"]
            async with house.page(resume="guessed", token="") as page:
                assert "not valid" in (await page.told("refused"))["reason"]
            async with aiohttp.ClientSession() as session:
                url = f"http://127.0.0.1:{house.port}/phone"
                answer = await session.get(url, headers={"Origin": "https://elsewhere.example"})
                assert answer.status == 403
            for _ in range(12):
                async with house.page() as page:
                    await page.send({"type": "offer", "sdp": OFFER})
                    await page.told("answer")
                    await page.send({"type": "bye"})
            async with house.page() as page:
                await page.send({"type": "offer", "sdp": OFFER})
                assert (await page.told("refused"))["reason"] == "busy"

    run(story)


def test_a_softphone_is_rung_by_name_and_speaks():
    async def story():
        async with browser_house() as house:
            dial = house.telephone.dial
            assert await dial("web-ana", "+12125550100", 1.0) is DialFailed.UNREACHABLE
            async with house.page("softphone", token="web-ana") as page:
                assert (await page.told("ready"))["name"] == "web-ana"
                assert await dial("web-ana", "+12125550100", 0.1) is DialFailed.NO_ANSWER
                ringing = asyncio.create_task(dial("web-ana", "+12125550123", 20.0))
                ring = await page.told("ring", len(page.frames))
                assert ring["from"] == "+12125550123"
                assert await dial("web-ana", "+12125550100", 1.0) is DialFailed.BUSY
                await page.send({"type": "take", "call": ring["call"]})
                await page.offer()
                leg = await ringing
                leg.play(tone(0.3))
                await page.hears(3200)
                page.press("1")
                async for event in leg.events():
                    if isinstance(event, Key):
                        break
                    assert isinstance(event, Frame)
                await leg.hang_up()
                await page.told("ended")
                declined = asyncio.create_task(dial("web-ana", "+12125550100", 5.0))
                again = await page.told("ring", len(page.frames))
                await page.send({"type": "decline", "call": again["call"]})
                assert await declined is DialFailed.REFUSED
            await house.empty()
            assert await dial("web-ana", "+12125550100", 1.0) is DialFailed.UNREACHABLE

    run(story)


def test_a_softphone_stays_as_long_as_its_owner_is_signed_in():
    async def story():
        async with browser_house(stay_s=0.5) as house, house.page("softphone", token="web-ana") as page:
            await page.told("ready")
            for _ in range(4):
                await page.send({"type": "token", "token": "web-ana"})
                assert await house.telephone.dial("web-ana", "+12125550100", 0.2) is DialFailed.NO_ANSWER
            assert (await page.told("refused"))["reason"] == "signed out"
            await page.closed()
            assert await house.telephone.dial("web-ana", "+12125550100", 1.0) is DialFailed.UNREACHABLE

    run(story)


def test_another_window_takes_the_telephone_and_its_call_over():
    async def story():
        async with browser_house() as house, house.page("softphone", token="web-ana") as first:
            await first.told("ready")
            async with house.page("softphone", token="web-ana") as second:
                assert (await first.told("refused"))["reason"] == "elsewhere"
                ringing = asyncio.create_task(house.telephone.dial("web-ana", "+12125550100", 20.0))
                ring = await second.told("ring")
                await second.send({"type": "take", "call": ring["call"]})
                await second.offer()
                leg = await ringing
            async with house.page("softphone", token="web-ana") as again:
                assert (await again.told("welcome"))["answered"], "the page was loaded again in mid-call"
                await again.offer()
                leg.play(tone(0.3))
                await again.hears(3200)
                await leg.hang_up()
        await house.empty()

    run(story)
