"""A caller for tests of the dialogue: says lines, answers what is asked, and keeps all that was said and done to them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core import dialogue
from careline.core.contact import Channel, Heard, Hearing, Left, Say, Silence
from careline.core.dialogue import Goal, Setup
from careline.core.dialogue.deeds import RECALL, Do, Done, Failed, Finish, Recall, Record, Remembered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.dialogue import Event, Output, State
    from careline.core.dialogue.deeds import Deed, Earlier

NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=ZoneInfo("America/New_York"))

#: What an ordinary caller answers to each goal; a test overrides what it is about.
ANSWERS: Mapping[Goal, str] = {
    Goal.CALLER_NAME: "Alex Example",
    Goal.FOR_WHOM: "for myself",
    Goal.PATIENT_NAME: "Sam Example",
    Goal.BIRTH: "03/14/1985",
    Goal.CALLBACK: "212 555 0100",
    Goal.EMERGENCY_NUMBER: "yes",
    Goal.CALLBACK_KNOWN: "yes",
    Goal.CALLBACK_BACK: "yes",
    Goal.STATE: "New York",
    Goal.SAFE: "yes",
    Goal.READBACK: "yes",
    Goal.LOCATION: "at home, 100 Example Street",
    Goal.FACT: "no",
    Goal.HEALTH: "no",
    Goal.NOW: "no",
    Goal.CONSENT: "yes",
    Goal.LANGUAGE: "english",
}
END = "no, that's everything"


class TestCaller:
    """One contact. `says` are lines for open questions, in order; deeds succeed at once unless `hold` or `fail` is set.
    `earlier` is what a `Recall` finds; it is kept in `recalled`, apart from `deeds`."""

    __test__ = False

    def __init__(
        self,
        setup: Setup,
        *says: str,
        hearing: Hearing = Hearing.OPEN,
        language: str = "en",
        answers: Mapping[str, str] | None = None,
        hold: bool = False,
        fail: bool = False,
        earlier: Sequence[Earlier] = (),
    ) -> None:
        self.setup, self.lines, self.answers = setup, list(says), dict(answers or {})
        self.hold, self.fail = hold, fail
        self.earlier, self.recalled = tuple(earlier), list[Recall]()
        self.said: list[Say] = []
        self.deeds: dict[str, Deed] = {}
        self.records: list[Record] = []
        self.over = ""
        self.state: State
        self.state, outputs = dialogue.begin(setup, hearing, language, NIGHT)
        self._take(outputs)

    # ------------------------------------------------------------ what happens to them

    def hear(self, event: Event) -> list[str]:
        """Let one event happen; returns the sentences said because of it."""
        before = len(self.said)
        self.state, outputs = dialogue.step(self.setup, self.state, event, NIGHT)
        self._take(outputs)
        return [sentence.text for sentence in self.said[before:]]

    def says(self, text: str) -> list[str]:
        return self.hear(Heard(text=text))

    def presses(self, keys: str) -> list[str]:
        return self.hear(Heard(keys=keys))

    def is_silent(self) -> list[str]:
        return self.hear(Silence(7.0))

    def hangs_up(self) -> list[str]:
        return self.hear(Left("hung up"))

    def succeeds(self, key: str) -> list[str]:
        return self.hear(Done(key))

    # ------------------------------------------------------------ going on by themselves

    def step(self) -> bool:
        """Answer what is asked now. False when nothing is asked any more."""
        awaiting = self.state.awaiting
        if self.over or awaiting is None:
            return False
        self.says(self._answer(awaiting.goal, awaiting.question.concept if awaiting.question else awaiting.detail))
        return True

    def to_the_end(self, most: int = 120) -> None:
        for _ in range(most):
            if not self.step():
                return

    def until(self, goal: Goal, most: int = 120) -> None:
        """Go on until this is asked."""
        for _ in range(most):
            if self.asked is goal or not self.step():
                return

    @property
    def asked(self) -> Goal | None:
        return self.state.awaiting.goal if self.state.awaiting else None

    @property
    def sentences(self) -> list[str]:
        return [sentence.text for sentence in self.said]

    def was_told(self, words: str) -> bool:
        return any(words in sentence for sentence in self.sentences)

    def _answer(self, goal: Goal, detail: str) -> str:
        for key in (detail, goal):
            if key in self.answers:
                return self.answers[key]
        if goal in ANSWERS:
            return ANSWERS[goal]
        return self.lines.pop(0) if self.lines else END

    def _take(self, outputs: Sequence[Output]) -> None:
        made: list[str] = []
        for output in outputs:
            match output:
                case Say():
                    self.said.append(output)
                case Do(key=key, deed=Recall() as deed):
                    self.recalled.append(deed)
                    made.append(key)
                case Do(key=key, deed=deed):
                    self.deeds[key] = deed
                    made.append(key)
                case Record():
                    self.records.append(output)
                case Finish(reason=reason):
                    self.over = reason
                case _:
                    pass
        for key in [key for key in made if key == RECALL or not self.hold]:
            remembered = Remembered(key, self.earlier) if key == RECALL else Done(key)
            self.hear(Failed(key, "down") if self.fail else remembered)


def setup_of(base: Setup, **changes: object) -> Setup:
    """The same surroundings with some of them changed (channel, caller_number, desk_open, …)."""
    values = {name: getattr(base, name) for name in Setup.__slots__} | changes
    return Setup(**values)  # type: ignore[arg-type]


def phone(base: Setup, number: str = "+12125550190") -> Setup:
    return setup_of(base, channel=Channel.PHONE, caller_number=number)
