"""What must be true after a run, whatever happened in it: read from the rows and from what reached the outside world."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

#: A promise that waits further ahead than this is a deadline of a person's, not a step of the escalation.
SOON = "interval '3 minutes'"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A promise as it stood when something was broken: due at `wake_at`, or at once when a worker had it in hand."""

    promise: Any
    due_at: datetime


@dataclass(slots=True)
class Verdict:
    """`lost` and `twice` name what is wrong; both empty is well. `repeats` were marked. `resumed_s` is how long after the break
    (or its due time, if that came later) the last thing that was waiting was taken up again."""

    lost: list[str] = field(default_factory=list[str])
    twice: list[str] = field(default_factory=list[str])
    repeats: int = 0
    resumed_s: float = 0.0


def over(rows: psycopg.Connection[Any]) -> bool:
    """Accepted, and nothing left to do soon."""
    found = rows.execute(
        "SELECT EXISTS (SELECT 1 FROM page WHERE state = 'accepted') AND NOT EXISTS "
        f"(SELECT 1 FROM promise WHERE state = 'waiting' AND due_at < now() + {SOON})"
    ).fetchone()
    return found == (True,)


def waiting(database: str, since: datetime) -> list[Waiting]:
    with psycopg.connect(database) as rows:
        found = rows.execute(
            "SELECT p.id, p.wake_at, EXISTS (SELECT 1 FROM promise_attempt a WHERE a.promise_id = p.id AND a.outcome = '') "
            f"FROM promise p WHERE p.state = 'waiting' AND p.due_at < now() + {SOON}"
        ).fetchall()
    return [Waiting(id_, since if in_hand else max(since, wake_at)) for id_, wake_at, in_hand in found]


def steps(database: str) -> set[str]:
    """Everything an escalation did, by name: what one run did, every run must do. A mail may be under way or called off when
    somebody accepts by telephone, so its end is not part of it."""
    with psycopg.connect(database) as rows:
        notices = rows.execute(
            "SELECT round, step, person_id, channel, CASE channel WHEN 'phone' THEN outcome END FROM page_notice"
        ).fetchall()
        alarms = rows.execute("SELECT kind FROM alarm").fetchall()
        entries = rows.execute(
            "SELECT action, detail FROM journal_entry WHERE action IN ('page.raised', 'page.step', 'page.accepted')"
        ).fetchall()
        made = rows.execute(f"SELECT kind FROM promise WHERE due_at < now() + {SOON}").fetchall()
    return {
        *(f"notice {'/'.join(map(str, one))}" for one in notices),
        *(f"alarm {kind}" for (kind,) in alarms),
        *(f"{action} {json.dumps(detail, sort_keys=True)}" for action, detail in entries),
        *(f"{number} × promise {kind}" for (kind,), number in Counter(made).items()),
    }


def judge(database: str, world: Path, expected: set[str], broken: Sequence[tuple[datetime, list[Waiting]]]) -> Verdict:
    verdict = Verdict(lost=sorted(f"not done: {one}" for one in expected - steps(database)))
    verdict.twice = sorted(f"not expected: {one}" for one in steps(database) - expected)
    with psycopg.connect(database) as rows:
        tries = rows.execute(
            "SELECT p.key, p.kind, a.n, a.outcome, a.repeat, a.started_at, p.id FROM promise_attempt a "
            "JOIN promise p ON p.id = a.promise_id ORDER BY p.id, a.n"
        ).fetchall()
        begun = rows.execute(
            "SELECT action, row, detail, count(*) FROM journal_entry WHERE action IN "
            "('page.raised', 'page.step', 'page.accepted') GROUP BY 1, 2, 3 HAVING count(*) > 1"
        ).fetchall()
    verdict.twice += [f"begun twice: {action} {detail}" for action, _, detail, _ in begun]
    verdict.repeats = sum(repeat for *_, repeat, _, _ in tries)
    _unmarked(verdict, tries, world)
    _resumed(verdict, tries, broken)
    return verdict


def _unmarked(verdict: Verdict, tries: Sequence[Any], world: Path) -> None:
    """A try after one of which nobody knows what it did must say so; and nothing reaches the world without a try of its own."""
    unknown: set[Any] = set()
    made: Counter[str] = Counter()
    for key, kind, n, outcome, repeat, _, promise in tries:
        if promise in unknown and not repeat:
            verdict.twice.append(f"not marked as a repeat: {kind} {key} try {n}")
        if outcome in ("", "error") or outcome.startswith("overtaken:"):
            unknown.add(promise)
        made[_heard_as(kind, key)] += 1
    lines = world.read_text().splitlines() if world.exists() else []
    heard = Counter(key for _, key in map(json.loads, lines))
    verdict.twice += [
        f"{number} × in the world, {made[key]} tries: {key}" for key, number in heard.items() if number > made[key]
    ]
    for key, kind, _, outcome, *_ in tries:
        if (
            kind.startswith("page.")
            and outcome in ("delivered", "no_answer", "failed", "accepted")
            and not heard[_heard_as(kind, key)]
        ):
            verdict.lost.append(f"said to be done, and never was: {kind} {key}")


def _heard_as(kind: str, key: str) -> str:
    return key if kind == "page.phone" else f"{kind}:{key}"


def _resumed(verdict: Verdict, tries: Sequence[Any], broken: Sequence[tuple[datetime, list[Waiting]]]) -> None:
    for at, things in broken:
        for thing in things:
            later = [started for *_, started, promise in tries if promise == thing.promise and started > at]
            if later:
                verdict.resumed_s = max(verdict.resumed_s, (min(later) - thing.due_at).total_seconds())
