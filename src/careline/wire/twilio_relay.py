"""ConversationRelay's messages: the carrier hears and speaks, text travels as JSON over a WebSocket.

Source: Twilio, "Getting and sending WebSocket messages" (Conversation Relay) and the attributes of `<ConversationRelay>`. What
`events="speaker-events tokens-played"` sends (`info`) stands in no reference; its form is taken from Twilio's own published
demonstrations, and nothing here depends on its coming.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from careline.core.errors import WireError

#: Bytes of one message. A turn of speech has a few hundred; what is longer than a turn may be is cut by who reads it.
LONGEST_MESSAGE = 2 * 1024 * 1024
_KEYS = frozenset("0123456789*#ABCD")


@dataclass(frozen=True, slots=True)
class Setup:
    """The first message of a session."""

    session: str
    call: str
    caller: str
    called: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the caller said, as the carrier recognised it. `last` is False while it may still change."""

    text: str
    last: bool
    language: str


@dataclass(frozen=True, slots=True)
class Pressed:
    digit: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The caller spoke or pressed a key over us: `heard` is what had sounded by then, `after_ms` how long it had sounded."""

    heard: str
    after_ms: int | None


@dataclass(frozen=True, slots=True)
class Speaking:
    """The agent's voice (`agent`) or the caller's began (`on`) or stopped."""

    agent: bool
    on: bool


@dataclass(frozen=True, slots=True)
class TokensPlayed:
    """The next words that have sounded."""

    text: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """The carrier could not use something we sent, or its own recognition or voice failed."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A kind of message that did not exist when this was written."""


Message = Setup | Prompt | Pressed | Interrupted | Speaking | TokensPlayed | Complaint | Unknown


def read(text: str) -> Message:
    """Raises `WireError` for what is no message at all; the error holds nothing of its content."""
    if len(text) > LONGEST_MESSAGE:
        raise WireError("the message is too long")
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError("the message is not JSON") from error
    if not isinstance(found, dict):
        raise WireError("the message is not an object")
    fields = cast("dict[str, Any]", found)
    match fields.get("type"):
        case "setup":
            return Setup(
                _text(fields, "sessionId"), _text(fields, "callSid"), _text(fields, "from"), _text(fields, "to")
            )
        case "prompt":
            return Prompt(_text(fields, "voicePrompt"), fields.get("last", True) is not False, _text(fields, "lang"))
        case "dtmf":
            digit = _text(fields, "digit").upper()
            return Pressed(digit) if digit in _KEYS else Unknown()
        case "interrupt":
            return Interrupted(_text(fields, "utteranceUntilInterrupt"), _whole(fields.get("durationUntilInterruptMs")))
        case "info":
            return _info(_text(fields, "name"), _text(fields, "value"))
        case "error":
            return Complaint()
        case _:
            return Unknown()


def _info(name: str, value: str) -> Message:
    if name == "tokensPlayed":
        return TokensPlayed(value)
    if name in ("agentSpeaking", "clientSpeaking") and value in ("on", "off"):
        return Speaking(name == "agentSpeaking", value == "on")
    return Unknown()


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int | None:
    """A count as a number or in quotes; carriers have sent both."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        return None
    return int(value)


# ------------------------------------------------------------ to the carrier


def _message(**fields: object) -> str:
    return json.dumps(fields, ensure_ascii=False)


def say(text: str, tag: str, *, interruptible: bool, last: bool = True) -> str:
    """Speak `text` in the language `tag`; `last` ends our turn, after which the caller is listened to."""
    return _message(
        type="text", token=text, last=last, lang=tag, interruptible=interruptible, preemptible=False
    )  # fmt: skip


def play(url: str, *, interruptible: bool = True, times: int = 1) -> str:
    """Play the sound file at `url`, as for sentences that a person has recorded."""
    return _message(type="play", source=url, loop=times, interruptible=interruptible, preemptible=False)


def send_digits(digits: str) -> str:
    """Press telephone keys (`w` waits half a second)."""
    return _message(type="sendDigits", digits=digits)


def switch_language(tag: str) -> str:
    """Speak and listen in another of the languages that the call was connected with."""
    return _message(type="language", ttsLanguage=tag, transcriptionLanguage=tag)


def end(handoff: str = "") -> str:
    """End the session; the carrier then asks the call's `action` what comes next, and brings `handoff` along."""
    return _message(type="end", handoffData=handoff) if handoff else _message(type="end")
