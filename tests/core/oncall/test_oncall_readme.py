"""The worked example in the folder's README is true."""

from __future__ import annotations

import re
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from oncall_rotas import ny

from careline.core.clinical import Level
from careline.core.oncall.cover import who
from careline.core.oncall.gaps import gaps
from careline.core.oncall.overrides import explain
from careline.core.oncall.read import parse_calendar
from careline.core.oncall.rules import Need
from careline.core.practice import parse_practice

README = (files("careline.core.oncall") / "README.md").read_text()
PRACTICE = parse_practice((Path(__file__).parents[3] / "practices/demo/practice.toml").read_text(), "practice.toml")
ROTA = parse_calendar(README.split("```toml\n")[1].split("```")[0], "README.md", PRACTICE)


def test_the_table_of_the_worked_example_is_what_the_rota_says() -> None:
    rows = re.findall(r"^\| (2026-\S+ \S+) \| (\w+) \| (.+) \| (.+) \|$", README, re.MULTILINE)
    assert len(rows) == 7
    for at, need, people, why in rows:
        instant = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("America/New_York"))
        found = who(ROTA, instant, Need(Level.URGENT, "" if need == "anything" else need))
        assert ", ".join(one.person for one in found) == people
        assert explain(ROTA, found[0]) == why


def test_its_gaps_are_the_ones_it_tells_of() -> None:
    found = gaps(ROTA, ny(2026, 1, 2, 17), ny(2026, 2, 1))
    assert [(gap.start, gap.end) for gap in found] == [(ny(2026, 1, 14, 17), ny(2026, 1, 14, 18))]
    assert gaps(ROTA, ny(2026, 1, 1), ny(2026, 1, 1, 8))
