"""The SIP telephone against SIPp, an independent far end: every scenario must go through message by message."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import replace

import pytest
from sip_house import Answered, finish_sipp, free_port, house, run, sipp, start_sipp

from careline.ports import DialFailed, Ended, Held, IncomingCall, Key, Leg
from careline.telephony.sip import SipConfig, Trunk

CALLER, LINE = "5550123", "5550100"
CONFIG = SipConfig(port=0)


def test_a_call_is_answered_and_the_caller_hangs_up() -> None:
    async def story() -> None:
        async with house() as home:
            await sipp("answer_bye", home.target)
            call = await home.answered.get()
            assert await call.over() == "remote"
            assert (call.leg.caller, call.leg.called) == (CALLER, LINE)

    run(story())


def test_we_hang_up() -> None:
    async def take(call: IncomingCall) -> None:
        leg = await call.answer()
        await leg.hang_up()
        async for event in leg.events():
            assert event == Ended("local", event.at)
            return

    async def story() -> None:
        async with house(handle=take) as home:
            await sipp("callee_hangs_up", home.target)

    run(story())


def test_a_caller_who_gives_up_while_it_rings_leaves_nothing_behind() -> None:
    async def story() -> None:
        async with house(answer=False) as home:
            await sipp("cancel", home.target)
            leg = await (await home.offered.get()).answer()
            assert [event async for event in leg.events()] == [Ended("remote", 0.0)]

    run(story())


@pytest.mark.parametrize("scenario", ["options", "wrong_codec", "require"])
def test_what_is_settled_without_a_person(scenario: str) -> None:
    async def story() -> None:
        async with house() as home:
            await sipp(scenario, home.target)
            assert home.offered.empty()

    run(story())


@pytest.mark.parametrize("status", [404, 486, 503])
def test_a_call_is_refused_with_the_status_we_choose(status: int) -> None:
    async def story() -> None:
        async with house(handle=lambda call: call.reject(status)) as home:
            await sipp("refused", home.target)

    run(story())


def test_above_the_limit_callers_get_a_503_that_trunks_fail_over_on() -> None:
    async def story() -> None:
        async with house(replace(CONFIG, most_calls=0)) as home:
            await sipp("refused", home.target)
            assert home.offered.empty()

    run(story())


def test_every_way_to_hold_and_resume() -> None:
    async def story() -> None:
        async with house() as home:
            await sipp("hold", home.target)
            call = await home.answered.get()
            await call.over()
            assert [event.on for event in call.events if isinstance(event, Held)] == [True, False, True, False]

    run(story())


@pytest.mark.parametrize("scenario", ["late_offer", "reinvite_without_offer"])
def test_a_far_end_that_wants_us_to_offer_is_heard_all_the_same(scenario: str) -> None:
    async def story() -> None:
        async with house() as home:
            await sipp(scenario, home.target)
            call = await home.answered.get()
            assert await call.over() == "remote"

    run(story())


def test_keys_in_info_are_keys() -> None:
    async def story() -> None:
        async with house() as home:
            await sipp("info_keys", home.target)
            call = await home.answered.get()
            await call.over()
            assert [event.digit for event in call.events if isinstance(event, Key)] == ["5", "#"]

    run(story())


def test_methods_we_do_not_serve_are_refused_and_the_call_goes_on() -> None:
    async def story() -> None:
        async with house() as home:
            await sipp("other_methods", home.target)
            assert await (await home.answered.get()).over() == "remote"

    run(story())


def test_a_far_end_that_never_acknowledges_gets_our_answer_again_and_then_a_bye() -> None:
    async def story() -> None:
        async with house() as home:
            process = await start_sipp("no_ack", home.target)
            call = await home.answered.get()
            await call.until(lambda: len(call.frames) > 50)  # a second: the answer was repeated at least once
            home.phone.run_timers(ahead_s=33.0)
            assert await call.over() == "remote"
            await finish_sipp(process, "no_ack")

    run(story())


# ------------------------------------------------------------ calls we place


async def placed(
    scenario: str, config: SipConfig = CONFIG, number: str = "", timeout_s: float = 5.0
) -> Leg | DialFailed:
    process, port = await listening(scenario)
    config = replace(config, trunks=tuple(replace(trunk, port=port) for trunk in config.trunks))
    async with house(config) as home:
        result = await home.phone.dial(number or f"sip:{CALLER}@127.0.0.1:{port}", LINE, timeout_s)
        if not isinstance(result, DialFailed):
            listener = Answered(result)
            if "ends_it" in scenario:
                await listener.listen()
                assert listener.events == [Ended("remote", listener.events[-1].at)]
            else:
                await result.hang_up()
        await finish_sipp(process, scenario)
        return result


async def listening(scenario: str) -> tuple[asyncio.subprocess.Process, int]:
    """SIPp as the called end, and its port; tried anew when somebody else took the port in the meantime."""
    for _ in range(5):
        port = free_port()
        process = await start_sipp(scenario, "", port=port)
        while process.returncode is None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    return process, port
            await asyncio.to_thread(os.sched_yield)
    raise AssertionError("SIPp found no free port")


@pytest.mark.parametrize("scenario", ["takes_call", "takes_call_and_ends_it"])
def test_a_call_we_place_is_taken(scenario: str) -> None:
    assert not isinstance(run(placed(scenario)), DialFailed)


@pytest.mark.parametrize(
    ("scenario", "result"),
    [
        ("says_486", DialFailed.BUSY),
        ("says_404", DialFailed.BAD_NUMBER),
        ("says_603", DialFailed.REFUSED),
        ("says_480", DialFailed.NO_ANSWER),
        ("answers_without_common_codec", DialFailed.REFUSED),
    ],
)
def test_why_a_call_was_not_taken_is_told(scenario: str, result: DialFailed) -> None:
    assert run(placed(scenario)) is result


def test_a_telephone_that_rings_too_long_is_cancelled() -> None:
    assert run(placed("rings_on", timeout_s=0.6)) is DialFailed.NO_ANSWER


def test_a_person_who_answers_the_moment_we_give_up_is_hung_up_on_not_left_in_silence() -> None:
    assert run(placed("answers_as_we_give_up", timeout_s=0.6)) is DialFailed.NO_ANSWER


TRUNK = Trunk("carrier", "127.0.0.1", username="careline", password="invented-secret", domain="trunk.example")


@pytest.mark.parametrize("scenario", ["trunk_asks_for_login", "proxy_asks_for_login"])
def test_a_trunk_that_asks_for_a_login_gets_it(scenario: str) -> None:
    result = run(placed(scenario, replace(CONFIG, trunks=(TRUNK,)), "+1 (212) 555-0142"))
    assert not isinstance(result, DialFailed)


def test_a_wrong_login_is_refused_by_the_trunk_and_not_tried_for_ever() -> None:
    wrong = replace(CONFIG, trunks=(replace(TRUNK, password="guess"),))
    assert run(placed("trunk_asks_for_login", wrong, "+12125550142")) is DialFailed.REFUSED


def test_we_sign_on_to_a_trunk_and_off_again() -> None:
    async def story() -> None:
        process, port = await listening("trunk_registers")
        async with house(replace(CONFIG, trunks=(replace(TRUNK, port=port, register=True),))) as home:
            sign_on = home.phone.sign_ons[0]
            while not sign_on.signed_on:
                sign_on.changed.clear()
                await sign_on.changed.wait()
        await finish_sipp(process, "trunk_registers")

    run(story())
