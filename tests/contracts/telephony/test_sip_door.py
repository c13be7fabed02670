"""What comes to the SIP port: understood, answered, or dropped, and never a fault, a stuck call or a memory of it."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careline.telephony.sip.endpoint import CallEvent, Hooks, SipCall
from careline.telephony.sip.screen import Drop, Pass, Reply, screen
from careline.telephony.sip.sippy_core import Faults
from careline.telephony.sip.stack import SippyEndpoint
from careline.wire import sip

SOURCE = ("198.51.100.7", 5070)
SDP = b"v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


def message(
    method: str = "INVITE", call: str = "one", cseq: int = 1, tag: str = "", body: bytes = b"", branch: str = "b"
) -> bytes:
    to = f"<sip:5550100@192.0.2.1>{f';tag={tag}' if tag else ''}"
    head = (
        f"{method} sip:5550100@192.0.2.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 198.51.100.7:5070;rport;branch=z9hG4bK{branch}\r\n"
        'From: "Ana Ruiz" <sip:5550123@198.51.100.7>;tag=a\r\n'
        f"To: {to}\r\nCall-ID: {call}\r\nCSeq: {cseq} {method}\r\n"
        "Contact: <sip:5550123@198.51.100.7:5070;transport=UDP>\r\nMax-Forwards: 70\r\n"
        f"{'Content-Type: application/sdp' + chr(13) + chr(10) if body else ''}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def passed(data: bytes, source: tuple[str, int] = SOURCE) -> sip.Message:
    verdict = screen(data, source, tag="t", registrar=True)
    assert isinstance(verdict, Pass), verdict
    return sip.parse(verdict.text.encode())


def test_what_passes_means_the_same_and_is_spelt_plainly() -> None:
    odd = message().replace(b"From:", b"f :").replace(b"Via:", b"v:").replace(b"\r\n", b"\n")
    plain = passed(odd)
    assert sip.first(plain, "from") == '"Ana Ruiz" <sip:5550123@198.51.100.7>;tag=a'
    assert sip.first(plain, "contact") == "<sip:5550123@198.51.100.7:5070>"
    assert passed(message(body=SDP)).body == SDP


@pytest.mark.parametrize(
    ("header", "gone"),
    [
        (b"Authorization: Digest nonsense", "authorization"),
        (b"Reason: Q.850;cause=x", "reason"),
        (b"Also: <sip:elsewhere>", "also"),
        (b"Expires: soon", "expires"),
        (b"Route: <sip:elsewhere;lr>", "route"),
        (b"P-Asserted-Identity: <sip:5550199@192.0.2.1>", "p-asserted-identity"),
    ],
)
def test_what_the_core_would_trip_over_is_left_out(header: bytes, gone: str) -> None:
    assert sip.first(passed(message().replace(b"Max-Forwards: 70", header)), gone) is None


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\x1c", "\xa0"])
def test_a_name_cannot_smuggle_a_header(end: str) -> None:
    data = message().replace(b"Ana Ruiz", f"Ana{end}Require: x".encode())
    verdict = screen(data, SOURCE, tag="t", registrar=False)
    if isinstance(verdict, Pass):
        assert len(verdict.text.splitlines()) == len(verdict.text.split("\r\n")) - 1
        assert end not in verdict.text


def test_a_contact_inside_a_private_network_is_reached_where_it_came_from() -> None:
    data = message().replace(b"<sip:5550123@198.51.100.7:5070", b"<sip:5550123@10.0.0.5:5060")
    assert sip.first(passed(data, ("8.8.8.8", 40_000)), "contact") == "<sip:5550123@8.8.8.8:40000>"
    assert sip.first(passed(data, ("10.0.0.9", 40_000)), "contact") == "<sip:5550123@10.0.0.5:5060>"


def test_a_telephone_number_address_becomes_one_the_core_can_read() -> None:
    plain = passed(message().replace(b"sip:5550123@198.51.100.7>", b"tel:+1-212-555-0123;ext=7>"))
    assert "<sip:+1-212-555-0123@tel.invalid>" in (sip.first(plain, "from") or "")


def test_the_session_of_a_multipart_body_is_found() -> None:
    body = (
        b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nContent-Type: application/sdp\r\n\r\n"
        + SDP
        + b"--x--\r\n"
    )
    data = message(body=body).replace(
        b"application/sdp\r\nContent-Length", b'multipart/mixed;boundary="x"\r\nContent-Length'
    )
    assert passed(data).body.strip() == SDP.strip()


def test_final_refusals_lose_the_contact_that_would_mislead_the_ack() -> None:
    lines = [b"SIP/2.0 486 Busy", *message().split(b"\r\n")[1:-2], b"", b""]
    assert sip.first(passed(b"\r\n".join(lines)), "contact") is None
    lines[0] = b"SIP/2.0 200 OK"
    assert sip.first(passed(b"\r\n".join(lines)), "contact") is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"\0\0\0\0",
        b"jaK",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        message("ACK").replace(b"CSeq: 1", b"CSeq: x"),
        message().replace(b"Via", b"Bia"),
    ],
)
def test_what_cannot_or_must_not_be_answered_is_dropped(data: bytes) -> None:
    assert isinstance(screen(data, SOURCE, tag="t", registrar=False), Drop)


@given(st.binary(max_size=200))
def test_any_bytes_get_a_verdict(data: bytes) -> None:
    assert isinstance(screen(data, SOURCE, tag="t", registrar=True), Pass | Reply | Drop)


@given(st.integers(0, 600), st.integers(0, 30), st.binary(max_size=8))
def test_any_damage_gets_a_verdict_and_an_answer_of_ours_can_be_read(start: int, length: int, put: bytes) -> None:
    whole = message(body=SDP)
    verdict = screen(whole[:start] + put + whole[start + length :], SOURCE, tag="t", registrar=True)
    if isinstance(verdict, Reply):
        reply = sip.parse(verdict.data)
        assert isinstance(reply, sip.Response)
        assert reply.status == verdict.status


# ------------------------------------------------------------ through the core


@dataclass
class Taker:
    """Answers some calls, refuses some, lets some ring."""

    chance: random.Random
    calls: list[SipCall]

    def take(self, call: SipCall) -> None:
        call.handled_by(self)
        self.calls.append(call)
        call.ring()
        if self.chance.random() < 0.5:
            call.answer(SDP.decode())
        elif self.chance.random() < 0.4:
            call.refuse(486)

    def on_event(self, event: CallEvent) -> None: ...
    def on_offer(self, text: str) -> str | int:
        return SDP.decode()


PIECES = (
    b";", b",", b"<", b">", b'"', b"\r\n", b"\n", b"\r\n\r\n", b" ", b"\0", b"\xff",
    b"sip:", b"tel:", b":", b"@", b"%00", b"%0d%0a",
    b"=", b"99999999999999999999", b"-1", b"[::1]", b"transport=TCP", b"lr", b"*", b"?", b"tag=", b"branch=", b"SIP/2.0",
    b"Content-Length: 0", b"Require: x\r\n", b"\xc3\xa9", b"\xe2\x80\xa8", b"ttl=x", b"rport=x", b"Expires: x\r\n",
    b"Record-Route: <sip:192.0.2.9>\r\n", b"Route: <sip:x;lr>\r\n", b"Authorization: Digest\r\n", b"Also: <sip:a>\r\n",
)  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        place = chance.randrange(len(out) + 1)
        kind = chance.randrange(5)
        if kind == 0 and out:
            out[place % len(out)] = chance.randrange(256)
        elif kind == 1:
            del out[place : place + chance.randrange(1, 30)]
        elif kind == 2:
            out[place:place] = chance.choice(PIECES)
        elif kind == 3:
            start = chance.randrange(len(out) + 1)
            out[place:place] = out[start : start + chance.randrange(60)]
        else:
            del out[place:]
    return bytes(out)


@pytest.mark.parametrize("seed", range(4))
def test_calls_of_all_kinds_damaged_at_random_leave_no_fault_and_nothing_behind(seed: int) -> None:
    chance = random.Random(seed)
    sent: list[bytes] = []
    taker = Taker(chance, [])
    endpoint = SippyEndpoint(("192.0.2.1", 5060), Hooks(lambda data, _: sent.append(data), lambda: None, taker.take))
    faults = Faults.count
    for n in range(1500):
        dialog = re.search(rb"To:[^\n]*;tag=([0-9a-f]+).*Call-ID: (call[0-9]+)", sent[-1], re.DOTALL) if sent else None
        known = dialog is not None and chance.random() < 0.6
        tag, call = (dialog[1].decode(), dialog[2].decode()) if dialog and known else ("", f"call{n}")
        method = chance.choice(["INVITE", "INVITE", "ACK", "BYE", "CANCEL", "INFO", "OPTIONS", "UPDATE", "REGISTER"])
        data = message(method, call, chance.randrange(1, 6), tag, SDP, branch=str(n))
        if chance.random() < 0.1 and sent:
            data = chance.choice(sent)
        endpoint.receive(damaged(data, chance) if chance.random() < 0.7 else data, SOURCE)
    assert (endpoint.tally.faults, Faults.count) == (0, faults)
    assert len(taker.calls) > 50
    for one in taker.calls:
        one.hang_up()
    endpoint.run_timers(ahead_s=700.0)
    assert endpoint.transactions == 0
    endpoint.close()
