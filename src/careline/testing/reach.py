"""People as tests know them: a telephone that answers as it was told, and a letter box."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.ports import Attempt, Outcome

if TYPE_CHECKING:
    from careline.core.oncall.paged import Paged
    from careline.ports import Letter, PageScript


@dataclass(slots=True)
class ScriptedDialler:
    """A `Dialler`. `answers` maps a number to what its owner does; everybody else lets it ring. `rung` is what happened.
    `told` is what callers were told, who answer as `callers` says."""

    answers: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    rung: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    heard: list[PageScript] = field(default_factory=list["PageScript"])
    callers: Outcome = Outcome.DELIVERED
    told: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    settlements: list[tuple[str, Paged | None]] = field(default_factory=list["tuple[str, Paged | None]"])

    async def ring(self, number: str, script: PageScript, deadline_s: float, key: str) -> Attempt:  # noqa: ARG002
        self.rung.append((number, key))
        self.heard.append(script)
        return Attempt(self.answers.get(number, Outcome.NO_ANSWER), reference=f"call-{len(self.rung)}")

    async def announce(self, number: str, text: str, language: str, deadline_s: float, key: str) -> Attempt:  # noqa: ARG002
        """It is also an `Announcer`: who picks up a page's call also hears what is said to callers."""
        self.told.append((number, text))
        return Attempt(self.callers, reference=f"told-{len(self.told)}")

    async def settled(self, key: str, paged: Paged | None) -> None:
        self.settlements.append((key, paged))

    @property
    def numbers(self) -> list[str]:
        return [number for number, _ in self.rung]


@dataclass(slots=True)
class LetterBox:
    """A `Messenger` that keeps what it is given, or answers with `outcome`."""

    outcome: Outcome = Outcome.DELIVERED
    letters: list[Letter] = field(default_factory=list["Letter"])

    async def send(self, letter: Letter, timeout_s: float) -> Attempt:  # noqa: ARG002
        self.letters.append(letter)
        return Attempt(self.outcome, reference=f"letter-{len(self.letters)}")
