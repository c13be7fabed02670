"""Media Streams' messages: a call's audio both ways as JSON over a WebSocket, 8 kHz G.711 in base64.

Source: Twilio, "Media Streams - WebSocket Messages". A carrier sends 20 ms at a time, in order; `Inflow` gives frames of 20 ms
whatever comes: other sizes, the same again, out of order, or not at all.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, cast

from careline.core.errors import WireError
from careline.wire import g711
from careline.wire.g711 import Law

#: Bytes of one message: half a minute of audio, as some carriers allow, is well below.
LONGEST_MESSAGE = 512 * 1024
_KEYS = frozenset("0123456789*#ABCD")
_LAWS = {"audio/x-mulaw": Law.MU, "PCMU": Law.MU, "audio/x-alaw": Law.A, "PCMA": Law.A}
_FRAME = 160  # coded bytes of 20 ms
FRAME_MS = 20


@dataclass(frozen=True, slots=True)
class Connected:
    """The socket is up; the stream's description follows."""


@dataclass(frozen=True, slots=True)
class Start:
    stream: str
    account: str
    call: str
    law: Law


@dataclass(frozen=True, slots=True)
class Media:
    """Coded audio of the far end, which began at `at_ms` of the stream."""

    coded: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class Pressed:
    digit: str


@dataclass(frozen=True, slots=True)
class Marked:
    """What stood before this mark has sounded, or was cleared."""

    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The stream, and with it the call's part here, is over."""


@dataclass(frozen=True, slots=True)
class Other:
    """Nothing for us: our own track, an unknown kind."""


Message = Connected | Start | Media | Pressed | Marked | Stop | Other
_OTHER, _CONNECTED, _STOP = Other(), Connected(), Stop()


