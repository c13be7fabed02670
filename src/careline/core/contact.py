"""What a contact is made of, whatever way it came in: things heard, things said, and how well we can hear.

`calls` passes `Heard` values in and gets `Say` values out; `Spoken` comes back with how much of a sentence was played.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    PHONE = "phone"
    CHAT = "chat"
    SMS = "sms"
    TERMINAL = "terminal"


class Hearing(StrEnum):
    """How good the ears are. The dialogue asks only what these ears can hear; the order is from best to least."""

    OPEN = "open"  # free speech or written text
    CLOSED = "closed"  # yes/no and menus, spoken or keyed
    KEYS = "keys"  # telephone keys only


class Expect(StrEnum):
    """What kind of reply a question wants; ears choose a grammar, and end-of-turn a patience, by it."""

    OPEN = "open"
    YES_NO = "yes_no"
    MENU = "menu"
    DIGITS = "digits"
    NAME = "name"
    DATE = "date"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Heard:
    """One caller's turn: `text` as recognised or typed, or `keys` as pressed (digits, `*`, `#`). Times in seconds since the
    contact began. `confidence` is 0 to 1; text that was not recognised at all is an empty `text` with confidence 0."""

    text: str = ""
    keys: str = ""
    confidence: float = 1.0
    started: float = 0.0
    ended: float = 0.0
    alarm: bool = False  # closed ears heard something like a red flag in free speech: may only raise


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence for the caller. `expect` tells ears what kind of reply follows it; `options` are the words of a menu.
    `pace` 1.0 is normal; slower is below one. `fixed` sentences are rendered once and cached (or are human recordings).
    `speaker` names the person who wrote it; empty for the assistant."""

    id: str
    text: str
    language: str
    interruptible: bool = True
    expect: Expect = Expect.NOTHING
    options: tuple[str, ...] = ()
    pace: float = 1.0
    fixed: bool = False
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """How much of a `Say` reached the caller: `upto` characters of its text; all of it when `upto` is its length. Channels that
    know when it sounded say so in seconds since the contact began."""

    id: str
    upto: int
    started: float | None = None
    ended: float | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was heard for `seconds` since the last sentence ended or the caller last made a sound."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Left:
    """The caller has gone. Nothing more will be heard or said."""

    reason: str


@dataclass(frozen=True, slots=True)
class HearingChanged:
    """The ears got worse (or better) mid-contact; ask accordingly from here on. `answering`: what the caller was just saying was
    heard by the new ears and follows at once, so the open question is not asked anew."""

    hearing: Hearing
    answering: bool = False


@dataclass(frozen=True, slots=True)
class VoiceLost:
    """No voice can say anything any more: only what is recorded still sounds."""
