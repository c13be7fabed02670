"""Where a worker lives, and how people there answer their telephones. Light: the judge's process imports no worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from tools.chaos.points import Plan

RIVERA, OKAFOR, LINDGREN = "+12125550111", "+12125550112", "+12125550113"
#: By how long an escalation takes. In both the third person accepts; in the slow town the first lets it ring, and her step
#: ends by the clock.
ANSWERS = {
    "quick": {RIVERA: "failed", OKAFOR: "failed", LINDGREN: "accepted"},
    "slow": {RIVERA: "no_answer", OKAFOR: "failed", LINDGREN: "accepted"},
}


@dataclass(frozen=True, slots=True)
class Town:
    """`world` is the file in which the outside notes what reached it; `answers` are by number."""

    database: str
    world: str
    answers: dict[str, str]


def live(town: Town, name: str, plan: Plan, pipe: Connection) -> None:
    """A worker's whole life, in a process that was forked from one which has imported it."""
    from tools.chaos.worker import run

    run(town, name, plan, pipe)
