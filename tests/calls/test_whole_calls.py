"""Real calls to a running service: a patient rings, and the doctor's telephone rings."""

from __future__ import annotations

import asyncio
import json
import secrets
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from calls_house import KEY, LINE, PIN, Service, clinician, ring, run
from calls_record import until

from careline import tokens
from careline.core.errors import Refused
from careline.settings import derive
from careline.testing.telephone import Softphone

pytestmark = pytest.mark.timeout(120)

DANGER = ("1", "1", "1", "1")  # English, about health, the first danger: yes, this number: yes


def test_a_patient_rings_and_a_clinician_accepts(service: Service) -> None:
    async def story() -> None:
        ready = [asyncio.Event(), asyncio.Event()]
        doctors = [
            asyncio.create_task(clinician(service, number, "PIN#1", event))
            for number, event in zip(PIN, ready, strict=True)
        ]
        await asyncio.gather(*(event.wait() for event in ready))
        async with Softphone("+12125550190") as phone:
            call = await ring(phone, service)
            for key in DANGER:
                call.press(key)
                await call.hears_sound()
            found = await until(service.practice, lambda r: any(p.state == "accepted" for p in r["pages"]), 40)
        assert found["contacts"][0].disposition == "call_911"
        assert found["pages"][0].accepted_via == "phone"
        for doctor in doctors:
            doctor.cancel()
        await asyncio.gather(*doctors, return_exceptions=True)

    run(story())


def test_a_line_that_is_nobody_s_is_refused_with_404(service: Service) -> None:
    async def story() -> None:
        async with Softphone("+12125550190") as phone:
            call = await phone.dial("+13125559999", service.sip)
            with pytest.raises(Refused, match="404"):
                await call.answered()

    run(story())


def test_whoever_hangs_up_after_any_key_is_on_record_and_followed_up(service: Service) -> None:
    async def story() -> None:
        async with Softphone("+12125550190") as phone:
            for keys in range(len(DANGER)):
                call = await ring(phone, service)
                for key in DANGER[:keys]:
                    call.press(key)
                    await call.hears_sound()
                call.hang_up()
            found = await until(
                service.practice,
                lambda r: len(r["contacts"]) == len(DANGER) and all(c.state == "closed" for c in r["contacts"]),
                10,
            )
        followed = {row.contact_id for kind in ("pages", "messages", "callbacks") for row in found[kind]}
        assert followed == {contact.id for contact in found["contacts"]}

    run(story())


def test_a_call_of_no_length_leaves_a_record_and_a_callback(service: Service) -> None:
    """Hung up in the instant it is answered, and before it is answered at all."""

    async def story() -> None:
        async with Softphone("+12125550190") as phone:
            answered = await phone.dial(LINE, service.sip)
            await answered.answered()
            answered.hang_up()
            ringing = await phone.dial(LINE, service.sip)
            ringing.hang_up()
            found = await until(
                service.practice,
                lambda r: (
                    len(r["contacts"]) >= 1 and all(c.state == "closed" for c in r["contacts"]) and bool(r["callbacks"])
                ),
                10,
            )
        assert {task.contact_id for task in found["callbacks"]} == {contact.id for contact in found["contacts"]}

    run(story())


def test_two_calls_from_one_number_at_once_are_two_contacts(service: Service) -> None:
    async def story() -> None:
        async with Softphone("+12125550190") as phone:
            one, two = await asyncio.gather(ring(phone, service), ring(phone, service))
            one.hang_up()
            two.hang_up()
            found = await until(service.practice, lambda r: sum(c.state == "closed" for c in r["contacts"]) == 2, 10)
        assert len({contact.id for contact in found["contacts"]}) == 2

    run(story())


def test_a_call_whose_process_is_killed_keeps_its_record_and_gets_a_callback(service: Service) -> None:
    async def story() -> None:
        async with Softphone("+12125550190") as phone:
            call = await ring(phone, service)
            call.press("1")
            await until(service.practice, lambda r: len(r["turns"]) >= 1, 10)
            service.kill("voice")
            found = await until(
                service.practice, lambda r: bool(r["callbacks"]) and r["contacts"][0].state != "open", 25
            )
            assert found["turns"]

    run(story())


def test_a_chat_takes_anything_and_loses_nothing(service: Service) -> None:
    async def story() -> None:
        key = derive(KEY, tokens.CHAT)
        token = tokens.mint(key, "demo", datetime.now(UTC) + timedelta(minutes=1), secrets.token_hex(4))
        url = f"http://127.0.0.1:{service.voice}/chat"
        async with aiohttp.ClientSession() as session, session.ws_connect(url, params={"token": token}) as chat:
            for text in ("x" * 1_000_000, "\x00\x1b[2J", "my chest feels tight and my arm aches"):
                await chat.send_str(json.dumps({"type": "heard", "text": text}))
            async for message in chat:
                frame = json.loads(message.data)
                if frame["type"] == "say":
                    await chat.send_str(json.dumps({"type": "spoken", "id": frame["id"]}))
                    if "911 now" in frame["text"]:
                        break
        found = await until(service.practice, lambda r: bool(r["pages"]), 10)
        assert found["pages"][0].disposition == "call_911"

    run(story())


@pytest.mark.parametrize("token", ["", "demo.9999999999.x.forged"])
def test_a_chat_without_our_token_is_refused(service: Service, token: str) -> None:
    async def story() -> None:
        url = f"http://127.0.0.1:{service.voice}/chat"
        async with aiohttp.ClientSession() as session, session.ws_connect(url, params={"token": token}) as chat:
            frame = json.loads((await chat.receive()).data)
        assert frame["type"] == "refused"

    run(story())
