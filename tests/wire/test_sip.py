"""SIP messages are read as telephones really send them, and refused where two readers could read two things."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careline.core.errors import WireError
from careline.wire import sip
from careline.wire.sip import Request, Response

INVITE = (
    b"INVITE sip:5550100@careline.example SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 198.51.100.7:5070;rport;branch=z9hG4bK1\r\n"
    b'From: "Ana, R." <sip:5550123@198.51.100.7>;tag=a1\r\n'
    b"To: <sip:5550100@careline.example>\r\n"
    b"Call-ID: one@198.51.100.7\r\n"
    b"CSeq: 1 INVITE\r\n"
    b"Contact: <sip:5550123@198.51.100.7:5070>\r\n"
    b"Content-Length: 4\r\n\r\nv=0\n"
)


def read(data: bytes) -> Request:
    message = sip.parse(data)
    assert isinstance(message, Request)
    return message


def test_a_request_is_read() -> None:
    message = read(INVITE)
    assert (message.method, message.uri, message.body) == ("INVITE", "sip:5550100@careline.example", b"v=0\n")
    assert sip.first(message, "call-id") == "one@198.51.100.7"


def test_a_response_is_read() -> None:
    message = sip.parse(b"SIP/2.0 180 Ringing\r\nv: SIP/2.0/UDP h;branch=z\r\n\r\n")
    assert message == Response(180, "Ringing", (("via", "SIP/2.0/UDP h;branch=z"),))


def test_compact_and_folded_headers_bare_line_feeds_and_blank_lines_in_front() -> None:
    message = read(b"\r\n\r\nOPTIONS sip:x SIP/2.0\nv: SIP/2.0/UDP h\n ;branch=z\nI : c\nSubject:\n\n")
    assert message.headers == (("via", "SIP/2.0/UDP h ;branch=z"), ("call-id", "c"), ("subject", ""))


def test_latin_1_names_and_utf_8_names_are_both_names() -> None:
    for coding in ("latin-1", "utf-8"):
        data = INVITE.replace(b"Ana, R.", "José Muñoz".encode(coding))
        assert sip.parse_address(sip.first(read(data), "from") or "").name == "José Muñoz"


def test_bytes_behind_the_body_are_not_the_body() -> None:
    assert read(INVITE + b"more").body == b"v=0\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 40,
        b"INVITE sip:x SIP/2.0\r\n",
        b"INVITE  sip:x SIP/2.0\r\n\r\n",
        b"INVITE sip:x\r\n\r\n",
        b"SIP/2.0 99 Low\r\n\r\n",
        b"SIP/2.0 700 High\r\n\r\n",
        INVITE.replace(b"Length: 4", b"Length: 5"),
        INVITE.replace(b"Length: 4", b"Length: -1"),
        INVITE.replace(b"Length: 4", b"Length: 4\r\nContent-Length: 3"),
        INVITE.replace(b"Length: 4", b"Length: 99999999999999999999"),
        INVITE.replace(b"CSeq:", b"CSeq"),
        INVITE.replace(b"Ana", b"A\x00a"),
        INVITE.replace(b"Ana", b"A\x0ba"),
        INVITE.replace(b"CSeq", b"C Seq"),
        b"OPTIONS sip:x SIP/2.0\r\n" + b"A: b\r\n" * 300 + b"\r\n",
        b"OPTIONS sip:x SIP/2.0\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
    ],
)
def test_what_is_ambiguous_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        sip.parse(data)


def test_cut_short_anywhere_it_is_refused() -> None:
    for length in range(len(INVITE)):
        with pytest.raises(WireError):
            sip.parse(INVITE[:length])


def test_what_is_built_is_read_back() -> None:
    message = read(INVITE)
    assert read(sip.build(message)).headers == message.headers
    response = Response(200, "OK", (("call-id", "c"), ("www-authenticate", 'Digest realm="x"')), b"body")
    assert sip.parse(sip.build(response)) == Response(200, "OK", (*response.headers, ("content-length", "4")), b"body")
    assert b"\r\nCall-ID: c\r\nWWW-Authenticate: " in sip.build(response)


def test_lists_are_taken_apart_outside_quotes_and_brackets_only() -> None:
    value = '"A, B \\", C" <sip:a,b@h>;x=1, <sip:c@h> ,'
    assert sip.split_list(value) == ['"A, B \\", C" <sip:a,b@h>;x=1', "<sip:c@h>"]


@pytest.mark.parametrize(
    ("text", "name", "uri", "params"),
    [
        ("<sip:a@h;lr>;tag=1", "", "sip:a@h;lr", {"tag": "1"}),
        ("sip:a@h;tag=1", "", "sip:a@h", {"tag": "1"}),
        ('"Q \\"x\\" <y>" <sip:a@h>', 'Q "x" <y>', "sip:a@h", {}),
        ("Ana <sip:a@h> ; Tag=Z", "Ana", "sip:a@h", {"tag": "Z"}),
    ],
)
def test_addresses(text: str, name: str, uri: str, params: dict[str, str]) -> None:
    assert sip.parse_address(text) == sip.Address(name, uri, params)


def test_uris() -> None:
    assert sip.parse_uri("sip:a:secret@h.example:5070;transport=TCP?x=y") == sip.Uri(
        "sip", "a", "h.example", 5070, {"transport": "TCP"}
    )
    assert sip.parse_uri("sip:[2001:db8::1]:5060") == sip.Uri("sip", "", "[2001:db8::1]", 5060, {})
    assert sip.parse_uri("tel:+1-212-555-0100;ext=1").user == "+1-212-555-0100"
    for wrong in (
        "",
        "sip:",
        "sip:a@",
        "sip:a@h:0",
        "sip:a@h:70000",
        "sip:a@h h",
        "sip:a@h:x",
        "no-scheme",
        "sip:a@<h>",
    ):
        with pytest.raises(WireError):
            sip.parse_uri(wrong)


def test_vias() -> None:
    assert sip.parse_via("SIP / 2.0 / UDP  h : 5070 ;branch=z ; rport") == sip.Via(
        "UDP", "h", 5070, {"branch": "z", "rport": ""}
    )
    for wrong in ("", "SIP/2.0/UDP", "SIP/2.0 h", "UDP h", "SIP/2.0/UDP h:99999"):
        with pytest.raises(WireError):
            sip.parse_via(wrong)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_a_wire_error(data: bytes) -> None:
    try:
        sip.build(sip.parse(data))
    except WireError:
        return


@given(st.integers(0, len(INVITE)), st.integers(0, len(INVITE)), st.binary(max_size=6))
def test_a_message_damaged_anywhere_is_a_message_or_a_wire_error(start: int, end: int, put: bytes) -> None:
    try:
        message = sip.parse(INVITE[:start] + put + INVITE[end:])
        for reader, name in ((sip.parse_via, "via"), (sip.parse_address, "from"), (sip.parse_address, "contact")):
            for value in sip.every(message, name):
                reader(value)
    except WireError:
        return
