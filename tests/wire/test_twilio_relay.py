"""ConversationRelay's messages are read whatever they hold, and what has sounded of a sentence is known."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careline.core.contact import Say, Spoken
from careline.core.errors import WireError
from careline.wire import twilio_relay as relay
from careline.wire.twilio_playout import Playout
from careline.wire.twilio_relay import (
    Complaint,
    Interrupted,
    Pressed,
    Prompt,
    Setup,
    Speaking,
    TokensPlayed,
    Unknown,
)

HELLO = Say("1:hello", "Thank you for calling Cedar Hill. How can I help you today?", "en")
MORE = Say("2:more", "You can say it in your own words.", "en")
CALL_911 = Say("3:911", "Please hang up and call 911 now.", "en", interruptible=False)


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        (
            {"type": "setup", "sessionId": "VX1", "callSid": "CA1", "from": "+12125550143", "to": "+12125550100"},
            Setup("VX1", "CA1", "+12125550143", "+12125550100"),
        ),
        (
            {"type": "prompt", "voicePrompt": "my chest", "lang": "en-US", "last": False},
            Prompt("my chest", False, "en-US"),
        ),
        ({"type": "prompt", "voicePrompt": "sí", "lang": "es-US"}, Prompt("sí", True, "es-US")),
        ({"type": "dtmf", "digit": "5"}, Pressed("5")),
        ({"type": "dtmf", "digit": "55"}, Unknown()),
        ({"type": "dtmf", "digit": 5}, Unknown()),
        (
            {"type": "interrupt", "utteranceUntilInterrupt": "Thank you", "durationUntilInterruptMs": 460},
            Interrupted("Thank you", 460),
        ),
        ({"type": "interrupt", "durationUntilInterruptMs": "460"}, Interrupted("", 460)),
        ({"type": "interrupt", "durationUntilInterruptMs": -1e99}, Interrupted("", None)),
        ({"type": "info", "name": "agentSpeaking", "value": "on", "ts": 1}, Speaking(agent=True, on=True)),
        ({"type": "info", "name": "clientSpeaking", "value": "off"}, Speaking(agent=False, on=False)),
        ({"type": "info", "name": "tokensPlayed", "value": "Thank you"}, TokensPlayed("Thank you")),
        ({"type": "info", "name": "agentSpeaking", "value": {}}, Unknown()),
        ({"type": "error", "description": "Invalid message received"}, Complaint()),
        ({"type": "something new"}, Unknown()),
        ({}, Unknown()),
    ],
)
def test_each_message_means_what_the_reference_says(message: dict[str, object], meaning: object) -> None:
    assert relay.read(json.dumps(message)) == meaning


@pytest.mark.parametrize("text", ["", "hello", "[1]", "null", "{", "[" * 100_000, "x" * 3_000_000])
def test_what_is_no_message_is_an_error(text: str) -> None:
    with pytest.raises(WireError):
        relay.read(text)


FIELDS = st.sampled_from(["type", "voicePrompt", "last", "lang", "digit", "value", "name", "durationUntilInterruptMs"])
SCALARS = st.none() | st.booleans() | st.floats() | st.text(max_size=9)


@settings(max_examples=25)
@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(FIELDS, inner)))
def test_any_json_is_a_message_or_an_error(value: object) -> None:
    try:
        relay.read(json.dumps(value))
    except WireError:
        assert not isinstance(value, dict)


def test_what_we_send_has_the_documented_form() -> None:
    assert json.loads(relay.say("Hi.", "en-US", interruptible=False)) == {
        "type": "text", "token": "Hi.", "last": True, "lang": "en-US", "interruptible": False, "preemptible": False,
    }  # fmt: skip
    assert json.loads(relay.switch_language("es-US")) == {
        "type": "language", "ttsLanguage": "es-US", "transcriptionLanguage": "es-US",
    }  # fmt: skip
    assert json.loads(relay.play("https://a.example/hold.mp3", times=2))["loop"] == 2
    assert json.loads(relay.send_digits("1w2")) == {"type": "sendDigits", "digits": "1w2"}
    assert json.loads(relay.end("over")) == {"type": "end", "handoffData": "over"}
    assert json.loads(relay.end()) == {"type": "end"}


# ------------------------------------------------------------ what has sounded


def playing(*sentences: Say, at: float = 0.0) -> Playout:
    playout = Playout()
    for sentence in sentences:
        playout.queue(sentence)
    playout.to_send(at)
    return playout


def whole(sentence: Say) -> tuple[str, int]:
    return sentence.id, len(sentence.text)


def heard(spoken: list[Spoken]) -> list[tuple[str, int]]:
    return [(one.id, one.upto) for one in spoken]


def text_of(sentence: Say, spoken: list[Spoken]) -> str:
    return sentence.text[: next(one.upto for one in spoken if one.id == sentence.id)]


def test_a_sentence_is_spoken_when_its_words_have_sounded() -> None:
    playout = playing(HELLO, MORE)
    assert heard(playout.played("Thank you for calling Cedar Hill.", 1.0)) == []
    assert heard(playout.played("How can I help you today?", 2.0)) == [whole(HELLO)]
    assert heard(playout.played("You can say it in your own words.", 4.0)) == [whole(MORE)]
    assert playout.idle


def test_words_that_the_voice_spells_otherwise_do_not_stop_the_count() -> None:
    playout = playing(Say("1", "Call 911, or 988 at once, please.", "en"), MORE)
    assert heard(playout.played("Call nine one one or 988 at once please", 1.0)) == [("1", 33)]


def test_an_interruption_tells_what_was_not_heard() -> None:
    playout = playing(HELLO, MORE)
    done = playout.interrupted("Thank you for calling", 900, 1.0)
    assert text_of(HELLO, done) == "Thank you for calling"
    assert heard(done)[1] == (MORE.id, 0)
    assert playout.idle


def test_an_interruption_in_the_second_sentence_means_that_the_first_was_heard() -> None:
    for told in ("You can say", "Thank you for calling Cedar Hill. How can I help you today? You can say"):
        done = playing(HELLO, MORE).interrupted(told, None, 5.0)
        assert heard(done)[0] == whole(HELLO)
        assert text_of(MORE, done) == "You can say"


def test_a_word_cut_short_was_not_heard() -> None:
    done = playing(HELLO).interrupted("Thank you for call", None, 1.0)
    assert text_of(HELLO, done) == "Thank you for"


def test_an_interruption_told_by_its_last_words_is_found() -> None:
    done = playing(HELLO).interrupted("... for calling Cedar Hill.", None, 1.0)
    assert text_of(HELLO, done) == "Thank you for calling Cedar Hill."


def test_an_utterance_that_is_not_ours_is_placed_by_its_time() -> None:
    done = playing(HELLO).interrupted("gracias por llamar", 1500, 1.5)
    assert 10 < heard(done)[0][1] < 30


def test_without_words_and_without_time_nothing_was_heard() -> None:
    assert heard(playing(HELLO).interrupted("", None, 1.0)) == [(HELLO.id, 0)]


def test_what_must_be_heard_is_sent_alone_and_again_when_it_was_broken_off() -> None:
    playout = playing(HELLO, CALL_911)
    assert playout.to_send(0.1) == [], "while another sentence is in flight it waits"
    playout.interrupted("Thank you", None, 0.5)
    assert playout.to_send(0.5) == [CALL_911]
    assert playout.interrupted("Please hang", None, 1.0) == []
    assert playout.to_send(1.0) == [CALL_911]
    assert heard(playout.played(CALL_911.text, 3.0)) == [whole(CALL_911)]


def test_what_is_always_broken_off_is_not_sent_for_ever() -> None:
    playout = playing(CALL_911)
    for _ in range(2):
        assert playout.interrupted("Please", None, 1.0) == []
        assert playout.to_send(1.0) == [CALL_911]
    assert heard(playout.interrupted("Please", None, 1.0)) == [(CALL_911.id, len("Please"))]


def test_a_voice_that_stops_early_may_have_been_interrupted() -> None:
    playout = playing(HELLO)
    playout.speaking(0.3, on=True)
    playout.played("Thank you for", 1.0)
    playout.speaking(1.2, on=False)
    assert text_of(HELLO, playout.interrupted("Thank you for", 700, 1.4)) == "Thank you for"


def test_a_voice_that_stops_without_an_interruption_has_said_all() -> None:
    playout = playing(HELLO)
    playout.speaking(0.3, on=True)
    playout.speaking(4.0, on=False)
    assert playout.tick(4.2) == []
    assert heard(playout.tick(4.6)) == [whole(HELLO)]


def test_a_voice_that_stops_before_a_sentence_began_says_nothing_about_it() -> None:
    playout = playing(HELLO, MORE)
    playout.played(HELLO.text, 3.0)
    playout.speaking(3.1, on=False)
    assert playout.tick(4.0) == []


def test_a_carrier_that_tells_nothing_is_given_the_time_a_slow_voice_takes() -> None:
    playout = playing(HELLO, MORE)
    assert playout.tick(4.0) == []
    first = playout.due()
    assert first is not None
    assert 5.0 < first < 9.0
    assert heard(playout.tick(first)) == [whole(HELLO)]
    assert heard(playout.tick(first + 6.0)) == [whole(MORE)]


def test_a_carrier_that_tells_and_then_falls_silent_stops_nothing() -> None:
    playout = playing(HELLO)
    playout.speaking(0.2, on=True)
    assert heard(playout.tick(40.0)) == [whole(HELLO)]


def test_a_lost_connection_says_again_what_was_not_heard_whole() -> None:
    playout = playing(HELLO, MORE)
    playout.played(HELLO.text + " You can", 3.0)
    playout.lost()
    assert playout.to_send(9.0) == [MORE]
    assert heard(playout.give_up(10.0)) == [(MORE.id, 0)]


SENTENCES = st.lists(st.tuples(st.text("ab ,", max_size=12), st.booleans()), max_size=6)
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("played"), st.text("ab ,", max_size=20)),
        st.tuples(st.just("interrupted"), st.text("ab ,", max_size=20)),
        st.tuples(st.sampled_from(["on", "off", "send", "tick", "lost"]), st.just("")),
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(SENTENCES, EVENTS)
def test_every_sentence_is_reported_once_and_within_its_length(
    said: list[tuple[str, bool]], events: list[tuple[str, str]]
) -> None:
    sentences = {str(n): Say(str(n), text, "en", interruptible=may) for n, (text, may) in enumerate(said)}
    playout, now, told = Playout(), 0.0, list[Spoken]()
    for sentence in sentences.values():
        playout.queue(sentence)
    for kind, text in [*events, *[("send", ""), ("tick", "")] * (len(said) * 4)]:
        now += 30.0 if kind == "tick" else 0.5
        match kind:
            case "played":
                told += playout.played(text, now)
            case "interrupted":
                told += playout.interrupted(text, None, now)
            case "send":
                playout.to_send(now)
            case "tick":
                told += playout.tick(now)
            case "lost":
                playout.lost()
            case _:
                playout.speaking(now, on=kind == "on")
    assert sorted(one.id for one in told) == sorted(sentences)
    assert all(0 <= one.upto <= len(sentences[one.id].text) for one in told)
