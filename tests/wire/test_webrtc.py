"""Offers of browsers: what is taken of them, what is refused, and that nothing breaks their reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careline.core.errors import Refused, WireError
from careline.wire import webrtc
from careline.wire.allowance import Allowance, Allowances
from careline.wire.g711 import Law
from careline.wire.ice_servers import ice_server

PRINT = ":".join(["0A"] * 32)
LINES = [
    "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1 2",
    "a=extmap-allow-mixed", "a=msid-semantic: WMS stream",
    "m=audio 52123 UDP/TLS/RTP/SAVPF 0 8 126", "c=IN IP4 192.0.2.7", "a=rtcp:9 IN IP4 0.0.0.0",
    "a=candidate:1 1 udp 2122260223 192.0.2.7 52123 typ host generation 0 network-id 1",
    "a=candidate:2 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active",
    "a=candidate:3 1 udp 1686052607 198.51.100.7 40000 typ srflx raddr 192.0.2.7 rport 52123",
    "a=candidate:4 1 udp 2122260222 5f3c8a6e-2b0a-4a1e-9d0e-d8d3e5d6f7a8.local 52124 typ host",
    "a=ice-ufrag:Ab/+", "a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=ice-options:trickle",
    f"a=fingerprint:sha-256 {PRINT}", "a=setup:actpass", "a=mid:0", "a=sendrecv", "a=rtcp-mux",
    "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", "a=rtpmap:126 telephone-event/8000",
    "m=video 9 UDP/TLS/RTP/SAVPF 96", "c=IN IP4 0.0.0.0", "a=mid:1", "a=rtpmap:96 VP8/90000",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:2", "a=sctp-port:5000",
]  # fmt: skip
OFFER = "\r\n".join(LINES) + "\r\n"
LOCAL = webrtc.Local(
    webrtc.Side("userfrag", "p" * 22, (("sha-256", PRINT),)),
    (webrtc.Candidate("f", 7, "192.0.2.9", 30_001, "host"),),
    1,
    2,
)


def test_an_offer_of_a_browser_is_understood() -> None:
    offer = webrtc.parse(OFFER)
    assert offer.side == webrtc.Side("Ab/+", "abcdefghijklmnopqrstuvwx", (("sha-256", PRINT),))
    assert (offer.law, offer.audio, offer.data, offer.data_port, offer.passive) == (Law.MU, 0, 2, 5000, False)
    assert [one.host for one in offer.candidates] == ["192.0.2.7", "198.51.100.7"], (
        "no TCP, no names of the local network"
    )


def test_the_answer_takes_sound_and_keys_and_refuses_pictures() -> None:
    lines = webrtc.answer(webrtc.parse(OFFER), LOCAL).split("\r\n")
    assert [line for line in lines if line.startswith("m=")] == [
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        "m=video 0 UDP/TLS/RTP/SAVPF 96",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    ]
    assert "a=group:BUNDLE 0 2" in lines
    assert "a=rtpmap:0 PCMU/8000" in lines
    assert "a=candidate:f 1 udp 7 192.0.2.9 30001 typ host" in lines
    assert lines.count("a=setup:passive") == 2


def test_a_browser_that_waits_for_us_to_begin_is_answered_so() -> None:
    offer = webrtc.parse(OFFER.replace("a=setup:actpass", "a=setup:passive"))
    assert offer.passive
    assert "a=setup:active" in webrtc.answer(offer, LOCAL)


def test_a_law_is_another_law_where_only_that_is_spoken() -> None:
    assert webrtc.parse(OFFER.replace("SAVPF 0 8 126", "SAVPF 8 126")).law is Law.A


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SAVPF 0 8 126", "SAVPF 111"),
        ("UDP/TLS/RTP/SAVPF 0", "RTP/AVP 0"),
        ("a=ice-ufrag:Ab/+", "a=ice-ufrag:$$$$"),
        ("a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=ice-pwd:short"),
        (f"sha-256 {PRINT}", "sha-256 zz"),
        ("typ host generation", "host"),
        ("2122260223", "99999999999"),
        ("a=mid:0", "a=mid:../../etc"),
    ],
)
def test_an_offer_that_cannot_be_answered_is_refused(old: str, new: str) -> None:
    assert old in OFFER
    with pytest.raises(WireError):
        webrtc.parse(OFFER.replace(old, new))


@given(st.data())
def test_no_change_of_an_offer_breaks_its_reader(data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(["drop", "twice", "cut", "noise", "swap"]))
        if change == "drop":
            lines.pop(place)
            lines = lines or [""]
        elif change == "twice":
            lines.insert(place, lines[place])
        elif change == "cut":
            lines[place] = lines[place][: data.draw(st.integers(0, 20))]
        elif change == "noise":
            lines[place] += data.draw(st.text(max_size=20))
        else:
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[place], lines[other] = lines[other], lines[place]
    try:
        offer = webrtc.parse("\r\n".join(lines))
    except WireError:
        return
    text = webrtc.answer(offer, LOCAL)
    assert text.count("\r\nm=") == len(offer.sections)
    assert all(line[1:2] == "=" for line in text.split("\r\n") if line), (
        "nothing of the offer breaks a line of the answer"
    )


@given(st.text(max_size=200))
def test_no_candidate_breaks_its_reader(text: str) -> None:
    try:
        webrtc.candidate(text)
    except WireError:
        return


def test_helpers_are_named_in_one_line() -> None:
    assert ice_server("stun:stun.example").for_browser() == {"urls": "stun:stun.example:3478"}
    assert ice_server("turn:me:se%40cret@turn.example:443?transport=tcp").for_browser() == {
        "urls": "turn:turn.example:443?transport=tcp",
        "username": "me",
        "credential": "se@cret",
    }
    for wrong in ("stun:", "turn:turn.example", "http://turn.example", "turn:a:b@turn.example:99999"):
        with pytest.raises(Refused, match="CARELINE_ICE_SERVERS"):
            ice_server(wrong)


def test_an_allowance_is_used_up_and_comes_back() -> None:
    one = Allowance(rate=0.5, burst=2)
    assert [one.take(10.0), one.take(10.0), one.take(10.0)] == [True, True, False]
    assert [one.take(11.0), one.take(12.5)] == [False, True]
    many = Allowances(rate=0.5, burst=1, most=2)
    assert [many.take("a", 0.0), many.take("b", 0.0), many.take("a", 0.1), many.take("c", 0.1)] == [
        True,
        True,
        False,
        False,
    ]
    assert many.take("c", 9.0), "those who have long been quiet are forgotten"
