"""All channels as one messenger: letters find their provider, and what is not set up says so on the record."""

from __future__ import annotations

import asyncio

import pytest

from careline.bootstrap import notify
from careline.notify.pager import short
from careline.notify.post import Post
from careline.ports import Letter, Means, Outcome
from careline.testing.carrier import Carrier
from careline.testing.reach import LetterBox

BARE = Means({}, "http://careline.example", lambda _: b"a" * 32)


def letter(channel: str) -> Letter:
    return Letter("rivera@cedarhill.example", "s", "b", "k", channel)


@pytest.mark.parametrize(
    ("channel", "mend"),
    [
        ("email", "CARELINE_SMTP_URL"), ("sms", "CARELINE_TWILIO_URL"), ("pager", "CARELINE_PAGER_SMTP_URL"),
        ("push", "CARELINE_PUBLIC_URL"), ("carrier-pigeon", ""),
    ],
)  # fmt: skip
def test_a_channel_that_is_not_set_up_fails_at_once_and_says_the_mend(channel: str, mend: str) -> None:
    attempt = asyncio.run(notify.post(BARE).send(letter(channel), 1.0))
    assert attempt.outcome is Outcome.FAILED
    assert channel in attempt.reason
    assert mend in attempt.reason


def test_the_next_provider_is_tried_when_one_is_down_and_not_when_it_refused() -> None:
    down, second, refuses = LetterBox(Outcome.RETRY), LetterBox(), LetterBox(Outcome.FAILED)
    assert asyncio.run(Post({"sms": (down, second)}, {}).send(letter("sms"), 1.0)).outcome is Outcome.DELIVERED
    assert (len(down.letters), len(second.letters)) == (1, 1)
    assert asyncio.run(Post({"sms": (refuses, second)}, {}).send(letter("sms"), 1.0)).outcome is Outcome.FAILED
    assert len(second.letters) == 1


def test_every_folder_of_notify_is_found_by_itself() -> None:
    assert {provider.name for provider in notify.providers()} >= {"smtp", "twilio", "webpush", "pager"}
    with Carrier() as carrier:
        given = Means(carrier.environment, "https://careline.example", lambda _: b"a" * 32)
        assert set(notify.receivers(given)) == {"twilio"}
        assert asyncio.run(notify.post(given).send(Letter("+12125550111", "", "x", "k", "sms"), 5.0)).reference
    assert notify.receivers(BARE) == {}


def test_a_pager_is_sent_few_plain_words() -> None:
    assert short("Aviso  de\nemergencia: inicie sesión ♥") == "Aviso de emergencia: inicie sesion "
    assert len(short("x" * 1000)) == 240
