"""Real calls to a running service: key 0 rings the desk's telephones, and whoever answers is on the line with the caller."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from calls_house import Service, ring, run
from calls_record import until
from calls_telephone import tone
from django.db import connections

from careline.actions.desk import set_available
from careline.actions.orders import Asked, answer_of, order
from careline.storage.models import LiveCall, Membership, Turn
from careline.storage.transactions import Actor, practice
from careline.testing.telephone import PhoneCall, Softphone
from careline.wire.digest import Login

pytestmark = pytest.mark.timeout(120)
BROOKS = "+12125550114"


async def apart(work: Callable[[], Any]) -> Any:
    """The database from a test that has an event loop."""

    def do() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return await asyncio.to_thread(do)


def who(practice_id: UUID, staff: str) -> UUID:
    with practice(practice_id, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)):
        found: UUID = Membership.objects.values_list("person_id", flat=True).get(staff_id=staff)
        return found


def available(service: Service, staff: str = "brooks") -> UUID:
    person = who(service.practice, staff)
    set_available(service.practice, person, True, "", datetime.now(UTC))
    return person


def live(service: Service) -> tuple[UUID, int, str] | None:
    with practice(service.practice, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)):
        return LiveCall.objects.values_list("contact_id", "version", "state").first()


def said(service: Service) -> list[str]:
    with practice(service.practice, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)) as tx:
        tx.journal("test.read", "turn")
        return [turn.text.reveal() for turn in Turn.objects.order_by("seq") if turn.text is not None]


def standing(service: Service) -> str:
    return (live(service) or ("", 0, ""))[2]


async def ask(service: Service, by: UUID, kind: str, older: int = 0) -> str:
    """What the console does: order, and wait at most 5 s for the answer."""

    def do() -> str:
        contact, version, _ = live(service) or pytest.fail("no call is up")
        now = datetime.now(UTC)
        row = order(service.practice, by, Asked(contact, kind, secrets.token_hex(4), version - older), now)
        return answer_of(service.practice, by, row, now, 5.0)

    return await apart(do)


async def desk_phone(service: Service, number: str = BROOKS) -> Softphone:
    phone = Softphone(number, login=Login(number, "careline"))
    await phone.__aenter__()
    assert await phone.register(service.sip) == 200
    return phone


async def hear_each_other(one: PhoneCall, other: PhoneCall) -> None:
    for speaker, listener in ((one, other), (other, one)):
        await listener.hears_silence(0.4)
        speaker.play(tone(0.6))
        await listener.hears_sound()


def test_key_0_rings_the_desk_and_whoever_answers_speaks_with_the_caller(service: Service) -> None:
    """Nobody there is said, and the call goes on; asked again with somebody there, their telephone rings."""

    async def story() -> None:
        async with Softphone("+12125550190") as phone:
            call = await ring(phone, service)
            call.press("0")
            await until(service.practice, lambda _: any("Nobody is at the desk" in text for text in said(service)), 15)
            await apart(lambda: available(service))
            desk = await desk_phone(service)
            call.press("0")
            operator = await desk.incoming(10.0)
            assert operator.remote == "+12125550100", "the desk sees the practice's line"
            await call.hears_sound()
            operator.answer()
            await operator.answered()
            await hear_each_other(call, operator)
            await until(service.practice, lambda _: standing(service) == "person", 5)
            operator.hang_up()
            await call.hears_sound()  # the assistant has the caller again
            call.hang_up()
            found = await until(service.practice, lambda r: r["contacts"][0].state == "closed", 10)
            await desk.__aexit__()
        assert found["recordings"][0].chunks >= 3
        assert not found["callbacks"]

    run(story())


def test_from_the_console_a_call_is_heard_taken_held_resumed_given_back_and_ended(service: Service) -> None:
    async def story() -> None:
        brooks, okafor = [await apart(lambda name=name: who(service.practice, name)) for name in ("brooks", "okafor")]
        desk = await desk_phone(service)
        async with Softphone("+12125550190") as phone:
            call = await ring(phone, service)
            assert await ask(service, brooks, "listen") == "ringing"
            listening = await desk.incoming(10.0)
            listening.answer()
            await listening.hears_sound()  # the assistant, or the caller
            listening.hang_up()
            assert await ask(service, brooks, "hold") == "not_yours"
            assert await ask(service, brooks, "hang_up", older=1) == "stale"
            assert await ask(service, brooks, "take_over") == "ringing"
            operator = await desk.incoming(10.0)
            operator.answer()
            await operator.answered()
            await until(service.practice, lambda _: standing(service) == "person", 5)
            await hear_each_other(call, operator)
            assert await ask(service, okafor, "take_over") == "not_yours"
            assert await ask(service, brooks, "hold") == "done"
            call.play(tone(0.5))
            await operator.hears_silence(0.5)
            await call.hears_sound()  # the sign that the line lives
            assert await ask(service, brooks, "resume") == "done"
            await hear_each_other(call, operator)
            assert await ask(service, brooks, "give_back") == "done"
            await operator.over()
            await call.hears_sound()
            await until(service.practice, lambda _: standing(service) == "agent", 5)
            assert await ask(service, brooks, "hang_up") == "done"
            await call.over()
        await desk.__aexit__()

    run(story())
