"""Nobody accepts a page but the person it was sent to: 10,000 tries by text, none of them accepted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import UUID

import pytest
from night import Night
from texting import HOOK, OKAFOR_TEXT, RIVERA_TEXT, Texting, with_texts

from careline.actions.accept_page import accept_page
from careline.bootstrap import notify
from careline.core.errors import Refused
from careline.storage.models import Alarm, Membership
from careline.testing.carrier import Carrier, SignedRequest

FORGED, SIGNED = 9_900, 100


@pytest.fixture
def texting(night: Night) -> Iterator[Texting]:
    with Carrier(now=night.clock.now) as carrier:
        night.clock.move(days=2)  # Monday: Rivera is on call
        it = Texting(night, carrier)
        it.load(with_texts(seconds=600))
        night.mail = notify.post(it.means)  # type: ignore[assignment]
        yield it


def forged(texting: Texting, code: str, chance: random.Random) -> Iterator[SignedRequest]:
    """The right code from the right number, each with something that the carrier did not sign: changed, replaced or made up."""
    good = texting.carrier.reply(HOOK, RIVERA_TEXT, code)
    other = texting.carrier.reply(HOOK, RIVERA_TEXT, "0000000")
    for number in range(FORGED):
        letters = list(good.signature)
        letters[chance.randrange(27)] = chance.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        guess = "".join(letters)
        pairs = [(name, f"{value}{number}" if name == "MessageSid" else value) for name, value in good.pairs]
        yield (
            replace(good, signature=guess if guess != good.signature else ""),
            replace(good, signature=other.signature),
            replace(good, pairs=tuple(pairs)),
            replace(good, url=f"{HOOK}?tag={number}"),
        )[number % 4]


def test_of_ten_thousand_tries_none_is_accepted(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    code, chance, receiver = texting.code(RIVERA_TEXT), random.Random(5), texting.receiver
    tried = refused = 0
    for request in forged(texting, code, chance):
        tried += 1
        with pytest.raises(Refused):
            receiver.receive(request.url, {"x-twilio-signature": request.signature}, request.body)
        refused += 1
    for number in range(
        SIGNED
    ):  # what the carrier does sign: strangers, colleagues, guesses, one replayed again and again
        tried += 1
        guess = f"{chance.randrange(10**7):07d}"
        sender, words = (
            ("+12125550166", code),
            (OKAFOR_TEXT, code),
            (RIVERA_TEXT, guess if guess != code else "0000000"),
            (RIVERA_TEXT, f"accept {code[:-1]}"),
        )[number % 4]
        texting.text_back(sender, words)
    assert (tried, refused) == (10_000, FORGED)
    assert (texting.page().state, texting.page().accepted_by_id) == ("open", None)
    with texting.night.look():
        assert Membership.objects.get(staff_id="rivera").codes_locked_at is not None
        assert Alarm.objects.filter(kind="code_locked").count() == 1


def test_two_who_accept_at_the_same_instant_yield_one(texting: Texting) -> None:
    texting.night.a_page()
    texting.night.pass_time(seconds=1)
    rivera, okafor, page = texting.person("rivera"), texting.person("okafor"), texting.page().id
    code, together, now = texting.code(RIVERA_TEXT), Barrier(2), texting.night.clock.now()

    def by_text() -> str:
        together.wait()
        return texting.text_back(RIVERA_TEXT, code)

    def by_web() -> bool:
        together.wait()
        return accept_page(texting.night.practice, page, okafor, "web", now).mine

    with ThreadPoolExecutor(2) as threads:
        said, mine = threads.submit(by_text), threads.submit(by_web)
        holder: UUID = okafor if mine.result() else rivera
        assert ("is yours" in said.result()) == (holder == rivera)
        for _ in range(2):
            threads.submit(_close).result()
    assert texting.page().accepted_by_id == holder


def _close() -> None:
    from django.db import connections

    connections.close_all()
