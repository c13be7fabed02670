"""A carrier's webhooks say what they say in any order, and its answers are well-formed XML whatever is put into them."""

import contextlib
import itertools
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careline.core.errors import WireError
from careline.wire.twilio_voice import (
    AnsweredBy,
    CallLife,
    CallNews,
    CallState,
    RelayVoice,
    connect_relay,
    connect_stream,
    hang_up,
    read_form,
    read_news,
    reject,
)

CALL = "CA00000000000000000000000000000001"
VOICES = (RelayVoice("en", "en-US"), RelayVoice("es", "es-US", voice="Lupe", tts_provider="Amazon"))


def news(state: CallState, sequence: int | None = None) -> CallNews:
    return CallNews("AC1", CALL, "+12125550143", "+12125550100", state, sequence)


def test_a_form_is_read_as_it_was_posted() -> None:
    body = urlencode({"CallSid": CALL, "From": "+12125550143", "CallerName": "Zoë & Co", "Empty": ""}).encode()
    assert read_form(body)[2:] == (("CallerName", "Zoë & Co"), ("Empty", ""))


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"a=%FF%FE", b"x" * 70_000, b"&".join([b"a=1"] * 300), "a=\u00e9".encode()]
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        read_form(body)


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_news_or_an_error(body: bytes) -> None:
    with contextlib.suppress(WireError):
        read_news(read_form(body))


def test_a_call_is_read() -> None:
    said = read_news((("CallSid", CALL), ("From", "+12125550143"), ("To", "+12125550100"), ("CallStatus", "ringing")))
    assert (said.caller, said.called, said.state) == ("+12125550143", "+12125550100", CallState.RINGING)


@pytest.mark.parametrize("hidden", ["anonymous", "Restricted", "+1212555014x", "", "client:somebody", "9" * 40])
def test_a_hidden_number_is_no_number(hidden: str) -> None:
    assert read_news((("CallSid", CALL), ("From", hidden))).caller == ""


def test_a_sip_caller_is_known_by_the_number_in_the_address() -> None:
    assert read_news((("CallSid", CALL), ("From", "sip:+12125550143@pbx.example.com"))).caller == "+12125550143"


@pytest.mark.parametrize("call", ["", "CA1'; drop", "x" * 200, "CA 1"])
def test_what_names_no_call_is_refused(call: str) -> None:
    with pytest.raises(WireError):
        read_news((("CallSid", call),))


@pytest.mark.parametrize(
    ("word", "who"),
    [
        ("human", AnsweredBy.HUMAN),
        ("machine_start", AnsweredBy.MACHINE),
        ("machine_end_beep", AnsweredBy.MACHINE),
        ("fax", AnsweredBy.MACHINE),
        ("unknown", AnsweredBy.UNKNOWN),
        ("a new word", AnsweredBy.UNKNOWN),
    ],
)
def test_who_answered_is_read(word: str, who: AnsweredBy) -> None:
    assert read_news((("CallSid", CALL), ("AnsweredBy", word))).answered_by is who


def test_callbacks_in_any_order_and_twice_end_in_the_same_state() -> None:
    told = [news(CallState.INITIATED, 0), news(CallState.RINGING, 1), news(CallState.ANSWERED, 2)]
    for order in itertools.permutations([*told, news(CallState.COMPLETED, 3), news(CallState.RINGING, 1)]):
        life = CallLife()
        states = [life.state for one in order if life.hear(one)]
        assert life.state is CallState.COMPLETED
        assert states.count(CallState.COMPLETED) == 1
        assert states[-1] is CallState.COMPLETED, "after the end nothing comes"


def test_callbacks_without_numbers_never_go_back() -> None:
    life = CallLife()
    assert life.hear(news(CallState.ANSWERED))
    assert not life.hear(news(CallState.RINGING))
    assert life.hear(news(CallState.COMPLETED))
    assert not life.hear(news(CallState.ANSWERED))


def test_a_relay_is_asked_for_with_everything_written_out() -> None:
    relay = ElementTree.fromstring(
        connect_relay("wss://a.example/r/1", "https://a.example/next", VOICES, ["Rivera, MD", 'the "Hill"'])
    ).find("./Connect/ConversationRelay")
    assert relay is not None
    assert relay.attrib == {
        "url": "wss://a.example/r/1",
        "language": "en-US",
        "interruptible": "any",
        "reportInputDuringAgentSpeech": "any",
        "dtmfDetection": "true",
        "preemptible": "false",
        "events": "speaker-events tokens-played",
        "hints": 'Rivera  MD,the "Hill"',
    }
    assert [language.attrib for language in relay] == [
        {"code": "en-US"},
        {"code": "es-US", "voice": "Lupe", "ttsProvider": "Amazon"},
    ]


@pytest.mark.parametrize(
    "document",
    [connect_relay("wss://a.example/r", "https://a.example/n", VOICES), connect_stream("wss://a.example/m")],
)
def test_no_recording_is_ever_asked_of_the_carrier(document: str) -> None:
    assert "record" not in document.lower()


@settings(max_examples=60)
@given(st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Co", "Cn")), max_size=40))
def test_whatever_is_put_in_stays_one_attribute(text: str) -> None:
    stream = ElementTree.fromstring(connect_stream(text or "x")).find("./Connect/Stream")
    assert stream is not None
    assert stream.attrib["url"] == (text or "x")


def test_refusing_and_ending_are_documents_of_their_own() -> None:
    assert ElementTree.fromstring(reject())[0].tag == "Reject"
    assert ElementTree.fromstring(hang_up())[0].tag == "Hangup"
