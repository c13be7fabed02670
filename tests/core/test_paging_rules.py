"""How a practice wants to be paged: what the file may say, what is refused, and which steps are in force when."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from careline.core.clinical import Disposition
from careline.core.errors import DataFileError
from careline.core.oncall.escalation import Policy, policy_of
from careline.core.practice import Practice, parse_practice
from careline.core.ways import WAYS

DEMO = (Path(__file__).parents[2] / "practices" / "demo" / "practice.toml").read_text()
MORE = """
[[escalation.policies]]
id = "night"
hours = "21:00-07:00"

[[escalation.policies]]
id = "emergency"
for = ["emergency"]

[[escalation.policies]]
id = "weekend-labour"
for = ["ed_now"]
days = ["sat", "sun"]

[[escalation.steps]]
policy = "night"
reach = ["on_call"]
channels = ["phone"]
seconds = 60

[[escalation.steps]]
policy = "emergency"
reach = ["on_call", "backup"]
channels = ["phone", "sms", "push"]
seconds = 30

[[escalation.steps]]
policy = "weekend-labour"
reach = ["brooks"]
channels = ["phone"]
seconds = 45

[[quiet]]
staff = "okafor"
for = ["within_4h"]
hours = "22:00-07:00"
"""
#: New York is five hours behind: Wednesday noon, Wednesday 22:00, Saturday noon.
NOON, NIGHT, SATURDAY = (datetime(2026, 1, day, hour, tzinfo=UTC) for day, hour in ((14, 17), (15, 3), (17, 17)))


def practice(more: str = MORE) -> Practice:
    return parse_practice(
        DEMO.replace('supervisor = "lindgren"', 'supervisor = "lindgren"\nowner = "brooks"') + more, "p.toml"
    )


@pytest.mark.parametrize(
    ("disposition", "at", "name"),
    [
        (Disposition.WITHIN_4H, NOON, ""),
        (Disposition.WITHIN_4H, NIGHT, "night"),
        (Disposition.CALL_911, NOON, "emergency"),
        (Disposition.CALL_911, NIGHT, "emergency"),
        (Disposition.ED_NOW, NOON, "emergency"),
        (Disposition.ED_NOW, SATURDAY, "weekend-labour"),
    ],
)
def test_the_most_specific_policy_is_in_force(disposition: Disposition, at: datetime, name: str) -> None:
    assert policy_of(practice(), disposition, at).name == name


def test_every_policy_widens_to_partner_supervisor_owner_and_desk() -> None:
    for disposition in (Disposition.CALL_911, Disposition.WITHIN_24H):
        steps = policy_of(practice(), disposition, NIGHT).steps
        assert [step.reach for step in steps[-4:]] == [("backup",), ("supervisor",), ("brooks",), ("desk",)]
        assert all(step.channels == WAYS for step in steps[-4:-1])


def test_a_policy_frozen_into_a_page_comes_back_as_it_was() -> None:
    policy = policy_of(practice(), Disposition.WITHIN_4H, NIGHT)
    assert Policy.from_json(policy.as_json()) == policy
    assert [one.staff for one in policy.quiet] == ["okafor"]


def test_quiet_hours_are_for_their_urgency_and_end_after_a_round_without_anybody() -> None:
    local = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)  # as the practice's wall clock shows it
    calm, grave = (policy_of(practice(), one, NIGHT) for one in (Disposition.WITHIN_4H, Disposition.CLINICIAN_NOW))
    assert calm.quiet_now(local, 0) == {"okafor"}
    assert calm.quiet_now(local.replace(hour=7), 0) == frozenset()
    assert calm.quiet_now(local, 1) == frozenset()
    assert grave.quiet_now(local, 0) == frozenset()


@pytest.mark.parametrize(
    ("more", "wrong", "mend"),
    [
        ('[[escalation.policies]]\nid = "x"', "the policy 'x' has no step", "escalation.steps"),
        ('[[escalation.policies]]\nid = "x"\nfor = ["soon"]', "has no step", "escalation.steps"),
        (MORE.replace('["emergency"]', '["routine"]'), "'routine' is not paged for", "one of"),
        (MORE.replace('["emergency"]', '["soon"]'), "'soon' is not known", "call_911"),
        (MORE.replace('policy = "night"', 'policy = "nacht"'), "", ""),
        (MORE.replace('["within_4h"]', '["emergency"]'), "an emergency wakes everybody", "leave out"),
        (MORE.replace('staff = "okafor"', 'staff = "nobody"'), "nobody here is called 'nobody'", "okafor"),
        (MORE.replace('hours = "22:00-07:00"', 'hours = "22-7"'), "is not a span of time", "08:00-17:00"),
        (MORE.replace('"push"', '"pigeon"'), "no channel is called 'pigeon'", "phone, sms, push, pager, email"),
        (MORE.replace('reach = ["brooks"]', "reach = []"), "reach must be a list", ""),
        (MORE.replace("weekend-labour", "night"), "", ""),
        (MORE.replace("seconds = 30", "seconds = 5"), "from 15 to 3600", ""),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_mend(more: str, wrong: str, mend: str) -> None:
    with pytest.raises(DataFileError) as refused:
        practice(more)
    assert wrong in str(refused.value)
    assert mend in str(refused.value)
    assert refused.value.line > 1


def test_steps_for_everything_else_must_be_there() -> None:
    with pytest.raises(DataFileError, match="every step belongs to a policy"):
        parse_practice(DEMO.replace("[[escalation.steps]]", '[[escalation.steps]]\npolicy = "night"') + MORE, "p.toml")
