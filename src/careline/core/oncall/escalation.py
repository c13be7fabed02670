"""Whom to reach next, until somebody has accepted: the decision that must never end quietly.

A page walks through its policy's steps. Each step reaches some people and then waits; a step with nobody to reach is passed at
once. After the practice's own steps the page widens (backup, then supervisor, then the desk itself) and the round begins
again, for as long as nobody has accepted. The desk can always be reached, so no round is empty.

    page ──► step 0 ──wait──► step 1 ──wait──► … backup ──► supervisor ──► desk ──► next round, step 0 …
                └───────────────┴── accepted by an authenticated person ──► done
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.practice import Practice

DESK = "desk"
CALLED = ("on_call", "second_call", "third_call")  # the layers of the rota, in the order in which they are called
WIDEN_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Step:
    """`reach` names layers of the calendar, "desk", or people by id; after `seconds` without acceptance the next step begins."""

    reach: tuple[str, ...]
    channels: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The steps in force when a page was raised; later edits of the practice's file touch only later pages."""

    steps: tuple[Step, ...]

    def as_json(self) -> dict[str, Any]:
        return {"steps": [[list(step.reach), list(step.channels), step.seconds] for step in self.steps]}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Policy:
        return Policy(
            tuple(Step(tuple(reach), tuple(channels), seconds) for reach, channels, seconds in value["steps"])
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a page has come: `step` is the one begun last (-1: none), which waits until `until`. `open` ends when somebody
    has accepted or the page was closed."""

    round: int
    step: int
    until: datetime | None
    open: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """Begin this step: reach these people on these channels, and sound the desk's alarm where `desk` is set."""

    round: int
    step: int
    people: tuple[str, ...]
    channels: tuple[str, ...]
    desk: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class Over:
    """Somebody has accepted, or the page was closed: nothing more is due."""


def policy_of(practice: Practice) -> Policy:
    """The practice's own steps, then wider and wider, the desk last. A layer of the rota that no step names is reached before
    anybody stands in for it; where the rota has no such layer, its step is passed at once."""
    own = tuple(Step(step.reach, step.channels, step.seconds) for step in practice.steps)
    named = {name for step in own for name in step.reach}
    further = (*(layer for layer in CALLED if layer not in named), "backup", "supervisor")
    wider = tuple(Step((layer,), ("phone", "email"), WIDEN_SECONDS) for layer in further)
    return Policy((*own, *wider, Step((DESK,), (), WIDEN_SECONDS)))


def next_step(
    policy: Policy, progress: Progress, who: Mapping[str, Sequence[str]], now: datetime
) -> Wait | Reach | Over:
    """`who` gives the people of each layer at `now`; other names in a step are people themselves. A step whose every try has
    failed need not be waited for: give its progress an `until` of None."""
    if not progress.open:
        return Over()
    if progress.until is not None and progress.until > now:
        return Wait(progress.until)
    steps = policy.steps or (Step((DESK,), (), WIDEN_SECONDS),)
    begun = progress.round * len(steps) + progress.step + 1
    for count in range(begun, begun + len(steps)):
        round_, index = divmod(count, len(steps))
        people = _people(steps[index], who)
        desk = DESK in steps[index].reach
        if people or desk:
            until = now + timedelta(seconds=steps[index].seconds)
            return Reach(round_, index, people, steps[index].channels, desk, until)
    # Nobody at all could be reached for a whole round: the desk is all there is.
    return Reach(progress.round + 1, 0, (), (), True, now + timedelta(seconds=WIDEN_SECONDS))


def _people(step: Step, who: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    named = (who.get(name, () if name == DESK else (name,)) for name in step.reach)
    return tuple(dict.fromkeys(person for people in named for person in people))
