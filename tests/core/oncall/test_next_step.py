"""Escalation never ends quietly: whatever the policy and whoever is missing, there is always a next step, and it has somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from careline.core.clinical import Disposition
from careline.core.oncall.escalation import DESK, Over, Policy, Progress, Reach, Step, Wait, next_step, policy_of
from careline.core.practice import parse_practice

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
DEMO = Path(__file__).parents[3] / "practices" / "demo" / "practice.toml"
FIRST = Progress(round=0, step=-1, until=None)
WHO: dict[str, tuple[str, ...]] = {
    "on_call": ("rivera",),
    "second_call": (),
    "third_call": (),
    "backup": ("okafor",),
    "supervisor": ("lindgren",),
}


def demo_policy() -> Policy:
    return policy_of(parse_practice(DEMO.read_text(), "practice.toml"), Disposition.CLINICIAN_NOW, NOW)


def walk(policy: Policy, who: dict[str, tuple[str, ...]], steps: int) -> list[Reach]:
    """Nobody ever accepts: what is done, step after step, each when the one before has run out of time?"""
    progress, now, taken = FIRST, NOW, list[Reach]()
    for _ in range(steps):
        decided = next_step(policy, progress, who, now)
        assert isinstance(decided, Reach)
        taken.append(decided)
        progress, now = Progress(decided.round, decided.step, decided.until), decided.until
    return taken


def test_the_demo_practice_widens_to_the_desk_and_begins_again() -> None:
    taken = walk(demo_policy(), WHO, 6)
    assert [step.people for step in taken] == [
        ("rivera",), ("rivera", "okafor"), ("okafor",), ("lindgren",), (), ("rivera",),
    ]  # fmt: skip
    assert [step.desk for step in taken] == [False, False, False, False, True, False]
    assert [step.round for step in taken] == [0, 0, 0, 0, 0, 1]


def test_a_step_waits_its_seconds() -> None:
    reach = next_step(demo_policy(), FIRST, WHO, NOW)
    assert isinstance(reach, Reach)
    assert reach.until == NOW + timedelta(seconds=120)
    progress = Progress(reach.round, reach.step, reach.until)
    assert next_step(demo_policy(), progress, WHO, reach.until - timedelta(seconds=1)) == Wait(reach.until)


def test_a_step_with_nobody_is_passed_at_once() -> None:
    reach = next_step(demo_policy(), FIRST, {**WHO, "on_call": ()}, NOW)
    assert isinstance(reach, Reach)
    assert (reach.step, reach.people) == (1, ("okafor",))


def test_acceptance_ends_it() -> None:
    assert next_step(demo_policy(), Progress(0, 1, NOW, open=False), WHO, NOW) == Over()


def test_a_policy_keeps_its_meaning_in_the_record() -> None:
    assert Policy.from_json(demo_policy().as_json()) == demo_policy()


names = st.sampled_from(["on_call", "backup", "supervisor", "rivera", DESK])
steps = st.builds(
    Step, st.lists(names, max_size=3).map(tuple), st.just(("phone",)), st.integers(min_value=15, max_value=3600)
)


@given(
    policy=st.builds(Policy, st.lists(steps, max_size=5).map(tuple)),
    who=st.dictionaries(
        names.filter(lambda name: name not in (DESK, "rivera")), st.lists(st.text(min_size=1)).map(tuple)
    ),
)
def test_no_policy_and_no_calendar_makes_it_stop_or_reach_nobody(
    policy: Policy, who: dict[str, tuple[str, ...]]
) -> None:
    for step in walk(policy, {"on_call": (), "backup": (), "supervisor": (), **who}, 40):
        assert step.people or step.desk
