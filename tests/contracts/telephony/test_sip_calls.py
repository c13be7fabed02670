"""Calls begin and end cleanly, whoever ends them and whenever; what is not a call is refused; nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count

import pytest
from sip_house import TONE, House, free_port, house, quiet, run

from careline.core.errors import Refused, TryAgain
from careline.ports import DialFailed, Ended, IncomingCall, Leg
from careline.telephony.sip import SipConfig, SipTelephone, Trunk, User
from careline.testing.telephone import PhoneCall, Softphone
from careline.wire.digest import Login

CONFIG = SipConfig(port=0)
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


@contextlib.asynccontextmanager
async def raw(home: House) -> AsyncIterator[RawPhone]:
    loop = asyncio.get_running_loop()
    transport, phone = await loop.create_datagram_endpoint(RawPhone, remote_addr=home.address)
    try:
        yield phone
    finally:
        transport.close()


class RawPhone(asyncio.DatagramProtocol):
    """Sends bytes as they stand; every reply is kept."""

    def __init__(self) -> None:
        self.replies: asyncio.Queue[bytes] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.DatagramTransport = transport  # type: ignore[assignment]
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.replies.put_nowait(data)

    def send(self, text: str | bytes) -> None:
        self.transport.sendto(text if isinstance(text, bytes) else text.encode())

    async def status(self, text: str | bytes) -> int:
        self.send(text)
        return int((await asyncio.wait_for(self.replies.get(), 5)).split(b" ")[1])

    def message(self, method: str = "INVITE", call: str = "one", body: str = SDP, **headers: str) -> str:
        """A good message; a keyword replaces a header (underscore for dash), an empty one leaves it out."""
        standard = {
            "Via": f"SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{call}{method}",
            "From": "<sip:5550123@127.0.0.1>;tag=a",
            "To": "<sip:5550100@127.0.0.1>",
            "Call-ID": call,
            "CSeq": f"1 {method}",
            "Contact": f"<sip:5550123@127.0.0.1:{self.port}>",
            "Max-Forwards": "70",
            "Content-Type": "application/sdp",
        }
        standard |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{name}: {value}" for name, value in standard.items() if value]
        return "\r\n".join(
            [f"{method} sip:5550100@127.0.0.1 SIP/2.0", *lines, f"Content-Length: {len(body)}", "", body]
        )


def test_lines_are_told_apart_and_two_calls_from_one_number_are_two_calls() -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550123") as phone:
            calls = [await phone.dial(line, home.address) for line in ("5550100", "5550101", "5550100")]
            for call in calls:
                await call.answered()
            legs = [await home.answered.get() for _ in calls]
            assert sorted(leg.leg.called for leg in legs) == ["5550100", "5550100", "5550101"]
            assert {leg.leg.caller for leg in legs} == {"5550123"}
            assert len({leg.leg.id for leg in legs}) == 3
            for call in calls:
                call.hang_up()
            for leg in legs:
                await leg.over()

    run(story())


# ------------------------------------------------------------ ends, in every state


async def hang_up_when(home: House, phone: Softphone, state: str) -> None:
    call = await phone.dial("5550100", home.address)
    if state == "rings":
        await call.until(lambda: call.status == 180)
    elif state != "dialled":
        await call.answered()
    if state == "speaks":
        call.play(TONE)
        await call.hears_sound()
    elif state == "keys":
        call.press("123")
    elif state == "holds":
        call.hold()
        await call.until(lambda: call.dialog is not None and call.audio.mouth.next_packet() is not None)
    call.hang_up()
    await call.over()


@pytest.mark.parametrize("state", ["dialled", "rings", "answered", "speaks", "keys", "holds"])
def test_the_caller_may_hang_up_at_any_moment(state: str) -> None:
    async def take(call: IncomingCall) -> None:
        if state in ("dialled", "rings"):
            await gone.wait()
        leg = await call.answer()
        leg.play(TONE * 5)
        async for event in leg.events():
            if isinstance(event, Ended):
                ends.append(event.reason)
                done.set()

    ends: list[str] = []
    gone, done = asyncio.Event(), asyncio.Event()

    async def story() -> None:
        async with house(handle=take) as home, Softphone("5550123") as phone:
            await hang_up_when(home, phone, state)
            await drained(home)
            gone.set()
            await asyncio.wait_for(done.wait(), 5)
            assert ends == ["remote"]

    run(story())


async def drained(home: House) -> None:
    """Until everything sent so far was read over there, and no call is left: OPTIONS after OPTIONS until it is so."""
    async with raw(home) as probe, asyncio.timeout(5):
        for n in count():
            if n and not home.phone.stats().calls:
                return
            assert await probe.status(probe.message("OPTIONS", call=f"probe{n}", body="", Content_Type="")) == 200


@pytest.mark.parametrize("state", ["at once", "speaking", "held"])
def test_we_may_hang_up_at_any_moment(state: str) -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550123") as phone:
            call = await phone.dial("5550100", home.address)
            await call.answered()
            leg = await home.answered.get()
            if state == "speaking":
                leg.leg.play(TONE)
                await call.hears_sound()
            elif state == "held":
                call.hold()
                await leg.until(lambda: bool(leg.events))
            await leg.leg.hang_up()
            await leg.leg.hang_up()
            await call.over()
            assert await leg.over() == "local"
            leg.leg.play(TONE)
            leg.leg.mark("never")
            assert leg.leg.clear() == 0

    run(story())


@pytest.mark.parametrize("state", ["ringing", "answered"])
def test_a_person_we_call_may_hang_up_at_any_moment(state: str) -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550177") as clinician:
            dialling = asyncio.ensure_future(home.phone.dial(clinician.uri, "5550100", 5))
            call = await clinician.incoming()
            if state == "ringing":
                call.hang_up()
                assert await dialling is DialFailed.REFUSED
                return
            call.answer()
            leg = await dialling
            assert not isinstance(leg, DialFailed)
            call.hang_up()
            assert (await anext(event async for event in leg.events() if isinstance(event, Ended))).reason == "remote"

    run(story())


def test_several_people_are_called_at_once_each_on_their_own_telephone() -> None:
    async def story() -> None:
        async with house() as home, contextlib.AsyncExitStack() as stack:
            people = [await stack.enter_async_context(Softphone(f"555017{n}")) for n in range(4)]
            dialling = [asyncio.ensure_future(home.phone.dial(person.uri, "5550100", 5)) for person in people]
            for person in people:
                call = await person.incoming()
                assert call.remote == "5550100"
                call.answer()
            legs = [leg for leg in await asyncio.gather(*dialling) if not isinstance(leg, DialFailed)]
            assert len(legs) == 4
            for leg in legs:
                await leg.hang_up()

    run(story())


def test_a_dial_that_is_given_up_cancels_the_ringing() -> None:
    async def story() -> None:
        async with house() as home, Softphone("5550177") as clinician:
            dialling = asyncio.ensure_future(home.phone.dial(clinician.uri, "5550100", 30))
            call = await clinician.incoming()
            dialling.cancel()
            await call.over()
            assert home.phone.stats().calls == 0

    run(story())


def test_stopping_ends_what_is_up_and_refuses_what_rings() -> None:
    async def story() -> None:
        async with Softphone("5550123") as phone, Softphone("5550124") as second, house() as home:
            up = await phone.dial("5550100", home.address)
            await up.answered()
            home.phone._on_call = forever
            rings = await second.dial("5550100", home.address)
            await rings.until(lambda: rings.status == 180)
            await home.phone.stop()
            await up.over()
            await rings.over()
            assert rings.status == 503
            assert home.phone.stats().calls == 0

    async def forever(_: IncomingCall) -> None:
        await asyncio.Event().wait()

    run(story())


def test_the_same_port_serves_again_after_a_stop() -> None:
    async def story() -> None:
        config = replace(CONFIG, port=free_port())
        for _ in range(2):
            async with house(config) as home, Softphone("5550123") as phone:
                call = await phone.dial("5550100", home.address)
                await call.answered()
                call.hang_up()
                await (await home.answered.get()).over()
        async with house(config):
            with pytest.raises(OSError, match="in use"):
                await SipTelephone(config).start(forever)

    async def forever(_: IncomingCall) -> None:
        await asyncio.Event().wait()

    run(story())


# ------------------------------------------------------------ what goes wrong on our side


def test_a_handler_that_fails_costs_its_call_only(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(call: IncomingCall) -> None:
        raise RuntimeError(f"a bug with {call.caller}")

    async def story() -> None:
        async with house(handle=fail) as home, Softphone("5550123") as phone:
            for _ in range(2):
                call = await phone.dial("5550100", home.address)
                with pytest.raises(Refused, match="480"):
                    await call.answered()

    with caplog.at_level(logging.ERROR):
        run(story())
    assert "handling a call failed: RuntimeError" in caplog.text
    assert "5550123" not in caplog.text


def test_without_a_free_audio_port_the_caller_gets_503_and_the_next_one_is_served() -> None:
    port = free_port() & ~1

    async def take(call: IncomingCall) -> None:
        try:
            legs.append(await call.answer())
        except TryAgain:
            refused.append(call.id)

    legs: list[Leg] = []
    refused: list[str] = []

    async def story() -> None:
        async with house(replace(CONFIG, rtp_ports=(port, port)), take) as home, Softphone("5550123") as phone:
            first = await phone.dial("5550100", home.address)
            await first.answered()
            with pytest.raises(Refused, match="503"):
                await (await phone.dial("5550100", home.address)).answered()
            first.hang_up()
            assert [event async for event in legs[0].events() if isinstance(event, Ended)]
            third = await phone.dial("5550100", home.address)
            await third.answered()
            third.hang_up()
            assert [event async for event in legs[1].events() if isinstance(event, Ended)]
            assert len(refused) == 1

    run(story())


# ------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"From": "<sip:5550123@127.0.0.1>"}, 400),
        ({"Contact": ""}, 400),
        ({"Contact": "<mailto:ana@example.org>"}, 400),
        ({"Contact": "<sip:5550123@127.0.0.1:99999>"}, 400),
        ({"CSeq": "x INVITE"}, 400),
        ({"CSeq": "99999999999 INVITE"}, 400),
        ({"CSeq": "1 BYE"}, 400),
        ({"Max_Forwards": "many"}, 400),
        ({"To": "no address <"}, 400),
        ({"Call_ID": "with space"}, 400),
        ({"Require": "precondition"}, 420),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Encoding": "gzip"}, 415),
        ({"body": "v=0"}, 400),
        ({"body": "hello"}, 400),
    ],
)
def test_a_malformed_invite_is_answered_and_is_no_call(change: dict[str, str], status: int) -> None:
    async def story() -> None:
        async with house() as home, raw(home) as phone:
            replies = [await phone.status(phone.message(**change))]
            while replies[-1] < 200:
                replies.append(int((await asyncio.wait_for(phone.replies.get(), 5)).split(b" ")[1]))
            assert replies[-1] == status
            assert home.offered.empty()

    run(story())


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("{INVITE}", 400),
        ("FLY sip:5550100@127.0.0.1 SIP/2.0", 501),
        ("SUBSCRIBE sip:5550100@127.0.0.1 SIP/2.0", 405),
        ("OPTIONS sip:5550100@127.0.0.1 SIP/3.0", 505),
        ("OPTIONS http://127.0.0.1 SIP/2.0", 416),
        ("OPTIONS sip:a b@127.0.0.1 SIP/2.0", 400),
    ],
)
def test_a_start_line_we_cannot_serve_is_answered(text: str, status: int) -> None:
    async def story() -> None:
        async with house() as home, raw(home) as phone:
            method = text.split(" ")[0]
            whole = phone.message(method, body="", Content_Type="")
            if method == "{INVITE}":
                whole = phone.message().replace("Max-Forwards", "Max Forwards")
            else:
                whole = text + whole[whole.index("\r\n") :]
            assert await phone.status(whole) == status

    run(story())


@pytest.mark.parametrize(
    "name", ["José Muñoz".encode("latin-1"), "王小明".encode(), b"A\x85B", "A\u2028Evil: x".encode()]
)
def test_a_caller_with_any_name_is_heard(name: bytes) -> None:
    async def story() -> None:
        async with house(answer=False) as home, raw(home) as phone:
            text = phone.message(From='"NAME" <sip:5550123@127.0.0.1>;tag=a').encode().replace(b"NAME", name)
            phone.send(text)
            call = await asyncio.wait_for(home.offered.get(), 5)
            assert call.caller == "5550123"
            await call.reject(486)

    run(story())


@pytest.mark.parametrize(
    "number", ["+12125550123", "5550123;phone-context=x", "%2B12125550123", "ana.ruiz", "anonymous"]
)
def test_callers_are_told_as_a_person_would_write_them(number: str) -> None:
    async def story() -> None:
        async with house(answer=False) as home, raw(home) as phone:
            phone.send(phone.message(From=f"<sip:{number}@127.0.0.1>;tag=a"))
            call = await asyncio.wait_for(home.offered.get(), 5)
            assert call.caller == number.split(";")[0].replace("%2B", "+")
            await call.reject(486)

    run(story())


def test_a_trunk_that_calls_us_by_our_login_tells_the_dialled_number_in_to() -> None:
    async def story() -> None:
        trunk = Trunk("carrier", "127.0.0.1", free_port(), username="5550100", register=True)
        async with house(replace(CONFIG, trunks=(trunk,)), answer=False) as home, raw(home) as phone:
            phone.send(phone.message(To="<sip:+12125550142@carrier.example>"))
            call = await asyncio.wait_for(home.offered.get(), 5)
            assert call.called == "+12125550142"
            await call.reject(486)

    run(story())


def test_one_invite_sent_five_times_is_one_call() -> None:
    async def story() -> None:
        async with house(answer=False) as home, raw(home) as phone:
            for _ in range(5):
                phone.send(phone.message())
            call = await asyncio.wait_for(home.offered.get(), 5)
            phone.send(phone.message("OPTIONS", call="two", body="", Content_Type=""))
            while b"200 OK" not in await asyncio.wait_for(phone.replies.get(), 5):
                continue
            assert home.offered.empty()
            await call.reject(486)

    run(story())


def test_requests_for_calls_we_do_not_know_get_481() -> None:
    async def story() -> None:
        async with house() as home, raw(home) as phone:
            to = "<sip:5550100@127.0.0.1>;tag=gone"
            for method in ("BYE", "INFO", "INVITE"):
                body = SDP if method == "INVITE" else ""
                assert await phone.status(phone.message(method, call=f"x{method}", body=body, To=to)) == 481
            phone.send(phone.message("ACK", call="xINVITE", body="", To=to))
            assert await phone.status(phone.message("CANCEL", call="nothing", body="")) == 481

    run(story())


def test_garbage_and_floods_leave_calls_as_they_were() -> None:
    async def story() -> None:
        chance = random.Random(5)
        async with house() as home, Softphone("5550123") as phone, raw(home) as enemy:
            call = await phone.dial("5550100", home.address)
            await call.answered()
            leg = await home.answered.get()
            for n in range(3000):
                kind = n % 4
                if kind == 0:
                    enemy.send(chance.randbytes(chance.randrange(1, 600)))
                elif kind == 1:
                    enemy.send(b"\r\n\r\n")
                elif kind == 2:
                    enemy.send(b"SIP/2.0 200 OK\r\n" + chance.randbytes(40))
                else:
                    enemy.send(enemy.message(call=f"flood{n}").encode()[: chance.randrange(20, 300)])
                if n % 100 == 0:
                    await asyncio.sleep(0)
            call.play(TONE)
            await call.played()
            call.hang_up()
            assert await leg.over() == "remote"
            assert home.phone.stats().dropped > 100

    run(story())


# ------------------------------------------------------------ telephones of the house, and trunks


HOUSE = replace(CONFIG, users=(User("okafor", "invented-secret"), User("lee", "other-secret")))


def test_a_registered_telephone_is_rung_by_its_name() -> None:
    async def story() -> None:
        async with house(HOUSE) as home, Softphone("okafor", login=Login("okafor", "invented-secret")) as phone:
            assert await home.phone.dial("okafor", "5550100", 2) is DialFailed.BAD_NUMBER
            assert await phone.register(home.address) == 200
            dialling = asyncio.ensure_future(home.phone.dial("okafor", "5550100", 5))
            call = await phone.incoming()
            call.answer()
            leg = await dialling
            assert not isinstance(leg, DialFailed)
            await leg.hang_up()
            await call.over()
            assert await phone.register(home.address, expires_s=0) == 200
            assert await home.phone.dial("okafor", "5550100", 2) is DialFailed.BAD_NUMBER

    run(story())


@pytest.mark.parametrize("login", [Login("okafor", "guess"), Login("lee", "other-secret"), Login("nobody", "x"), None])
def test_only_the_right_login_registers_a_name(login: Login | None) -> None:
    async def story() -> None:
        async with house(HOUSE) as home, Softphone("okafor", login=login) as phone:
            assert await phone.register(home.address) == 401

    run(story())


def test_guessing_is_stopped_after_twenty_tries() -> None:
    async def story() -> None:
        async with house(HOUSE) as home, Softphone("okafor", login=Login("okafor", "guess")) as phone:
            replies = [await phone.register(home.address) for _ in range(21)]
            assert replies == [401] * 20 + [403]

    run(story())


def test_without_users_nobody_registers() -> None:
    async def story() -> None:
        async with house() as home, Softphone("okafor") as phone:
            assert await phone.register(home.address) == 405

    run(story())


async def rung(home: House, person: Softphone, number: str) -> PhoneCall:
    dialling = asyncio.ensure_future(home.phone.dial(number, "5550100", 10))
    call = await person.incoming()
    call.answer()
    leg = await dialling
    assert not isinstance(leg, DialFailed)
    await leg.hang_up()
    return call


def test_a_trunk_that_is_silent_is_left_for_the_next() -> None:
    async def story() -> None:
        async with Softphone("carrier") as carrier:
            dead = Trunk("dead", "127.0.0.1", free_port())
            alive = Trunk("alive", "127.0.0.1", carrier.line.address[1])
            async with house(replace(CONFIG, trunks=(dead, alive), trunk_patience_s=0.3)) as home:
                call = await rung(home, carrier, "+1 (212) 555-0142")
                assert call.remote == "5550100"

    run(story())


def test_a_trunk_that_is_full_is_left_for_the_next_but_a_busy_person_is_not_called_twice() -> None:
    async def story() -> None:
        async with Softphone("full") as full, Softphone("carrier") as carrier:
            trunks = tuple(Trunk(one.number, "127.0.0.1", one.line.address[1]) for one in (full, carrier))
            async with house(replace(CONFIG, trunks=trunks)) as home:
                dialling = asyncio.ensure_future(rung(home, carrier, "+12125550142"))
                (await full.incoming()).hang_up(503)
                await dialling
                again = asyncio.ensure_future(home.phone.dial("+12125550142", "5550100", 10))
                (await full.incoming()).hang_up(486)
                assert await again is DialFailed.BUSY

    run(story())


@pytest.mark.parametrize(
    ("number", "result"),
    [
        ("", DialFailed.BAD_NUMBER),
        ("call me", DialFailed.BAD_NUMBER),
        ("+1;drop", DialFailed.BAD_NUMBER),
        ("sip:", DialFailed.BAD_NUMBER),
        ("sip:a\r\nVia: x@127.0.0.1", DialFailed.BAD_NUMBER),
        ("+12125550142", DialFailed.UNREACHABLE),  # no trunk
        ("sip:a@no-such-host.invalid", DialFailed.UNREACHABLE),
        ("sip:a@127.0.0.1:9", DialFailed.UNREACHABLE),
    ],
)
def test_a_number_nobody_can_call_is_told_so(number: str, result: DialFailed) -> None:
    async def story() -> None:
        async with house() as home:
            assert await home.phone.dial(number, "5550100", 0.5) is result
            await quiet(home.phone)

    run(story())


def test_what_is_not_started_says_so() -> None:
    async def story() -> None:
        phone = SipTelephone(CONFIG)
        with pytest.raises(Refused):
            await phone.dial("sip:a@127.0.0.1", "5550100", 1)
        await phone.stop()

    run(story())


@pytest.mark.parametrize("wrong", [{"rtp_ports": (80, 90)}, {"rtp_ports": (9000, 8000)}, {"host": "0.0.0.0"}])
def test_a_configuration_that_cannot_work_is_refused_in_words(wrong: dict[str, object]) -> None:
    with pytest.raises(Refused):
        SipConfig(**wrong)  # type: ignore[arg-type]


def test_an_address_in_use_fails_at_the_start() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))

        async def story() -> None:
            with pytest.raises(OSError, match="in use"):
                await SipTelephone(replace(CONFIG, port=taken.getsockname()[1])).start(nobody)

        async def nobody(_: IncomingCall) -> None: ...

        run(story())
