"""What Careline needs from outside, as protocols. Adapters implement these; `bootstrap` alone joins the two.

Audio everywhere inside is 8 kHz, signed 16-bit little-endian, mono, in frames of 20 ms (320 bytes). Times are seconds since
the leg (or contact) began, by the node's monotonic clock. Every call that leaves the process has a deadline and says how it
failed; none waits for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from careline.core.contact import Expect, Heard, Hearing, HearingChanged, Left, Say, Silence, Spoken, VoiceLost
    from careline.core.oncall.paged import Paged
    from careline.core.people import Private
    from careline.wire.transcripts import Word

SAMPLE_RATE = 8000
FRAME_MS = 20
FRAME_BYTES = 320


# ---------------------------------------------------------------- audio legs


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms of what the far end said. `at` is when it was spoken; a lost frame arrives as silence with `lost` set."""

    pcm: bytes
    at: float
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A telephone key (0-9, `*`, `#`, A-D), reported once per press."""

    digit: str
    at: float


@dataclass(frozen=True, slots=True)
class Played:
    """Playout has passed `mark`; everything queued before it was sent."""

    mark: str
    at: float


@dataclass(frozen=True, slots=True)
class Held:
    """The far end put us on hold (`on`), or took us back."""

    on: bool
    at: float


@dataclass(frozen=True, slots=True)
class Machine:
    """The network believes that a machine, not a person, has answered our call. It may err."""

    at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The leg is over. `reason` is one of: remote, local, failed, lost (no media and no signalling)."""

    reason: str
    at: float


LegEvent = Frame | Key | Played | Held | Machine | Ended


class Leg(Protocol):
    """One audio connection to one far end, whatever carries it. The event stream ends after `Ended`."""

    @property
    def id(self) -> str: ...
    @property
    def caller(self) -> str: ...  # number or address as the network told it; never proof of identity
    @property
    def called(self) -> str: ...
    def events(self) -> AsyncIterator[LegEvent]: ...
    def play(self, pcm: bytes) -> None:
        """Queue audio behind what is queued already; any length, paced out by the leg."""
        ...

    def mark(self, name: str) -> None:
        """Ask for `Played(name)` once playout reaches this point of the queue."""
        ...

    def clear(self) -> int:
        """Drop what is queued but not yet sent (barge-in). Returns the number of bytes dropped. Marks in it never report."""
        ...

    async def hang_up(self) -> None: ...


class IncomingCall(Protocol):
    """A call that rings and was not answered yet."""

    @property
    def id(self) -> str: ...
    @property
    def caller(self) -> str: ...
    @property
    def called(self) -> str: ...
    async def answer(self) -> Leg: ...
    async def reject(self, status: int) -> None:
        """Refuse with a SIP-like status: 404 unknown line, 486 busy, 503 full (trunks fail over on it)."""
        ...


@runtime_checkable
class Screened(Protocol):
    """A call from somebody who also looks at a page: an `IncomingCall` may be one."""

    @property
    def language(self) -> str:
        """What the page is read in."""
        ...

    def show(self, sentence: Say) -> None:
        """This is being said now."""
        ...

    def cut_off(self, spoken: Spoken) -> None:
        """Only so much of it was."""
        ...


class DialFailed(StrEnum):
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    BAD_NUMBER = "bad_number"


class Telephone(Protocol):
    """A way to take and place telephone calls (a SIP endpoint, a carrier)."""

    async def start(self, on_call: Callable[[IncomingCall], Awaitable[None]]) -> None: ...
    async def dial(self, number: str, caller_id: str, timeout_s: float) -> Leg | DialFailed: ...
    async def stop(self) -> None:
        """Stop taking calls, end the ones that are up, free ports."""
        ...


# ---------------------------------------------------------------- conversations


class Conversation(Protocol):
    """One contact as the dialogue sees it: things heard come in, sentences go out. Text legs are one directly; an audio
    `Leg` with `Ears` and `Voice` makes one."""

    @property
    def hearing(self) -> Hearing: ...
    def events(self) -> AsyncIterator[Heard | Spoken | Silence | Left | HearingChanged | VoiceLost]: ...
    async def say(self, sentence: Say) -> None:
        """Queue a sentence. `Spoken` reports how much of it the caller got."""
        ...

    def fall_silent(self) -> None: ...  # of what was queued nothing more is said: a person takes the caller

    async def finish(self) -> None: ...  # ends the contact from our side once what was said has been heard


class IncomingTalk(Protocol):
    """A call whose carrier hears and speaks for us, not answered yet. `hints` are names that its recognition should expect."""

    @property
    def caller(self) -> str: ...
    @property
    def called(self) -> str: ...
    async def answer(self, hints: Sequence[str]) -> Conversation: ...
    async def reject(self, status: int) -> None: ...


# ---------------------------------------------------------------- speech


@dataclass(frozen=True, slots=True)
class Recognised:
    """What ears made of one stretch of speech. `final` is False for partial results, which may still change. For closed
    ears `text` is one of the grammar's meanings ("yes", "no", "unsure" or an option), or empty when out of grammar."""

    text: str
    confidence: float
    started: float
    ended: float
    final: bool = True
    alarm: bool = False  # closed ears heard something like a red flag in free speech: may only raise
    words: tuple[Word, ...] = ()  # with the leg's times, where the recogniser tells them


