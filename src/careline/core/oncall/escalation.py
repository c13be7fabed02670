"""Whom to reach next, until somebody has accepted: the decision that must never end quietly.

A page walks through its policy's steps. Each step reaches some people and then waits; a step with nobody to reach is passed at
once. After the practice's own steps the page widens (partner on call, supervisor, owner, then the desk itself) and the round
begins again, for as long as nobody has accepted. The desk can always be reached, so no round is empty.

    page ──► step 0 ──wait──► step 1 ──wait──► … partner ──► supervisor ──► owner ──► desk ──► next round, step 0 …
                └───────────────┴── accepted by an authenticated person ──► done
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from careline.core.spans import Span
from careline.core.ways import WAYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.clinical import Disposition
    from careline.core.paging_rules import PagingPolicy
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
class Silence:
    """Quiet hours of one person, for what the page is about. `days` begin the night (0 = Monday)."""

    staff: str
    days: tuple[int, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Policy:
    """What was in force when a page was raised; later edits of the practice's file touch only later pages."""

    steps: tuple[Step, ...]
    quiet: tuple[Silence, ...] = ()
    name: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "steps": [[list(step.reach), list(step.channels), step.seconds] for step in self.steps],
            "quiet": [
                [one.staff, list(one.days), one.span.start.isoformat(), one.span.end.isoformat()] for one in self.quiet
            ],
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Policy:
        return Policy(
            steps=tuple(Step(tuple(reach), tuple(channels), seconds) for reach, channels, seconds in value["steps"]),
            quiet=tuple(
                Silence(staff, tuple(days), Span(time.fromisoformat(start), time.fromisoformat(end)))
                for staff, days, start, end in value.get("quiet", ())
            ),
            name=value.get("name", ""),
        )

    def quiet_now(self, local: datetime, round_: int) -> frozenset[str]:
        """Staff who are not to be woken at this wall-clock time. Once a whole round has passed without anybody, all may be."""
        if round_ > 0:
            return frozenset()
        return frozenset(one.staff for one in self.quiet if one.span.holds(local, one.days))


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


def policy_of(practice: Practice, disposition: Disposition, now: datetime) -> Policy:
    """The practice's steps for this, now: of the policies that fit, the one for the fewest dispositions, then the one that names
    hours, then days, then the first. Then wider and wider, the desk last: layers of the rota that no step names (where there is
    none, its step is passed at once), the partner who backs up, the supervisor, the owner."""
    local = now.astimezone(ZoneInfo(practice.timezone))
    fitting = [policy for policy in practice.paging.policies if _fits(policy, disposition, local)]
    chosen = min(fitting, key=lambda policy: (len(policy.of), policy.hours is None, len(policy.days)))
    own = tuple(Step(step.reach, step.channels, step.seconds) for step in chosen.steps)
    named = {name for step in own for name in step.reach}
    layers = (layer for layer in CALLED if layer not in named)
    further = (*layers, "backup", "supervisor", *([practice.paging.owner] if practice.paging.owner else ()))
    wider = tuple(Step((layer,), WAYS, WIDEN_SECONDS) for layer in further)
    quiet = tuple(Silence(one.staff, one.days, one.hours) for one in practice.paging.quiet if disposition in one.of)
    return Policy((*own, *wider, Step((DESK,), (), WIDEN_SECONDS)), quiet, chosen.id)


def _fits(policy: PagingPolicy, disposition: Disposition, local: datetime) -> bool:
    if disposition not in policy.of:
        return False
    return policy.hours.holds(local, policy.days) if policy.hours else local.weekday() in policy.days


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