def read(text: str) -> Message:
    """Raises `WireError` for what is no message; the error holds nothing of its content."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError("the message is not JSON") from error
    if not isinstance(found, dict):
        raise WireError("the message is not an object")
    fields = cast("dict[str, Any]", found)
    match fields.get("event"):
        case "media":
            return _media(_inner(fields, "media"))
        case "mark":
            return Marked(str(_inner(fields, "mark").get("name", "")))
        case "dtmf":
            digit = str(_inner(fields, "dtmf").get("digit", "")).upper()
            return Pressed(digit) if digit in _KEYS else _OTHER
        case "start":
            return _start(fields)
        case "connected":
            return _CONNECTED
        case "stop":
            return _STOP
        case _:
            return _OTHER


def _inner(fields: dict[str, Any], name: str) -> dict[str, Any]:
    inner: object = fields.get(name)
    if not isinstance(inner, dict):
        raise WireError(f"a {name} message without its {name}")
    return cast("dict[str, Any]", inner)


def _media(media: dict[str, Any]) -> Message:
    if media.get("track", "inbound") not in ("inbound", "inbound_track"):
        return _OTHER
    payload, stamp = media.get("payload"), media.get("timestamp")
    if not isinstance(payload, str):
        raise WireError("a media message without audio")
    try:
        return Media(base64.b64decode(payload), max(0, int(stamp or 0)))
    except (ValueError, TypeError, OverflowError) as error:
        raise WireError("a media message that cannot be read") from error


def _start(fields: dict[str, Any]) -> Start:
    start = _inner(fields, "start")
    form: object = start.get("mediaFormat")
    described = cast("dict[str, Any]", form) if isinstance(form, dict) else {}
    law = _LAWS.get(str(described.get("encoding", "audio/x-mulaw")))
    if law is None or _number(described.get("sampleRate", 8000)) != 8000 or _number(described.get("channels", 1)) != 1:
        raise WireError("the stream is not G.711 of 8 kHz, one channel")
    stream = fields.get("streamSid") or start.get("streamSid")
    if not isinstance(stream, str) or not stream or len(stream) > 128:
        raise WireError("the stream has no name")
    return Start(stream, str(start.get("accountSid", "")), str(start.get("callSid", "")), law)


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


# ------------------------------------------------------------ to the carrier


class Outflow:
    """Messages for one stream."""

    def __init__(self, stream: str, law: Law) -> None:
        name = json.dumps(stream)
        self._law = law
        self.before = f'{{"event":"media","streamSid":{name},"media":{{"payload":"'
        """How every message of audio begins."""
        self._mark = f'{{"event":"mark","streamSid":{name},"mark":{{"name":'
        self.clear = f'{{"event":"clear","streamSid":{name}}}'
        """Drop what has not sounded; its marks come back at once."""

    def media(self, pcm: bytes) -> str:
        """Audio behind what is there already; signed 16-bit, any length of whole samples."""
        coded = base64.b64encode(g711.encode(self._law, pcm))
        return f'{self.before}{coded.decode("ascii")}"}}}}'

    def mark(self, name: str) -> str:
        return f"{self._mark}{json.dumps(name)}}}}}"


# ------------------------------------------------------------ the far end's audio


@dataclass(frozen=True, slots=True)
class Sound:
    """20 ms of signed 16-bit audio, which began at `at_ms` of the stream; `lost` is silence in its stead."""

    pcm: bytes
    at_ms: int
    lost: bool = False


_HOLD = 3  # messages kept back when one is missing, before its time is given up
_MOST_SILENCE_MS = 1000  # a longer gap is leapt over: nobody needs minutes of silence at once
_MOST_AHEAD_MS = 60_000  # a time stamp further on than this is a lie


class Inflow:
    """Puts coded audio back into its order and into frames of 20 ms."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._next_ms: int | None = None
        self._rest = b""
        self._early: dict[int, bytes] = {}
        self._silence = g711.decode(law, bytes([law.silence]) * _FRAME)
        self.late = 0

    def take(self, media: Media) -> list[Sound]:
        """What has become complete. Raises `WireError` for a time stamp out of all reason."""
        if self._next_ms is None:
            self._next_ms = media.at_ms
        ahead = media.at_ms - self._next_ms - len(self._rest) // 8
        if -FRAME_MS < ahead < FRAME_MS and not self._early:
            if len(media.coded) == _FRAME and not self._rest:  # as carriers send it
                at, self._next_ms = self._next_ms, self._next_ms + FRAME_MS
                return [Sound(g711.decode(self._law, media.coded), at)]
            return self._cut(media.coded)
        return self._out_of_order(media, ahead)

    def _out_of_order(self, media: Media, ahead: int) -> list[Sound]:
        if ahead > _MOST_AHEAD_MS:
            raise WireError("a time stamp out of all reason")
        if ahead <= -FRAME_MS or media.at_ms in self._early:
            self.late += 1
            return []
        self._early[media.at_ms] = media.coded
        found: list[Sound] = []
        while self._early:
            first = min(self._early)
            gap = first - (self._next_ms or 0) - len(self._rest) // 8
            if gap >= FRAME_MS and len(self._early) < _HOLD:
                break
            found += self._fill(gap)
            found += self._cut(self._early.pop(first))
        return found

    def _fill(self, gap_ms: int) -> list[Sound]:
        """Silence for what will not come."""
        if gap_ms < FRAME_MS or self._next_ms is None:
            return []
        self._rest = b""
        if gap_ms > _MOST_SILENCE_MS:
            self._next_ms += gap_ms
            return []
        found: list[Sound] = []
        for _ in range(gap_ms // FRAME_MS):
            found.append(Sound(self._silence, self._next_ms, lost=True))
            self._next_ms += FRAME_MS
        return found

    def _cut(self, coded: bytes) -> list[Sound]:
        data = self._rest + coded
        found: list[Sound] = []
        place = 0
        while place + _FRAME <= len(data):
            at = self._next_ms or 0
            found.append(Sound(g711.decode(self._law, data[place : place + _FRAME]), at))
            self._next_ms, place = at + FRAME_MS, place + _FRAME
        self._rest = data[place:]
        return found
