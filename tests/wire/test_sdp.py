"""Offers are read as telephones write them; we answer G.711 with telephone keys, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careline.core.errors import WireError
from careline.wire import sdp
from careline.wire.g711 import Law
from careline.wire.sdp import Agreed, Direction, LocalMedia

OURS = LocalMedia("192.0.2.1", 20_000, session=42)


def offer(
    *lines: str, address: str = "198.51.100.7", media: str = "m=audio 4000 RTP/AVP 8 0 96", session: str = ""
) -> str:
    head = [
        "v=0",
        "o=- 1 1 IN IP4 198.51.100.7",
        "s=-",
        f"c=IN IP4 {address}",
        "t=0 0",
        *([session] if session else []),
    ]
    return "\r\n".join([*head, media, "a=rtpmap:96 telephone-event/8000", *lines]) + "\r\n"


def agreed(text: str) -> Agreed:
    found = sdp.agree(sdp.parse(text))
    assert found is not None
    return found[1]


def test_a_usual_offer_is_taken_as_its_writer_prefers() -> None:
    assert agreed(offer()) == Agreed(Law.A, 96, "198.51.100.7", 4000, send=True, receive=True, held=False)


def test_our_answer_says_what_was_agreed_and_can_be_read_by_the_far_end() -> None:
    answered = sdp.answer(OURS, sdp.parse(offer("a=ptime:30")))
    assert answered is not None
    assert answered[0].splitlines() == [
        "v=0",
        "o=careline 42 1 IN IP4 192.0.2.1",
        "s=-",
        "c=IN IP4 192.0.2.1",
        "t=0 0",
        "m=audio 20000 RTP/AVP 8 96",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:96 telephone-event/8000",
        "a=fmtp:96 0-15",
        "a=ptime:20",
        "a=sendrecv",
    ]
    assert agreed(answered[0]) == Agreed(Law.A, 96, "192.0.2.1", 20_000, send=True, receive=True, held=False)


def test_our_own_offer_can_be_answered() -> None:
    theirs = sdp.answer(LocalMedia("198.51.100.7", 4000, 1), sdp.parse(sdp.offer(OURS)))
    assert theirs is not None
    assert agreed(theirs[0]).law is Law.MU
    assert agreed(theirs[0]).keys_type == sdp.KEYS_TYPE


@pytest.mark.parametrize(
    ("text", "answered", "send", "receive"),
    [
        (offer("a=sendonly"), Direction.RECVONLY, False, True),
        (offer("a=inactive"), Direction.INACTIVE, False, False),
        (offer(session="a=sendonly"), Direction.RECVONLY, False, True),
        (offer(address="0.0.0.0"), Direction.RECVONLY, False, True),
        (offer("c=IN IP4 0.0.0.0"), Direction.RECVONLY, False, True),
    ],
)
def test_every_way_to_say_hold_is_understood(text: str, answered: Direction, send: bool, receive: bool) -> None:
    found = sdp.answer(OURS, sdp.parse(text))
    assert found is not None
    assert found[1].held
    assert (found[1].send, found[1].receive) == (send, receive)
    assert f"a={answered}" in found[0]


def test_a_far_end_that_only_listens_has_not_put_us_on_hold() -> None:
    found = sdp.answer(OURS, sdp.parse(offer("a=recvonly")))
    assert found is not None
    assert (found[1].held, found[1].send, found[1].receive) == (False, True, False)
    assert "a=sendonly" in found[0]


@pytest.mark.parametrize(
    "media",
    [
        "m=audio 4000 RTP/AVP 9 18",  # G.722, G.729
        "m=audio 0 RTP/AVP 0 8",
        "m=audio 4000 RTP/SAVP 0 8",
        "m=video 4000 RTP/AVP 0",
        "m=audio 4000 RTP/AVP 96",  # telephone keys alone
    ],
)
def test_without_a_common_codec_there_is_no_answer(media: str) -> None:
    assert sdp.answer(OURS, sdp.parse(offer(media=media))) is None


def test_video_beside_audio_is_declined_in_its_place() -> None:
    both = offer().replace("m=audio", "m=video 5000 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\nm=audio")
    found = sdp.answer(OURS, sdp.parse(both))
    assert found is not None
    assert [line for line in found[0].splitlines() if line.startswith("m=")] == [
        "m=video 0 RTP/AVP 97",
        "m=audio 20000 RTP/AVP 8 96",
    ]


def test_a_telephone_without_keys_is_still_a_telephone() -> None:
    assert agreed("v=0\nc=IN IP4 198.51.100.7\nm=audio 4000 RTP/AVP 0\n").keys_type is None


def test_keys_at_another_clock_rate_are_not_ours() -> None:
    assert agreed(offer().replace("telephone-event/8000", "telephone-event/48000")).keys_type is None


def test_ipv6_is_an_address_too() -> None:
    assert agreed(offer().replace("c=IN IP4 198.51.100.7", "c=IN IP6 2001:db8::7")).address == "2001:db8::7"
    assert "c=IN IP6 2001:db8::1" in sdp.offer(LocalMedia("2001:db8::1", 20_000, 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "v=1\r\n",
        "v=0\r\n",
        "v=0\r\nm=audio\r\n",
        "v=0\r\nm=audio x RTP/AVP 0\r\n",
        "v=0\r\nm=audio 70000 RTP/AVP 0\r\n",
        "v=0\r\nm=audio ٣ RTP/AVP 0\r\n",
        "v=0\r\nc=IN IP4\r\nm=audio 1 RTP/AVP 0\r\n",
        "v=0\r\nc=IN IP4 not-an-address\r\nm=audio 1 RTP/AVP 0\r\n",
        "v=0\r\nnonsense\r\nm=audio 1 RTP/AVP 0\r\n",
        "v=0\r\n" + "a=x\r\n" * 3000,
        "v=0\r\na=" + "x" * 70_000,
    ],
)
def test_what_is_no_session_description_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        sdp.parse(text)


@given(st.text(max_size=300))
def test_any_text_is_a_description_or_a_wire_error(text: str) -> None:
    try:
        sdp.answer(OURS, sdp.parse("v=0\n" + text))
    except WireError:
        return


@given(st.integers(0, 400), st.integers(0, 400), st.text(max_size=5))
def test_an_offer_damaged_anywhere_is_a_description_or_a_wire_error(start: int, end: int, put: str) -> None:
    text = offer("a=sendonly", "a=ptime:20")
    try:
        sdp.answer(OURS, sdp.parse(text[:start] + put + text[end:]))
    except WireError:
        return
