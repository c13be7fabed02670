"""What recogniser servers answer, as values: OpenAI's transcription API and Deepgram's stream, and whoever copies them.

Sources: OpenAI API reference, "Create transcription" (`json` and `verbose_json`); Deepgram, "Live audio" (`Results`, `Finalize`,
`from_finalize`). Fields that a copy leaves out are taken as unknown; what is not of the protocol at all is a `WireError`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from careline.core.errors import WireError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: How sure a text is when its recogniser does not say.
UNTOLD_CONFIDENCE = 0.8
#: Whisper's own rule for sound without speech, in which it hears words ("Thank you for watching"): both must hold.
_NO_SPEECH, _UNSURE_LOGPROB = 0.6, -1.0
_MOST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word. Times in seconds, counted from what its holder says."""

    text: str
    started: float
    ended: float
    confidence: float = UNTOLD_CONFIDENCE


@dataclass(frozen=True, slots=True)
class Transcript:
    """The text of a stretch of speech. Word times count from the beginning of the sound that was sent."""

    text: str = ""
    confidence: float = 0.0
    words: tuple[Word, ...] = ()

    def later(self, seconds: float) -> Transcript:
        """The same, with the times of its words moved."""
        moved = (replace(word, started=word.started + seconds, ended=word.ended + seconds) for word in self.words)
        return replace(self, words=tuple(moved))


def joined(parts: Sequence[Transcript]) -> Transcript:
    """Transcripts one after the other; as sure as their least sure part."""
    said = [part for part in parts if part.text]
    if not said:
        return Transcript()
    words = tuple(word for part in said for word in part.words)
    return Transcript(" ".join(part.text for part in said), min(part.confidence for part in said), words)


def parse_openai(body: bytes) -> Transcript:
    """`json` (a text) or `verbose_json` (segments, words). Sound in which the recogniser itself suspects no speech is empty."""
    answer = _object(body)
    text = answer.get("text")
    if not isinstance(text, str):
        raise WireError("the transcription has no text")
    segments, words = _objects(answer.get("segments")), _objects(answer.get("words"))
    spoken = [segment for segment in segments if not _is_noise(segment)]
    if segments and len(spoken) < len(segments):
        text = " ".join(str(segment.get("text", "")).strip() for segment in spoken)
    sure = [math.exp(min(0.0, _number(segment, "avg_logprob", 0.0))) for segment in spoken if "avg_logprob" in segment]
    confidence = round(min(sure), 3) if sure else UNTOLD_CONFIDENCE
    text = " ".join(text.split())[:_MOST_TEXT]
    heard = tuple(
        Word(
            str(word.get("word", "")).strip(),
            _number(word, "start", 0.0),
            _number(word, "end", 0.0),
            _number(word, "probability", confidence),
        )
        for word in words
    )
    return Transcript(text, confidence if text else 0.0, heard if text else ())


def _is_noise(segment: Mapping[str, object]) -> bool:
    silent = _number(segment, "no_speech_prob", 0.0) > _NO_SPEECH
    return silent and _number(segment, "avg_logprob", 0.0) < _UNSURE_LOGPROB


@dataclass(frozen=True, slots=True)
class StreamResult:
    """One `Results` message. Times in seconds of the sound sent so far; `last` answers a `Finalize`."""

    transcript: Transcript
    ended: float
    final: bool
    last: bool


def parse_deepgram(body: bytes) -> StreamResult | None:
    """None for messages that carry no text (metadata, speech started). An `Error` message is a `WireError`."""
    message = _object(body)
    kind = message.get("type")
    if kind == "Error":
        raise WireError("the recogniser reports an error")
    if kind != "Results":
        return None
    channel = message.get("channel")
    offered = _objects(cast("Mapping[str, object]", channel).get("alternatives") if isinstance(channel, dict) else None)
    if not offered:
        raise WireError("a result without alternatives")
    best = offered[0]
    text = " ".join(str(best.get("transcript", "")).split())[:_MOST_TEXT]
    confidence = _number(best, "confidence", UNTOLD_CONFIDENCE) if text else 0.0
    words = tuple(
        Word(
            str(word.get("punctuated_word") or word.get("word") or ""),
            _number(word, "start", 0.0),
            _number(word, "end", 0.0),
            _number(word, "confidence", confidence),
        )
        for word in _objects(best.get("words"))
    )
    ended = _number(message, "start", 0.0) + _number(message, "duration", 0.0)
    return StreamResult(
        Transcript(text, min(1.0, confidence), words if text else ()),
        ended,
        final=message.get("is_final") is True,
        last=message.get("from_finalize") is True,
    )


def _object(body: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WireError("the recogniser's answer is not JSON") from error
    if not isinstance(value, dict):
        raise WireError("the recogniser's answer is not an object")
    return cast("Mapping[str, object]", value)


def _objects(value: object) -> list[Mapping[str, object]]:
    if not isinstance(value, list):
        return []
    return [cast("Mapping[str, object]", item) for item in cast("list[object]", value) if isinstance(item, dict)]


def _number(values: Mapping[str, object], name: str, otherwise: float) -> float:
    value = values.get(name)
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(cast(float, value)) if usable else otherwise
