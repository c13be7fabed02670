"""A carrier's voice webhooks: what it asks and reports, and the TwiML that answers.

Source: Twilio's documentation of "TwiML for Programmable Voice", `<Connect>`, `<ConversationRelay>`, `<Stream>`, and the status
and machine-detection callbacks of the Calls resource. Requests are forms; answers are XML. Recording by the carrier is never
asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from careline.core.errors import WireError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Bytes of a form; a voice webhook has about 1,500.
LONGEST_FORM = 64 * 1024
_MOST_FIELDS = 200
_ID = re.compile(r"^[A-Za-z0-9:._\-]{1,128}$")

Pairs = tuple[tuple[str, str], ...]


def read_form(body: bytes) -> Pairs:
    """The posted pairs in their order, as the signature wants them."""
    if len(body) > LONGEST_FORM:
        raise WireError("the form is too long")
    try:
        return tuple(
            parse_qsl(
                body.decode("ascii"),
                keep_blank_values=True,
                encoding="utf-8",
                errors="strict",
                max_num_fields=_MOST_FIELDS,
            )
        )
    except ValueError as error:
        raise WireError("the body is not a form") from error


class CallState(StrEnum):
    """Twilio's words for where a call stands."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    ANSWERED = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        return self in _FINAL


#: "answered" is the name of the event, which some carriers write for the state.
_STATES = {**{state.value: state for state in CallState}, "answered": CallState.ANSWERED}
_FINAL = (CallState.COMPLETED, CallState.BUSY, CallState.NO_ANSWER, CallState.CANCELED, CallState.FAILED)


class AnsweredBy(StrEnum):
    """Who picked up, by the carrier's guess."""

    HUMAN = "human"
    MACHINE = "machine"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CallNews:
    """One webhook about one call. `sequence` counts a call's status callbacks from 0 and is None where the carrier gives none;
    `session` is how a `<Connect>` ended (completed, ended, failed), "" where the webhook is not about that."""

    account: str
    call: str
    caller: str
    called: str
    state: CallState | None
    sequence: int | None = None
    answered_by: AnsweredBy | None = None
    session: str = ""


def read_news(pairs: Pairs) -> CallNews:
    """Raises `WireError` for a form that is about no call."""
    said = dict(pairs)
    call = said.get("CallSid", "")
    if not _ID.match(call):
        raise WireError("the form names no call")
    sequence = said.get("SequenceNumber", "")
    return CallNews(
        account=said.get("AccountSid", ""),
        call=call,
        caller=_address(said.get("From", "")),
        called=_address(said.get("To", "")),
        state=_state(said.get("CallStatus", "")),
        sequence=int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) < 10 else None,
        answered_by=_answered_by(said.get("AnsweredBy", "")),
        session=said.get("SessionStatus", ""),
    )


def _address(text: str) -> str:
    """A number as it stands, or the user part of a SIP address; nothing else that a caller id may hold ("anonymous", …)."""
    user = text.removeprefix("sip:").partition("@")[0].strip()
    return user if re.fullmatch(r"\+?[0-9]{2,15}", user) else ""


def _state(word: str) -> CallState | None:
    return _STATES.get(word)


def _answered_by(word: str) -> AnsweredBy | None:
    if not word:
        return None
    if word.startswith("machine") or word == "fax":
        return AnsweredBy.MACHINE
    return AnsweredBy.HUMAN if word == "human" else AnsweredBy.UNKNOWN


class CallLife:
    """A call's state from callbacks that come late, twice, or in any order: it never goes back, and the end is the end."""

    def __init__(self) -> None:
        self.state = CallState.QUEUED
        self._newest = -1

    def hear(self, news: CallNews) -> bool:
        """Whether this changed anything."""
        state = news.state
        if state is None or self.state.final or state is self.state:
            return False
        if news.sequence is not None:
            if news.sequence <= self._newest and not state.final:
                return False
            self._newest = max(self._newest, news.sequence)
        elif not state.final and _ORDER.index(state) < _ORDER.index(self.state):
            return False
        self.state = state
        return True


_ORDER = (CallState.QUEUED, CallState.INITIATED, CallState.RINGING, CallState.ANSWERED)


# ------------------------------------------------------------ answers


@dataclass(frozen=True, slots=True)
class RelayVoice:
    """One language of a call by ConversationRelay: ours ("en"), the carrier's ("en-US"), and the carrier's voice, provider and
    recogniser where they are not its defaults."""

    language: str
    tag: str
    voice: str = ""
    tts_provider: str = ""
    transcription_provider: str = ""
    speech_model: str = ""


def _document(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in values.items() if value)


def _language(voice: RelayVoice) -> dict[str, str]:
    return {
        "code": voice.tag,
        "voice": voice.voice,
        "ttsProvider": voice.tts_provider,
        "transcriptionProvider": voice.transcription_provider,
        "speechModel": voice.speech_model,
    }


def connect_relay(url: str, action: str, voices: Sequence[RelayVoice], hints: Sequence[str] = ()) -> str:
    """Hand the call's ears and voice to the carrier; text comes and goes at `url`, and `action` is asked when that is over.

    Every default that has changed over the years is written out. Input is reported also while a sentence that may not be
    interrupted sounds, so that nothing a caller says then is lost.
    """
    first = voices[0]
    attributes = {
        "url": url,
        "language": first.tag,
        "interruptible": "any",
        "reportInputDuringAgentSpeech": "any",
        "dtmfDetection": "true",
        "preemptible": "false",
        "events": "speaker-events tokens-played",
        "hints": ",".join(hint.replace(",", " ") for hint in hints),
    }
    languages = "".join(f"<Language{_attributes(_language(voice))}/>" for voice in voices)
    relay = f"<ConversationRelay{_attributes(attributes)}>{languages}</ConversationRelay>"
    return _document(f"<Connect{_attributes({'action': action, 'method': 'POST'})}>{relay}</Connect>")


def connect_stream(url: str, action: str = "") -> str:
    """Hand the call's audio to us, both ways, at `url`."""
    method = "POST" if action else ""
    stream = f"<Stream{_attributes({'url': url})}/>"
    return _document(f"<Connect{_attributes({'action': action, 'method': method})}>{stream}</Connect>")


def hang_up() -> str:
    return _document("<Hangup/>")


def reject() -> str:
    """Not answered and not charged: the caller hears that the number is not in service."""
    return _document('<Reject reason="rejected"/>')


def nothing() -> str:
    """The answer to a report."""
    return _document("")
