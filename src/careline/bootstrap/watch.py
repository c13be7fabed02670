"""Sets up the dead-man's switch (`core.watch`): its two practices, which no patient rings and no practice's staff can open."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from careline.core import watch
from careline.core.practice import parse_practice

if TYPE_CHECKING:
    from datetime import datetime

    from careline.settings import OperatorReached

_FILE = """id = "{id}"
name = "{name}"
timezone = "UTC"
state = "NY"
address = "none"
languages = ["en"]
packs = ["primary"]
model = "administrative"
recording = "off"

[[lines]]
number = "{line}"
mode = "full_time"

[greeting]
en = "This line takes no calls."

[[staff]]
id = "watch"
name = "{who}"
role = "manager"
email = "{email}"
phone = "{phone}"
pin = "{pin}"
languages = ["en"]

[[shifts]]
staff = "watch"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
hours = "00:00-00:00"

[escalation]
backup = "watch"
supervisor = "watch"

[[escalation.steps]]
reach = ["watch"]
channels = [{channels}]
seconds = {seconds}
"""


def set_up(operator: OperatorReached | None, now: datetime) -> None:
    """Harmless to repeat. Without CARELINE_OPERATOR_… nobody is paged; `GET /health/ready` says so."""
    from careline.actions.keep_watch import begin

    tests = {"who": "Test clinician", "email": "watch@careline.invalid", "phone": watch.NUMBER, "pin": "00000000"}
    _load(
        now, id=watch.TESTS, line=watch.LINES[0], name="Careline test contacts", channels='"phone"', seconds=60, **tests
    )
    if operator is not None:
        who = {"who": "Operator of this installation", **asdict(operator)}
        _load(
            now,
            id=watch.OPERATOR,
            line=watch.LINES[1],
            name="Careline",
            channels='"phone", "email"',
            seconds=300,
            **who,
        )
    begin(now)


def _load(now: datetime, **values: object) -> None:
    from careline.actions.load_practice import load_practice
    from careline.storage.transactions import Actor

    text = _FILE.format(**values)
    load_practice(parse_practice(text, f"{values['id']}.toml"), text, Actor.service("load practice"), now)
