"""Text messages over a real HTTP server on the loopback that behaves as the carrier's documentation says, faults included."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from careline.core.errors import Refused
from careline.notify.twilio import PROVIDER
from careline.notify.twilio.rest import AGAIN
from careline.ports import Attempt, Letter, Means, Outcome, Receipt, TextReply
from careline.testing.carrier import OUR_NUMBER, Carrier, Mood, SignedRequest

RIVERA, HOOK = "+12125550111", "https://careline.example/hooks/twilio/"
LETTER = Letter(
    RIVERA, "", "URGENT page 7KD2PX. Reply 4821973 to accept.", "page:0:0", "sms", tag="practice.promise", seconds=300
)


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with Carrier() as serving:
        yield serving


def means(carrier: Carrier, **more: str) -> Means:
    return Means({**carrier.environment, **more}, "https://careline.example", lambda _: b"")


def send(carrier: Carrier, letter: Letter = LETTER, timeout_s: float = 5.0) -> Attempt:
    messenger = PROVIDER.build(means(carrier))
    assert messenger is not None
    return asyncio.run(messenger.send(letter, timeout_s))


def received(carrier: Carrier, request: SignedRequest) -> Receipt | TextReply | None:
    assert PROVIDER.receiver is not None
    receiver = PROVIDER.receiver(means(carrier))
    assert receiver is not None
    return receiver.receive(request.url, {"x-twilio-signature": request.signature}, request.body)


def test_a_text_is_taken_with_a_callback_and_an_end(carrier: Carrier) -> None:
    attempt = send(carrier)
    (text,) = carrier.texts
    assert (attempt.outcome, attempt.reference) == (Outcome.DELIVERED, text.sid)
    assert (text.to, text.sender, text.body) == (RIVERA, OUR_NUMBER, LETTER.body)
    assert (text.callback, text.valid_s) == (f"{HOOK}?tag=practice.promise", 300)
    assert carrier.asked == 0, "a first try asks nothing"


@pytest.mark.parametrize(
    ("number", "outcome", "code", "gone"),
    [
        ("+1212", Outcome.FAILED, "21211", False),
        ("+12125550177", Outcome.FAILED, "21610", True),
        ("+12125550178", Outcome.FAILED, "21614", False),
    ],
)
def test_a_number_that_takes_no_texts_fails_for_good(
    carrier: Carrier, number: str, outcome: Outcome, code: str, gone: bool
) -> None:
    carrier.stopped, carrier.landlines = {"+12125550177"}, {"+12125550178"}
    attempt = send(carrier, replace(LETTER, to=number))
    assert attempt.outcome is outcome
    assert code in attempt.reason
    assert number not in attempt.reason
    assert attempt.gone == ((number,) if gone else ())


@pytest.mark.parametrize("mood", [Mood.BUSY, Mood.BROKEN, Mood.PROXY])
def test_what_may_pass_is_tried_again(carrier: Carrier, mood: Mood) -> None:
    carrier.mood = mood
    assert send(carrier).outcome is Outcome.RETRY
    assert carrier.texts == []


def test_a_carrier_that_says_nothing_is_not_waited_for(carrier: Carrier) -> None:
    carrier.mood = Mood.SILENT
    assert send(carrier, timeout_s=0.2).outcome is Outcome.RETRY


def test_our_own_wrong_password_is_mended_by_somebody_and_tried_again(carrier: Carrier) -> None:
    environment = carrier.environment
    carrier.token = "another"
    messenger = PROVIDER.build(Means(environment, "https://careline.example", lambda _: b""))
    assert messenger is not None
    assert asyncio.run(messenger.send(LETTER, 5.0)).outcome is Outcome.RETRY


def test_an_answer_that_was_lost_does_not_make_a_second_text(carrier: Carrier) -> None:
    carrier.mood = Mood.FORGETFUL
    assert send(carrier).outcome is Outcome.RETRY
    carrier.mood = Mood.WELL
    for number in range(5):  # others meanwhile; the list comes in pages of two
        send(carrier, replace(LETTER, body=f"another {number}"))
    again = send(carrier, replace(LETTER, since=datetime.now(UTC)))
    assert (again.outcome, again.reference) == (Outcome.DELIVERED, carrier.texts[0].sid)
    assert carrier.to(RIVERA).count(LETTER.body) == 1


def test_what_never_arrived_is_sent_again_and_says_so(carrier: Carrier) -> None:
    assert send(carrier, replace(LETTER, since=datetime.now(UTC))).outcome is Outcome.DELIVERED
    assert carrier.to(RIVERA) == [LETTER.body + AGAIN]
    send(carrier, replace(LETTER, since=datetime.now(UTC)))
    assert len(carrier.texts) == 1, "the marked one is known again, too"


def test_an_earlier_try_that_the_network_gave_up_is_a_failure(carrier: Carrier) -> None:
    send(carrier)
    carrier.became(carrier.texts[0], "undelivered", 30003)
    attempt = send(carrier, replace(LETTER, since=datetime.now(UTC)))
    assert (attempt.outcome, "30003" in attempt.reason) == (Outcome.FAILED, True)


@pytest.mark.parametrize(
    ("word", "error", "outcome"),
    [("sent", None, Outcome.DELIVERED), ("delivered", None, Outcome.DELIVERED), ("undelivered", 30006, Outcome.FAILED)],
)
def test_a_receipt_says_what_became_of_which_text(
    carrier: Carrier, word: str, error: int | None, outcome: Outcome
) -> None:
    send(carrier)
    receipt = received(carrier, carrier.became(carrier.texts[0], word, error))
    assert isinstance(receipt, Receipt)
    assert (receipt.tag, receipt.reference) == ("practice.promise", carrier.texts[0].sid)
    assert (receipt.outcome, receipt.word) == (outcome, word)
    assert (str(error) in receipt.reason) == (error is not None)


def test_a_reply_is_read_and_kept_private(carrier: Carrier) -> None:
    reply = received(carrier, carrier.reply(HOOK, RIVERA, "4821973"))
    assert isinstance(reply, TextReply)
    assert (reply.sender, reply.text.reveal(), reply.wish) == (RIVERA, "4821973", "")
    assert "4821973" not in repr(reply)


@pytest.mark.parametrize("text", ["STOP", " stop. ", "Please stop", "UNSUBSCRIBE", "alto", "No más"])
def test_who_wants_no_more_texts_is_understood(carrier: Carrier, text: str) -> None:
    reply = received(carrier, carrier.reply(HOOK, RIVERA, text))
    assert isinstance(reply, TextReply)
    assert reply.wish == "stop"


def test_the_carriers_own_word_for_an_opt_out_counts(carrier: Carrier) -> None:
    reply = received(carrier, carrier.reply(HOOK, RIVERA, "hör auf", OptOutType="STOP"))
    assert isinstance(reply, TextReply)
    assert reply.wish == "stop"


def test_only_what_the_carrier_signed_is_read(carrier: Carrier) -> None:
    good = carrier.reply(HOOK, RIVERA, "4821973")
    changed = tuple((name, "+12125550166" if name == "From" else value) for name, value in good.pairs)
    elsewhere = carrier.signed("https://other.example/hooks/twilio/", list(good.pairs))
    of_another = tuple((name, "AC" + "9" * 32 if name == "AccountSid" else value) for name, value in good.pairs)
    forged = [
        replace(good, signature=""),
        replace(good, signature="A" * 28),
        replace(good, signature="é" * 28),
        replace(good, pairs=changed),
        replace(good, url=HOOK + "?tag=another"),
        replace(elsewhere, url=HOOK),
        replace(good, pairs=(*good.pairs, ("Body", "something else"))),
        carrier.signed(HOOK, list(of_another)),
    ]
    for request in forged:
        with pytest.raises(Refused):
            received(carrier, request)
    assert received(carrier, good) is not None
    assert received(carrier, replace(good, url="https://careline.example:443/hooks/twilio/")) is not None


def test_while_a_token_is_changed_both_are_good(carrier: Carrier) -> None:
    old = carrier.reply(HOOK, RIVERA, "4821973")
    before, carrier.token = carrier.token, "the-new-token"
    assert PROVIDER.receiver is not None
    receiver = PROVIDER.receiver(means(carrier, CARELINE_TWILIO_OLD_TOKEN=before))
    assert receiver is not None
    assert receiver.receive(HOOK, {"x-twilio-signature": old.signature}, old.body) is not None
    with pytest.raises(Refused):
        received(carrier, old)


def test_bytes_that_are_no_form_are_refused(carrier: Carrier) -> None:
    assert PROVIDER.receiver is not None
    receiver = PROVIDER.receiver(means(carrier))
    assert receiver is not None
    for body in (b"\xff\xfe", b"a=1&" * 300, b"x" * 100_000, b""):
        with pytest.raises(Refused):
            receiver.receive(HOOK, {}, body)


def test_what_is_texted_back_cannot_break_out_of_its_markup(carrier: Carrier) -> None:
    assert PROVIDER.receiver is not None
    receiver = PROVIDER.receiver(means(carrier))
    assert receiver is not None
    kind, body = receiver.answer("1 < 2 & </Message>")
    assert (kind, body.count("</Message>")) == ("text/xml", 1)
    assert "<Message>" not in receiver.answer("")[1]


@pytest.mark.parametrize(
    "environment",
    [
        {"CARELINE_TWILIO_URL": "https://api.twilio.com", "CARELINE_TWILIO_FROM": OUR_NUMBER},
        {"CARELINE_TWILIO_FROM": OUR_NUMBER},
        {"CARELINE_TWILIO_URL": "https://AC1:token@api.twilio.com"},
        {"CARELINE_TWILIO_URL": "http://AC1:token@carrier.example", "CARELINE_TWILIO_FROM": OUR_NUMBER},
    ],
)
def test_half_set_up_is_refused_with_the_mend(environment: dict[str, str]) -> None:
    with pytest.raises(Refused, match="CARELINE_TWILIO_URL"):
        PROVIDER.build(Means(environment, "https://careline.example", lambda _: b""))


def test_not_set_up_is_no_mistake() -> None:
    assert PROVIDER.build(Means({}, "https://careline.example", lambda _: b"")) is None
