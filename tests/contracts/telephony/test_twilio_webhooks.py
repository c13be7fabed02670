"""The carrier's webhooks: only the carrier is heard, and whatever comes twice, late or mangled is one call."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from twilio_house import HELLO, House, house, run

from careline.core.errors import Refused, TryAgain
from careline.telephony.twilio import Mode
from careline.testing.carrier_calls import ACCOUNT, CarriedCall
from careline.wire.twilio_signature import HEADER, signature


async def raw(house: House, path: str, body: bytes, headers: dict[str, str] | None = None) -> int:
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{house.carrier.hooks}{path}", data=body, headers=headers) as answer,
    ):
        return answer.status


def announced(house: House, sid: str = "CA1", **more: str) -> list[tuple[str, str]]:
    call = CarriedCall(house.carrier, sid, "+12125550143", "+12125550100")
    return call.fields(**more)


def test_a_call_is_answered_once_however_often_it_is_announced() -> None:
    async def story() -> None:
        async with house() as it:
            call = await it.carrier.ring()
            served = await it.takes()
            again = await it.carrier.post(f"{it.carrier.hooks}/twilio/voice", call.fields())
            assert again.status == 200
            assert again.text == call.documents[0]
            await call.hang_up()
            assert await served.over() == "remote"
            late = await it.carrier.post(f"{it.carrier.hooks}/twilio/voice", call.fields())
            assert late.status == 200
            assert it.rung == 1, "a replay is no new call"

    run(story())


def test_a_socket_s_address_opens_one_socket_once() -> None:
    async def story() -> None:
        async with house() as it:
            call = await it.carrier.ring()
            await it.takes()
            url = call.documents[0].partition('<ConversationRelay url="')[2].partition('"')[0]
            async with aiohttp.ClientSession() as http:
                with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                    await http.ws_connect(url, headers={HEADER: signature(it.carrier.token, url)})
            assert caught.value.status == 404
            await call.hang_up()

    run(story())


@pytest.mark.parametrize("forged", ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "é"])
@pytest.mark.parametrize("path", ["voice", "next", "status", "calls/x/status", "calls/x/answered-by"])
def test_what_the_carrier_did_not_sign_is_refused(path: str, forged: str) -> None:
    async def story() -> None:
        async with house() as it:
            url = f"{it.carrier.hooks}/twilio/{path}"
            assert (await it.carrier.post(url, announced(it), forged.encode().decode("latin-1"))).status == 403
            assert it.rung == 0
            assert it.door.refused == 1

    run(story())


def test_a_signature_is_worthless_for_another_address_another_form_and_another_account() -> None:
    async def story() -> None:
        async with house() as it:
            hooks, fields = it.carrier.hooks, announced(it)
            signed = signature(it.carrier.token, f"{hooks}/twilio/status", fields)
            assert (await it.carrier.post(f"{hooks}/twilio/voice", fields, signed)).status == 403
            signed = signature(it.carrier.token, f"{hooks}/twilio/voice", fields)
            assert (await it.carrier.post(f"{hooks}/twilio/voice", announced(it, "CA2"), signed)).status == 403
            other = announced(it, AccountSid="AC9")
            assert (await it.carrier.post(f"{hooks}/twilio/voice", other)).status == 403
            assert it.rung == 0

    run(story())


def test_a_socket_that_the_carrier_did_not_sign_is_refused_and_the_call_still_waits() -> None:
    async def story() -> None:
        async with house() as it:
            answer = await it.carrier.post(f"{it.carrier.hooks}/twilio/voice", announced(it))
            url = answer.text.partition('<ConversationRelay url="')[2].partition('"')[0]
            async with aiohttp.ClientSession() as http:
                for headers in ({}, {HEADER: "x"}, {HEADER: signature("another token", url)}):
                    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                        await http.ws_connect(url, headers=headers)
                    assert caught.value.status == 403
                await http.ws_connect(url, headers={HEADER: signature(it.carrier.token, url)})

    run(story())


def test_a_carrier_that_signs_no_sockets_may_be_allowed() -> None:
    async def story() -> None:
        async with house(unsigned_sockets=True) as it:
            answer = await it.carrier.post(f"{it.carrier.hooks}/twilio/voice", announced(it))
            url = answer.text.partition('<ConversationRelay url="')[2].partition('"')[0]
            async with aiohttp.ClientSession() as http:
                with pytest.raises(aiohttp.WSServerHandshakeError):
                    await http.ws_connect(url, headers={HEADER: "x"})
                await http.ws_connect(url)

    run(story())


def test_garbage_is_refused_and_forgotten() -> None:
    async def story() -> None:
        async with house() as it:
            assert await raw(it, "/twilio/voice", b"\xff\x00" * 100) == 403
            assert await raw(it, "/twilio/voice", b"a=" + b"x" * 1_000_000) == 403
            assert await raw(it, "/twilio/voice", b"a=1", {HEADER: "x" * 4000}) == 403
            url = f"{it.carrier.hooks}/twilio/voice"
            nobody = [("AccountSid", ACCOUNT), ("CallSid", "'; DROP TABLE")]
            assert (await it.carrier.post(url, nobody)).status == 400
            assert it.rung == 0
            assert it.telephone.live == 0

    run(story())


@pytest.mark.parametrize(("status", "answer"), [(404, "Reject"), (486, "Reject"), (503, "")])
def test_a_call_that_is_not_taken_is_rejected_or_goes_to_the_fallback_address(status: int, answer: str) -> None:
    async def story() -> None:
        async with house() as it:
            it.refuses = status
            call = await it.carrier.ring()
            assert call.refused_with == (0 if answer else 503)
            if answer:
                async with asyncio.timeout(5):
                    await call.over.wait()
                assert answer in call.documents[0]
            it.refuses = 0
            if not answer:
                again = await it.carrier.post(f"{it.carrier.hooks}/twilio/voice", call.fields())
                assert again.status == 200, "a refusal for want of room is not remembered"

    run(story())


def test_a_house_that_does_not_decide_costs_the_caller_no_more_than_its_time() -> None:
    async def story() -> None:
        async with house() as it:
            it.hesitates = True
            call = await it.carrier.ring()
            assert call.refused_with == 503
            assert it.telephone.live == 0

    run(story())


def test_a_call_whose_socket_never_comes_is_given_up() -> None:
    async def story() -> None:
        async with house() as it:
            await it.carrier.post(f"{it.carrier.hooks}/twilio/voice", announced(it))
            async with asyncio.timeout(5):
                assert isinstance(await it.failed.get(), TryAgain)
            assert it.telephone.live == 0

    run(story())


def test_a_caller_who_hangs_up_before_the_socket_comes_has_gone() -> None:
    async def story() -> None:
        async with house() as it:
            hooks = it.carrier.hooks
            await it.carrier.post(f"{hooks}/twilio/voice", announced(it))
            await it.carrier.post(f"{hooks}/twilio/status", announced(it, CallStatus="completed", SequenceNumber="1"))
            async with asyncio.timeout(0.3):
                assert isinstance(await it.failed.get(), Refused)

    run(story())


def test_reports_in_any_order_and_twice_end_a_call_once() -> None:
    async def story() -> None:
        async with house() as it:
            call = await it.carrier.ring()
            served = await it.takes()
            for state, number in (("in-progress", 2), ("ringing", 1), ("in-progress", 2), ("initiated", 0)):
                await it.carrier.report(call, state, number)
            assert not served.all(object), "none of it ends the call"
            for state, number in (("completed", 3), ("completed", 3), ("ringing", 1)):
                await it.carrier.report(call, state, number)
            assert await served.over() == "remote"
            assert len(served.events) == 1

    run(story())


@pytest.mark.parametrize("mode", Mode)
def test_a_call_from_a_node_that_died_is_taken_up_by_another(mode: Mode) -> None:
    async def story() -> None:
        async with house(mode) as it:
            lost = announced(it, "CA77", CallStatus="in-progress", SessionStatus="failed")
            answer = await it.carrier.post(f"{it.carrier.hooks}/twilio/next", lost)
            assert "<Connect" in answer.text
            assert it.rung == 1

    run(story())


def test_a_call_that_is_over_is_not_connected_again() -> None:
    async def story() -> None:
        async with house() as it:
            gone = announced(it, "CA78", CallStatus="completed", SessionStatus="completed")
            assert "<Hangup/>" in (await it.carrier.post(f"{it.carrier.hooks}/twilio/next", gone)).text
            assert it.rung == 0

    run(story())


def test_a_house_that_closes_ends_its_calls_at_the_carrier() -> None:
    async def story() -> None:
        async with house() as it:
            call = await it.carrier.ring()
            served = await it.takes()
            await served.talk.say(HELLO)
            await call.relay.hears()
            await it.telephone.stop()
            assert await served.over() == "local"
            async with asyncio.timeout(5):
                await call.over.wait()
            late = await it.carrier.ring()
            assert late.refused_with == 503

    run(story())
