"""What a voice account at Twilio (or a carrier that speaks its protocol) needs, read from the environment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from careline.core.errors import Refused
from careline.wire.twilio_voice import RelayVoice

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACCOUNT_MEND = "set CARELINE_TWILIO_URL=https://ACCOUNT:TOKEN@api.twilio.com"
_VOICE_MEND = "CARELINE_TWILIO_VOICE must be relay (the carrier hears and speaks) or media (Careline does)"
_ADDRESS_MEND = "set CARELINE_TWILIO_VOICE_URL to the https:// address at which the carrier reaches the voice process"
_VOICES_MEND = "write CARELINE_TWILIO_VOICES as en=en-US es=es-US, each with /provider/voice behind it where it matters"
_LOCAL = ("localhost", "127.0.0.1")
_TAG = re.compile(r"^([a-z]{2})=([a-z]{2,3}(?:-[A-Za-z0-9]{2,4})?)(?:/(\w+)(?:/([\w\-]+))?)?$")
_NUMBER = re.compile(r"^\+[1-9]\d{6,14}$")


class Mode(StrEnum):
    """Who hears and speaks: the carrier (ConversationRelay), or we on its audio (Media Streams)."""

    RELAY = "relay"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `answer_s`: how long a webhook waits for us to decide (the carrier gives up after 15) and how long we wait for the
    call's socket afterwards. `return_s`: for a socket that broke. `stall_s`: for any sign of life of one that is up."""

    answer_s: float = 10.0
    return_s: float = 10.0
    stall_s: float = 10.0
    api_s: float = 8.0


@dataclass(frozen=True, slots=True)
class TwilioConfig:
    """`addresses` are where the carrier reaches this node: the first is its own, for sockets; webhooks may also come by the
    others (a load balancer's). The first token signs on; webhooks may be signed with any, while one replaces another."""

    account: str
    tokens: tuple[str, ...] = field(repr=False)
    api: str
    addresses: tuple[str, ...]
    mode: Mode = Mode.RELAY
    voices: tuple[RelayVoice, ...] = (RelayVoice("en", "en-US"), RelayVoice("es", "es-US"))
    caller_id: str = ""
    unsigned_sockets: bool = False
    timing: Timing = Timing()

    def tag(self, language: str) -> str:
        """The carrier's name for a language of ours; its first one for a language it was not connected with."""
        return next((voice.tag for voice in self.voices if voice.language == language), self.voices[0].tag)


def from_environment(environment: Mapping[str, str]) -> TwilioConfig | None:
    """None where calls by a carrier are not set up. Raises `Refused` with one line naming the variable and the mend."""
    mode = environment.get("CARELINE_TWILIO_VOICE", "")
    if not mode:
        return None
    if mode not in tuple(Mode):
        raise Refused(_VOICE_MEND)
    account, api, token = _account(environment.get("CARELINE_TWILIO_URL", ""))
    old = environment.get("CARELINE_TWILIO_OLD_TOKEN", "")
    sender = environment.get("CARELINE_TWILIO_FROM", "")
    return TwilioConfig(
        account=account,
        tokens=(token, old) if old else (token,),
        api=api,
        addresses=_addresses(environment.get("CARELINE_TWILIO_VOICE_URL", "")),
        mode=Mode(mode),
        voices=_voices(environment.get("CARELINE_TWILIO_VOICES", "") or "en=en-US es=es-US"),
        caller_id=sender if _NUMBER.match(sender) else "",
        unsigned_sockets=environment.get("CARELINE_TWILIO_UNSIGNED_SOCKETS", "") == "1",
    )


def _account(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    if not parts.username or not parts.password or not parts.hostname:
        raise Refused(f"calls by a carrier are half set up: {_ACCOUNT_MEND}")
    if parts.scheme != "https" and parts.hostname not in _LOCAL:
        raise Refused("CARELINE_TWILIO_URL must begin with https://: the token would travel in clear")
    port = f":{parts.port}" if parts.port else ""
    base = f"{parts.scheme}://{parts.hostname}{port}{parts.path.rstrip('/')}"
    return unquote(parts.username), base, unquote(parts.password)


def _addresses(text: str) -> tuple[str, ...]:
    found = tuple(address.rstrip("/") for address in text.split())
    for address in found:
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
            raise Refused(_ADDRESS_MEND)
    if not found:
        raise Refused(_ADDRESS_MEND)
    return found


def _voices(text: str) -> tuple[RelayVoice, ...]:
    found: list[RelayVoice] = []
    for each in text.split():
        match = _TAG.match(each)
        if match is None:
            raise Refused(_VOICES_MEND)
        language, tag, provider, voice = match.groups(default="")
        found.append(RelayVoice(language, tag, voice, provider))
    return tuple(found)
