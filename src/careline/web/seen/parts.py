"""The values several pages show: who speaks, how urgent, how old, and numbers with their middle hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.clinical import Disposition
from careline.core.contact import Channel, Hearing

if TYPE_CHECKING:
    from datetime import datetime

DISPOSITION_LABELS = {
    Disposition.CALL_911: "Call 911",
    Disposition.ED_NOW: "ED now",
    Disposition.CLINICIAN_NOW: "Clinician now",
    Disposition.WITHIN_4H: "Within 4 hours",
    Disposition.WITHIN_24H: "Within 24 hours",
    Disposition.WITHIN_3D: "Within 3 days",
    Disposition.ROUTINE: "Routine",
    Disposition.ADMINISTRATIVE: "Administrative",
    Disposition.HOME_CARE: "Home care",
}
HEARING_LABELS = {
    Hearing.OPEN: ("Hears open", "Free speech or typed text is understood."),
    Hearing.CLOSED: (
        "Hears closed",
        "Only yes, no and menu words are understood; free speech is recorded for a person to hear.",
    ),
    Hearing.KEYS: ("Hears keys", "Only telephone keys are understood; free speech is recorded for a person to hear."),
}
CHANNEL_LABELS = {
    Channel.PHONE: ("phone", "Phone"),
    Channel.CHAT: ("chat", "Chat"),
    Channel.SMS: ("chat", "Text message"),
    Channel.TERMINAL: ("terminal", "Terminal"),
}


@dataclass(frozen=True, slots=True)
class Urgency:
    """How a disposition is shown: its words and its tone (a class name of the style sheet)."""

    label: str
    tone: str
    rank: int


def urgency(disposition: str | None) -> Urgency | None:
    if not disposition:
        return None
    known = Disposition(disposition)
    return Urgency(DISPOSITION_LABELS[known], known.level.value, known.rank)


@dataclass(frozen=True, slots=True)
class HearingBadge:
    label: str
    hint: str
    kind: str


def hearing_badge(hearing: str) -> HearingBadge:
    label, hint = HEARING_LABELS[Hearing(hearing)]
    return HearingBadge(label, hint, hearing)


@dataclass(frozen=True, slots=True)
class ChannelBadge:
    icon: str
    label: str


def channel_badge(channel: str) -> ChannelBadge:
    return ChannelBadge(*CHANNEL_LABELS[Channel(channel)])


@dataclass(frozen=True, slots=True)
class Line:
    """One turn as the transcript shows it. `at` is seconds since the contact began; `flagged` marks words that raised it."""

    who: str  # "caller", "service" or "person"
    name: str
    text: str
    at: float
    clock: str
    flagged: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Because:
    """One reason for a disposition: what it is about, and the caller's own words for it (or, not `quoted`, their answer)."""

    about: str
    words: str
    quoted: bool = True


def clock(seconds: float) -> str:
    """Seconds since the contact began as m:ss, or h:mm:ss past an hour."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def masked(number: str) -> str:
    """A telephone number or mail address with all but its ends hidden, for lists and proofs: +1 ••• ••• 0147."""
    if "@" in number:
        name, _, domain = number.partition("@")
        return f"{name[:1]}•••@{domain}"
    if not number:
        return ""
    digits = "".join(character for character in number if character.isdigit())
    return f"••• ••• {digits[-4:]}" if len(digits) > 4 else "•••"


def spelled(number: str) -> str:
    """A telephone number as people read it: +12125550147 becomes +1 212-555-0147; anything else is left as it came."""
    local = number.removeprefix("+1")
    if len(local) == 10 and local.isdigit():
        return f"{number[: len(number) - 10]} {local[:3]}-{local[3:6]}-{local[6:]}".strip()
    return number


def human(word: str) -> str:
    """A concept's name as a person reads it: chest_pain becomes Chest pain."""
    return word.replace("_", " ").replace("-", " ").strip().capitalize()


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that still tells something. Rounds down; the future counts as now."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86400:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 86400} d {seconds % 86400 // 3600} h"