class EarSession(Protocol):
    """Ears listening to one caller."""

    @property
    def hearing(self) -> Hearing: ...
    def expect(self, kind: Expect, options: Sequence[str], language: str) -> None:
        """What is asked now: chooses the grammar and the patience at the end of a turn."""
        ...

    def feed(self, frame: Frame) -> None: ...
    def events(self) -> AsyncIterator[Recognised | HearingChanged]: ...  # `TryAgain` when these ears hear no more
    async def close(self) -> None: ...


class Ears(Protocol):
    async def listen(self, language: str, hints: Sequence[str]) -> EarSession: ...


class Voice(Protocol):
    """Speech synthesis. Yields audio as it is made, so that the first frame can go out before the last is rendered."""

    def render(self, text: str, language: str, pace: float) -> AsyncIterator[bytes]: ...


# ---------------------------------------------------------------- reaching people


class Outcome(StrEnum):
    """What became of one try to reach a person. Only ACCEPTED counts as reached; the rest is recorded."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    DELIVERED = "delivered"  # a machine or a network says it arrived; nobody has accepted
    NO_ANSWER = "no_answer"
    FAILED = "failed"  # will not work again the same way: bad number, refused recipient
    RETRY = "retry"  # may work later: time-out, busy, provider down
    LOCKED = "locked"  # too many wrong PINs


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of one try: what came of it, the provider's own reference, and a short reason without patient data. `gone`
    names addresses of the letter that will never work again (a removed subscription, a number that opted out)."""

    outcome: Outcome
    reference: str = ""
    reason: str = ""
    keys: str = ""
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageScript:
    """What a paged clinician hears. `opening` holds no patient detail; `message` is played only after the right PIN, of which
    `pin_salt` and `pin_hash` (PBKDF2-HMAC-SHA256, 200,000 rounds) tell nothing. `by`: the telephone the practice chose."""

    language: str
    opening: str
    message: str
    menu: str
    pin_salt: bytes
    pin_hash: bytes
    by: str = ""


class Dialler(Protocol):
    """Rings a person and learns whether they accept. Whoever does stays on the line until `settled` says what became of it
    (None: it could not be saved): they are told, and then let go or joined to the caller as they asked."""

    async def ring(self, number: str, script: PageScript, deadline_s: float, key: str) -> Attempt: ...
    async def settled(self, key: str, paged: Paged | None) -> None: ...


class Announcer(Protocol):
    """Rings somebody who is not to accept anything, and says something to them. DELIVERED when it was said to the end."""

    async def announce(self, number: str, text: str, language: str, deadline_s: float, key: str) -> Attempt: ...


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice without patient data: a reference, the urgency and a link that needs signing in.

    `to` is an address as its channel writes one: an e-mail address, a number with +, or (push) a JSON list of subscriptions.
    `key` makes a repeat of the same notice recognisable to the provider. `tag` is an opaque word which callbacks of the provider
    bring back. `since` is set when an earlier try of this letter may have arrived: the provider is asked about letters from then
    on before anything is sent again. `seconds` is how long the letter is worth delivering.
    """

    to: str
    subject: str
    body: str
    key: str
    channel: str = "email"
    link: str = ""
    tag: str = ""
    since: datetime | None = None
    seconds: int = 600


class Messenger(Protocol):
    async def send(self, letter: Letter, timeout_s: float) -> Attempt: ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a letter: never an acceptance. `outcome` is FAILED or DELIVERED; `word` is the provider's own."""

    tag: str
    reference: str
    outcome: Outcome
    word: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TextReply:
    """Somebody wrote back. `sender` is what the network says, which proves nothing by itself. `wish` is "stop" or "start" where
    the provider has understood one."""

    reference: str
    sender: str
    text: Private
    wish: str = ""


class Receiver(Protocol):
    """The inbound half of a provider. `receive` turns a webhook request into news (None: of no use), or raises `Refused` for what
    was not signed; header names are lower case. `answer` gives content type and body that make it write `text` back."""

    def receive(self, url: str, headers: Mapping[str, str], body: bytes) -> Receipt | TextReply | None: ...
    def answer(self, text: str) -> tuple[str, str]: ...


class Subscriptions(Protocol):
    """What a browser must know to subscribe to push, and which endpoints we would ever send to."""

    public_key: str

    def accepts(self, endpoint: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Means:
    """What a provider's folder builds its adapter from. `secret` gives 32 bytes of the installation's own for a named purpose,
    the same at every start."""

    environment: Mapping[str, str]
    public_url: str
    secret: Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Provider:
    """What every folder of `notify` names `PROVIDER`; `bootstrap` finds it there. `build` gives None where the environment does
    not set it up, and raises `Refused` naming the variable and the mend where it does so wrongly."""

    name: str
    channel: str
    mend: str
    build: Callable[[Means], Messenger | None]
    receiver: Callable[[Means], Receiver | None] | None = None
    subscriptions: Callable[[Means], Subscriptions | None] | None = None


# ---------------------------------------------------------------- time


class Clock(Protocol):
    """The time of day, always with its zone. Tests move one by hand."""

    def now(self) -> datetime: ...


# ---------------------------------------------------------------- keeping things


class KeyStore(Protocol):
    """Keeps each practice's data key, wrapped under a master key that never lies beside the data."""

    def wrap(self, data_key: bytes) -> bytes: ...
    def unwrap(self, wrapped: bytes) -> bytes: ...


class Vault(Protocol):
    """Keeps sealed recording chunks. Names are opaque; content is ciphertext before it arrives here."""

    def put(self, name: str, content: bytes) -> None: ...
    def get(self, name: str) -> bytes: ...
    def names(self, prefix: str) -> Sequence[str]: ...
    def delete(self, name: str) -> None: ...
