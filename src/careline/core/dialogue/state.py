"""What a dialogue knows and is waiting for. Immutable: every step gives a new state, so that any moment can be replayed.

`Setup` is what does not change during a contact; `State` is what does. Times in a state are what the events carried, never
read from a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from careline.core.clinical import Disposition, Facts, Finding
from careline.core.contact import Channel, Expect, Hearing
from careline.core.people import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.dialogue.deeds import Asked, Deed, Earlier
    from careline.core.dialogue.words import Words
    from careline.core.language import Intent, Lexicons
    from careline.core.people import Private
    from careline.core.practice import Practice
    from careline.core.routing.consent import Law, Need
    from careline.core.triage import Decision, Library, Question


_MOST_DESK_CALLS = 4


@dataclass(frozen=True, slots=True)
class Setup:
    """One contact's fixed surroundings. `caller_number` is what the network told, never proof of who calls."""

    practice: Practice
    library: Library
    lexicons: Lexicons
    words: Words
    channel: Channel = Channel.PHONE
    caller_number: str = ""
    desk_open: bool = False
    recorded: bool = True
    ask_consent: bool = False
    consent: Need | None = None  # whose consent the recording needs, as far as the number tells
    law: Law | None = None  # set when the practice asks by law: where they say they are may then need asking too


class Goal(StrEnum):
    """What a question is for. The reply is read by the goal's own reader (`replies.py`)."""

    LANGUAGE = "language"
    CONSENT = "consent"
    OPENING = "opening"
    HEALTH = "health"
    NOW = "now"
    STORY = "story"
    CLARIFY = "clarify"
    FACT = "fact"
    LOCATION = "location"
    EMERGENCY_NUMBER = "emergency_number"
    LAST_WORDS = "last_words"
    WHY_PERSON = "why_person"
    DETAIL = "detail"
    SPEAK = "speak"
    CALLER_NAME = "caller_name"
    FOR_WHOM = "for_whom"
    PATIENT_NAME = "patient_name"
    BIRTH = "birth"
    CALLBACK = "callback"
    CALLBACK_KNOWN = "callback_known"
    CALLBACK_BACK = "callback_back"
    STATE = "state"
    SAFE = "safe"
    SAME_MATTER = "same_matter"
    WORSE = "worse"
    READBACK = "readback"
    CORRECTION = "correction"
    ANYTHING_ELSE = "anything_else"


@dataclass(frozen=True, slots=True)
class Awaiting:
    """The question that is open. `detail` names what exactly (a concept, a message's field); `tries` counts re-asking."""

    goal: Goal
    expect: Expect
    words: str
    detail: str = ""
    question: Question | None = None
    tries: int = 0


#: Questions that callers answer in their own words, telling what is the matter.
TELLING = frozenset(
    {
        Goal.OPENING, Goal.STORY, Goal.CLARIFY, Goal.ANYTHING_ELSE, Goal.DETAIL, Goal.WHY_PERSON, Goal.LAST_WORDS,
        Goal.SPEAK, Goal.CORRECTION,
    }
)  # fmt: skip


class Progress(StrEnum):
    WANTED = "wanted"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A deed asked of the world, and what became of it."""

    deed: Deed
    progress: Progress = Progress.WANTED
    result: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing the caller wants besides being well: an administrative intent with the details gathered for it."""

    intent: Intent
    details: tuple[tuple[str, Private], ...] = ()
    settled: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Everything a contact has come to so far."""

    language: str
    hearing: Hearing
    turn: int = 0
    said: int = 0
    awaiting: Awaiting | None = None
    ticked: frozenset[str] = frozenset()  # what was told or settled once and is not repeated
    open_turns: tuple[str, ...] = ()  # the caller's free speech, in order
    facts: Facts = field(default_factory=Facts)
    findings: tuple[Finding, ...] = ()
    seen: frozenset[str] = frozenset()  # what language understanding carries from turn to turn
    heard: frozenset[int] = frozenset()  # likewise, the second listener
    held: tuple[Finding, ...] = ()  # heard, and first asked about
    not_now: frozenset[str] = frozenset()  # concepts that were asked about so, and denied
    doubts: int = 0
    symptomatic: bool = False
    asked: tuple[Asked, ...] = ()
    decision: Decision | None = None
    raised: Disposition | None = None  # the most urgent disposition the caller was told to act on
    raised_turn: int | None = None
    errands: tuple[Errand, ...] = ()
    identity: Identity = field(default_factory=Identity)
    deeds: Mapping[str, Wanted] = field(default_factory=dict[str, Wanted])
    person_wanted: bool = False
    misheard: int = 0
    silences: int = 0
    alarm: bool = False
    distress: bool = False
    pace: float = 1.0
    last_said: str = ""
    accepted_by: str = ""
    company: str = ""  # who speaks with the caller in the assistant's place; empty while nobody does
    desk_calls: int = 0  # how often the desk was asked for again after nobody had come
    earlier: tuple[Earlier, ...] = ()  # what is open for this patient already; empty until two identifiers have matched
    thread: str = ""  # the open matter this contact goes on about, once the caller has said so
    worse: bool = False  # since the contact that began the thread
    finished: str = ""  # why it ended; empty while it goes on

    @property
    def person_key(self) -> str:
        """Of the deed that rings the desk this time."""
        return f"person:{self.desk_calls}" if self.desk_calls else "person"

    def wanting_person(self) -> State:
        """The caller asks for a person. Asked again after nobody came, the desk is rung again."""
        wanted = replace(self, person_wanted=True)
        last = self.deeds.get(self.person_key)
        if last is None or last.progress is not Progress.FAILED or self.desk_calls >= _MOST_DESK_CALLS:
            return wanted
        return replace(wanted, desk_calls=self.desk_calls + 1).untick("person settled", "told nobody", "desk rings")

    def has(self, tick: str) -> bool:
        return tick in self.ticked

    def tick(self, *names: str) -> State:
        return replace(self, ticked=self.ticked | set(names))

    def untick(self, *names: str) -> State:
        return replace(self, ticked=self.ticked - set(names))
