"""Whole calls by a carrier's own protocol to a running service: relayed text, streamed audio, the doctor rung by the carrier."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from calls_house import LINE, PIN, Service, free_port, run, serving
from calls_record import said, until

from careline.speech.espeak import EspeakVoice
from careline.testing.carrier_calls import CarriedCall, VoiceCarrier

pytestmark = pytest.mark.timeout(120)


async def accepts(call: CarriedCall) -> None:
    """A clinician who answers, keys the PIN, hears the brief and accepts."""
    await call.connected()
    await call.stream.hears_sound()
    await call.stream.presses(PIN[call.called] + "#")
    await call.stream.hears_sound()
    await call.stream.presses("1")
    await call.over.wait()


def story(
    db: object, demo: UUID, mode: str, tell: Callable[[VoiceCarrier, Service], Awaitable[None]], **more: str
) -> None:
    """Start a service that is set up for a carrier, and the carrier, and tell what happens."""
    port, voice = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_STREAM)
    carrier = VoiceCarrier(f"http://127.0.0.1:{voice}", port=port)
    settings = {
        "CARELINE_TWILIO_VOICE": mode,
        "CARELINE_TWILIO_URL": carrier.url,
        "CARELINE_TWILIO_VOICE_URL": carrier.hooks,
        "CARELINE_TWILIO_FROM": LINE,
        **more,
    }

    async def all_of_it(service: Service) -> None:
        async with carrier:
            await tell(carrier, service)

    with serving(db, demo, voice, **settings) as service:
        run(all_of_it(service))


async def an_emergency_is_told_and_a_clinician_accepts(carrier: VoiceCarrier, service: Service) -> None:
    call = await carrier.ring()
    await call.connected()
    await call.relay.hears_until("?")
    await call.relay.says("I have crushing chest pain and I can not breathe")
    await call.relay.hears_until("911 now")
    assert not any(text["interruptible"] for text in call.relay.texts if "911 now" in text["token"])
    found = await until(service.practice, lambda r: any(p.state == "accepted" for p in r["pages"]), 40)
    assert found["contacts"][0].disposition == "call_911"
    assert found["contacts"][0].hearing == "open"
    assert found["pages"][0].accepted_via == "phone"
    assert not call.relay.complaints
    await call.hang_up()
    found = await until(service.practice, lambda r: all(c.state == "closed" for c in r["contacts"]), 10)
    assert not found["recordings"], "nobody records a call that is relayed as text"
    heard = await said(service.practice, "caller")
    assert heard == ["I have crushing chest pain and I can not breathe"]
    assert all(placed.called in PIN and placed.caller == LINE for placed in carrier.calls[1:])


async def a_socket_dropped_amid_a_sentence_leaves_a_record_and_a_callback(
    carrier: VoiceCarrier, service: Service
) -> None:
    call = await carrier.ring("+12125550144")
    await call.connected()
    await call.relay.hears_until("?")
    call.relay.holds = True
    await call.relay.says("my daughter has had a fever since yesterday")
    await call.relay.hears()
    call.hung_up = True
    await call.relay.drop()

    def followed_up(record: dict[str, list[Any]]) -> bool:
        last = record["contacts"][-1]
        tasks = {row.contact_id for kind in ("callbacks", "messages", "pages") for row in record[kind]}
        return last.state == "closed" and last.id in tasks

    await until(service.practice, followed_up, 15)
    assert any("fever" in text for text in await said(service.practice, "caller"))


async def a_line_that_is_nobody_s_is_rejected(carrier: VoiceCarrier) -> None:
    call = await carrier.ring(called="+13125550199")
    async with asyncio.timeout(10):
        await call.over.wait()
    assert "<Reject" in call.documents[0]


def test_calls_relayed_by_the_carrier_are_answered_paged_and_followed_up(db: object, demo: UUID) -> None:
    async def tell(carrier: VoiceCarrier, service: Service) -> None:
        carrier.people = dict.fromkeys(PIN, accepts)
        await an_emergency_is_told_and_a_clinician_accepts(carrier, service)
        await a_socket_dropped_amid_a_sentence_leaves_a_record_and_a_callback(carrier, service)
        await a_line_that_is_nobody_s_is_rejected(carrier)

    story(db, demo, "relay", tell, CARELINE_PAGE_BY="twilio")


def test_a_streamed_call_with_closed_ears_is_spoken_keyed_and_paged(db: object, demo: UUID) -> None:
    async def tell(carrier: VoiceCarrier, service: Service) -> None:
        voice = EspeakVoice()
        await voice.start()
        yes = b"".join([pcm async for pcm in voice.render("yes", "en", 1.0)])
        await voice.stop()
        call = await carrier.ring()
        await call.connected()
        await call.stream.hears_sound()
        for key in ("1", "1", "1", "1"):
            await call.stream.presses(key)
            await call.stream.hears_sound()
        call.stream.says(yes)
        found = await until(service.practice, lambda r: bool(r["pages"]), 30)
        assert found["pages"][0].disposition == "call_911"
        assert found["contacts"][0].hearing == "closed"
        await call.hang_up()
        found = await until(
            service.practice, lambda r: r["contacts"][0].state == "closed" and bool(r["recordings"]), 15
        )
        assert found["recordings"], "we record what we hear ourselves"

    story(db, demo, "media", tell)
