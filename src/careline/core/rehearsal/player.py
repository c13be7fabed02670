"""Plays one written caller: answers what the dialogue asks, as the format says, and keeps what came of it.

The first line of `says` opens; each later one answers the next open question. Questions about age, sex, pregnancy and surgery
are answered from the profile; who they are, with invented names; any other closed question with "no, not that I know of".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from careline.core import dialogue
from careline.core.contact import Channel, Heard, Hearing, Say
from careline.core.dialogue import Goal
from careline.core.dialogue.brief import disposition, triage_record
from careline.core.dialogue.deeds import Do, Done
from careline.core.dialogue.state import TELLING, Setup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from careline.core.clinical import Disposition, Level
    from careline.core.dialogue import Output, State
    from careline.core.dialogue.deeds import Asked, RuleFired
    from careline.core.rehearsal.case import Case

#: More steps than any caller needs: a dialogue that goes round in circles ends here and is reported as such.
_MOST_STEPS = 200

_PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "no": "no, not that I know of", "end": "no, that's everything", "yes": "yes", "self": "for myself",
        "other": "for someone else", "female": "female", "male": "male", "home": "at home, 100 Example Street, New York",
    },
    "es": {
        "no": "no, que yo sepa no", "end": "no, eso es todo", "yes": "sí", "self": "por mí",
        "other": "por otra persona", "female": "mujer", "male": "hombre", "home": "en casa, 100 Example Street, Nueva York",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one case. `turn` is the caller's line (from 1) by which an emergency had been raised."""

    id: str
    level: Level
    disposition: Disposition
    turn: int | None
    fired: tuple[RuleFired, ...]
    asked: tuple[Asked, ...]
    intents: tuple[str, ...]
    deeds: tuple[str, ...]
    transcript: tuple[tuple[str, str], ...]
    finished: str


def play(case: Case, setup: Setup, now: datetime) -> Played:
    """One case through the dialogue with open ears. Pure: the same case gives the same result, byte for byte."""
    caller = _Caller(case, now.date())
    setup = Setup(setup.practice, setup.library, setup.lexicons, setup.words, Channel.TERMINAL)
    state, outputs = dialogue.begin(setup, Hearing.OPEN, case.language, now)
    transcript: list[tuple[str, str]] = []
    turn: int | None = None
    for _ in range(_MOST_STEPS):
        state, outputs = _keep_deeds(setup, state, outputs, now, transcript)
        if state.raised is not None and turn is None:
            turn = caller.said
        if state.finished or state.awaiting is None:
            break
        if caller.has_nothing_left and state.raised is not None:
            state = replace(state, finished="caller left")  # a caller in crisis is never hung up on
            break
        text = caller.answer(state)
        transcript.append(("caller", text))
        state, outputs = dialogue.step(setup, state, Heard(text=text), now)
    ended = state.finished or "went round in circles"
    return _played(case, state, turn, tuple(transcript), ended)


def _keep_deeds(
    setup: Setup, state: State, outputs: Sequence[Output], now: datetime, transcript: list[tuple[str, str]]
) -> tuple[State, Sequence[Output]]:
    """Every deed succeeds at once, as with a database and a keeper at hand."""
    for _ in range(_MOST_STEPS):
        transcript.extend(("careline", output.text) for output in outputs if isinstance(output, Say))
        done = [output.key for output in outputs if isinstance(output, Do)]
        if not done:
            break
        following: list[Output] = []
        for key in done:
            state, more = dialogue.step(setup, state, Done(key), now)
            following.extend(more)
        outputs = following
    return state, outputs


def _played(
    case: Case, state: State, turn: int | None, transcript: tuple[tuple[str, str], ...], finished: str
) -> Played:
    final = disposition(state)
    return Played(
        id=case.id,
        level=final.level,
        disposition=final,
        turn=turn,
        fired=triage_record(state, complete=True).fired,
        asked=state.asked,
        intents=tuple(errand.intent.kind for errand in state.errands),
        deeds=tuple(state.deeds),
        transcript=transcript,
        finished=finished,
    )


class _Caller:
    """Gives the case's lines and profile, one reply at a time."""

    def __init__(self, case: Case, today: date) -> None:
        self.case, self.today, self.said = case, today, 0
        self.has_nothing_left = False

    def answer(self, state: State) -> str:
        phrases = _PHRASES.get(state.language, _PHRASES["en"])
        awaiting = state.awaiting
        if awaiting is None:
            return phrases["end"]
        if awaiting.goal in TELLING:
            return self._next_line(phrases)
        if awaiting.goal is Goal.FACT and awaiting.question is not None:
            return self._fact(awaiting.question.concept, phrases)
        return self._identity(awaiting.goal, phrases)

    def _next_line(self, phrases: Mapping[str, str]) -> str:
        if self.said < len(self.case.says):
            self.said += 1
            return self.case.says[self.said - 1]
        self.has_nothing_left = True
        return phrases["end"]

    def _fact(self, concept: str, phrases: Mapping[str, str]) -> str:
        profile = self.case.profile
        concept = concept.rpartition(".")[2]  # a compound question is named after its protocol
        if concept in ("pregnant", "pregnant_or_recent"):
            return phrases["yes"] if "pregnant_weeks" in profile or "postpartum_days" in profile else phrases["no"]
        if concept == "postpartum":
            return phrases["yes"] if "postpartum_days" in profile else phrases["no"]
        if concept == "surgery_recent":
            return phrases["yes"] if "postop_days" in profile else phrases["no"]
        value = profile.get(concept)
        if value is None:
            return phrases["no"]
        if concept == "sex":
            return phrases.get(str(value), str(value))
        return _age(float(value), phrases is _PHRASES["es"]) if concept == "age" else f"{value:g}"

    def _identity(self, goal: Goal, phrases: Mapping[str, str]) -> str:
        years = float(self.case.profile.get("age", 40))
        born = self.today - timedelta(days=round(years * 365.25) + 40)
        return {
            Goal.CALLER_NAME: "Alex Example",
            Goal.FOR_WHOM: phrases["other" if self.case.caller else "self"],
            Goal.PATIENT_NAME: "Sam Example",
            Goal.BIRTH: f"{born:%m/%d/%Y}",
            Goal.CALLBACK: "212 555 0100",
            Goal.EMERGENCY_NUMBER: "212 555 0100",
            Goal.LOCATION: phrases["home"],
            Goal.STATE: "New York",
        }.get(goal, phrases["no" if goal in (Goal.HEALTH, Goal.NOW) else "yes"])


def _age(years: float, spanish: bool) -> str:
    if years >= 2:
        return f"{years:g}"
    if years < 0.17:
        return f"{round(years * 52)} {'semanas' if spanish else 'weeks'}"
    return f"{round(years * 12)} {'meses' if spanish else 'months'}"
