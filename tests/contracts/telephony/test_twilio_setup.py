"""How a carrier's calls are set up: a wrong value is one line that names the variable and the mend."""

from __future__ import annotations

import asyncio

import pytest

from careline.bootstrap.carrier import Carrier, ChosenDialler
from careline.core.errors import Refused
from careline.ports import Attempt, Outcome, PageScript
from careline.telephony.twilio import Mode, from_environment

WELL = {
    "CARELINE_TWILIO_VOICE": "relay",
    "CARELINE_TWILIO_URL": "https://AC1:to%20ken@api.example.com/",
    "CARELINE_TWILIO_VOICE_URL": "https://voice1.example.com/ https://answering.example.com",
    "CARELINE_TWILIO_FROM": "+12125550100",
}


def test_everything_is_read() -> None:
    config = from_environment(
        {**WELL, "CARELINE_TWILIO_OLD_TOKEN": "old", "CARELINE_TWILIO_VOICES": "en=en-US/Google/en-US-J es=es-MX"}
    )
    assert config is not None
    assert (config.account, config.tokens, config.api) == ("AC1", ("to ken", "old"), "https://api.example.com")
    assert config.addresses == ("https://voice1.example.com", "https://answering.example.com")
    assert (config.mode, config.caller_id) == (Mode.RELAY, "+12125550100")
    assert [voice.tts_provider for voice in config.voices] == ["Google", ""]
    assert [config.tag(language) for language in ("en", "es", "fr")] == ["en-US", "es-MX", "en-US"]
    assert "to ken" not in repr(config), "a token stands in no log"


def test_without_the_wish_nothing_is_set_up() -> None:
    assert from_environment({}) is None
    assert Carrier.of({}).telephone is None
    assert not Carrier.of({}).routes()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CARELINE_TWILIO_VOICE", "telepathy"),
        ("CARELINE_TWILIO_URL", ""),
        ("CARELINE_TWILIO_URL", "https://api.twilio.com"),
        ("CARELINE_TWILIO_URL", "http://AC1:token@api.twilio.com"),
        ("CARELINE_TWILIO_VOICE_URL", ""),
        ("CARELINE_TWILIO_VOICE_URL", "http://answering.example.com"),
        ("CARELINE_TWILIO_VOICES", "english"),
        ("CARELINE_PAGE_BY", "pigeon"),
    ],
)
def test_a_wrong_value_is_one_line_with_the_variable(variable: str, value: str) -> None:
    with pytest.raises(Refused, match=variable) as caught:
        Carrier.of({**WELL, variable: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["CARELINE_TWILIO_VOICE", "CARELINE_TWILIO_FROM"])
def test_paging_by_a_carrier_that_is_not_set_up_is_refused_at_start(missing: str) -> None:
    with pytest.raises(Refused, match=missing):
        Carrier.of({**WELL, "CARELINE_PAGE_BY": "twilio", missing: ""})


class Rings:
    def __init__(self) -> None:
        self.rung = 0

    async def ring(self, number: str, script: PageScript, deadline_s: float, key: str) -> Attempt:
        self.rung += 1
        return Attempt(Outcome.NO_ANSWER)

    async def settled(self, key: str, paged: object) -> None:
        """Nobody waits."""


@pytest.mark.parametrize(
    ("chosen", "usual", "rung"),
    [("", "sip", "sip"), ("twilio", "sip", "twilio"), ("sip", "twilio", "sip"), ("", "twilio", "twilio")],
)
def test_a_practice_chooses_what_rings_its_clinicians(chosen: str, usual: str, rung: str) -> None:
    by = {"sip": Rings(), "twilio": Rings()}
    script = PageScript("en", "", "", "", b"", b"", chosen)
    asyncio.run(ChosenDialler(by, usual).ring("+12125550111", script, 5.0, "page-1"))
    assert by[rung].rung == 1


def test_a_practice_whose_choice_is_not_set_up_is_rung_all_the_same() -> None:
    by = {"sip": Rings()}
    asyncio.run(
        ChosenDialler(by, "sip").ring("+12125550111", PageScript("en", "", "", "", b"", b"", "twilio"), 5.0, "page-1")
    )
    assert by["sip"].rung == 1
