"""Promises: how late they are kept, how many a worker keeps, and what waking up costs when a million are outstanding.

python -m bench promises [--quick]

Side by side with procrastinate in the same run: the same PostgreSQL, one worker process each, as many jobs at once, a job that
does nothing. It is not among Careline's own requirements: `pip install -r requirements/bench.txt` brings it.
"""

from __future__ import annotations

import asyncio
import importlib.util
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
from bench._database import BenchDatabase, a_database
from bench._procrastinate import Procrastinate

if TYPE_CHECKING:
    from collections.abc import Sequence

AT_ONCE = 64
KIND = "bench.nothing"
OUTSTANDING = (0, 10_000, 100_000, 1_000_000)
BULK = """
    INSERT INTO careline.promise
        (id, practice_id, kind, key, payload, state, due_at, wake_at, fence, attempts, made_at)
    SELECT gen_random_uuid(), %(practice)s, %(kind)s, %(prefix)s || n, '{}', 'waiting', at, at, 0, 0, %(now)s
    FROM (SELECT n, %(first)s::timestamptz + n * %(apart)s::interval AS at FROM generate_series(0, %(count)s - 1) AS n) AS due
"""


@dataclass(slots=True)
class Kept:
    """How late each job was begun, in seconds, and how long the whole took."""

    late: list[float] = field(default_factory=list[float])
    seconds: float = 0.0


def main(arguments: list[str]) -> None:
    quick = "--quick" in arguments
    burst, timed, within = (2_000, 1_000, 10.0) if quick else (5_000, 10_000, 60.0)
    outstanding = OUTSTANDING[:3] if quick else OUTSTANDING
    with a_database() as database, psycopg.connect(database.admin, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        rival = Procrastinate(database.admin, AT_ONCE) if importlib.util.find_spec("procrastinate") else None
        if rival is None:
            print(
                "procrastinate is MISSING, so there is nothing to compare with: pip install -r requirements/bench.txt"
            )
        _throughput(database, admin, rival, burst)
        _wake_ups(database, admin, outstanding)
        _lateness(database, admin, rival, timed, within)


def _throughput(database: BenchDatabase, admin: psycopg.Connection, rival: Procrastinate | None, count: int) -> None:
    """Everything is due already; one worker process keeps it all. The better of two runs each, in turns."""
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(2):
        _outstanding(database, admin, count, datetime.now(UTC), timedelta(0), f"burst {turn}:")
        ours.append(count / asyncio.run(_keep(count)).seconds)
        if rival is not None:
            theirs.append(count / rival.keep(count, datetime.now(UTC), timedelta(0)).seconds)
    line = f"throughput, one worker, {AT_ONCE} at once, {count} due: {max(ours):.0f} promises/s"
    if theirs:
        line += f"; procrastinate {max(theirs):.0f} jobs/s; ratio {max(ours) / max(theirs):.1f}"
    print(line, flush=True)


def _wake_ups(database: BenchDatabase, admin: psycopg.Connection, outstanding: Sequence[int]) -> None:
    """What a keeper asks when it wakes: claim (one is due) and when the next is due, with ever more waiting for tomorrow."""
    from careline.storage import promises

    first, there = None, 0
    for count in outstanding:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        _outstanding(database, admin, count - there, tomorrow, timedelta(milliseconds=80), f"tomorrow {count}:")
        there = count
        admin.execute("VACUUM ANALYZE careline.promise")
        admin.execute("CHECKPOINT")  # what writing them left to do is not part of waking up
        times: list[float] = []
        for n in range(200):
            _outstanding(database, admin, 1, datetime.now(UTC), timedelta(0), f"one {count} {n}:")
            began = time.perf_counter()
            now = datetime.now(UTC)
            (claim,) = promises.claim([KIND], "bench", now, timedelta(seconds=10), AT_ONCE)
            promises.next_due([KIND])
            times.append(time.perf_counter() - began)
            promises.report([(claim, _done())], now)
        quarter = statistics.quantiles(times, n=4)[0]  # the machine's other work lengthens the slower ones
        first = first or quarter
        ratio = f"lower quartile {1000 * quarter:.1f} ms, {quarter / first:.2f} × that with none"
        pages = _pages(admin)
        print(f"wake-up with {count:>9,} outstanding: {_spread(times)}; {ratio}; {pages} pages touched", flush=True)


def _pages(admin: psycopg.Connection) -> int:
    """Database pages that looking for due promises and for the next due time touches: free of the machine's other work."""
    look = f"SELECT wake_at FROM careline.promise WHERE state = 'waiting' AND kind = '{KIND}'"
    statements = (
        f"{look} AND wake_at <= now() ORDER BY wake_at LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED",
        f"{look} ORDER BY wake_at LIMIT 1",
    )
    touched = 0
    for statement in statements:
        row = admin.execute(psycopg.sql.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement)).fetchone()
        assert row is not None
        plan = row[0][0]["Plan"]
        touched += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return touched


def _lateness(
    database: BenchDatabase, admin: psycopg.Connection, rival: Procrastinate | None, count: int, within: float
) -> None:
    """So many fall due evenly within so many seconds, beside whatever is outstanding."""
    apart = timedelta(seconds=within / count)
    first = datetime.now(UTC) + timedelta(seconds=2)
    _outstanding(database, admin, count, first, apart, "timed:")
    late = asyncio.run(_keep(count)).late
    print(f"lateness, {count:,} falling due within {within:.0f} s: {_spread(late)}", flush=True)
    if rival is not None:
        late = rival.keep(count, datetime.now(UTC) + timedelta(seconds=8), apart).late
        print(f"    procrastinate, asking every {rival.POLL_S} s: {_spread(late)}", flush=True)


def _outstanding(
    database: BenchDatabase, admin: psycopg.Connection, count: int, first: datetime, apart: timedelta, prefix: str
) -> None:
    """Many at once, past triggers and foreign keys."""
    values = {"practice": database.practice, "kind": KIND, "prefix": prefix, "now": datetime.now(UTC)}
    admin.execute(BULK, {**values, "first": first, "apart": apart, "count": count})


async def _keep(count: int) -> Kept:
    from careline.actions.keeping import Keeper
    from careline.clock import SystemClock
    from careline.storage.claims import Claimed
    from careline.storage.claims import Kept as Done
    from careline.workers.work import in_threads

    done, kept = asyncio.Event(), Kept()

    async def nothing(claim: Claimed) -> Done:
        kept.late.append((datetime.now(UTC) - claim.due_at).total_seconds())
        if len(kept.late) == count:
            done.set()
        return Done()

    with ThreadPoolExecutor(4, initializer=None) as threads:
        keeper = Keeper(in_threads(threads), {KIND: nothing}, "bench", SystemClock(), at_once=AT_ONCE)
        began = time.perf_counter()
        running = asyncio.create_task(keeper.run())
        await done.wait()
        while keeper.held:  # noqa: ASYNC110 - the last batch is on its way
            await asyncio.sleep(0.005)
        kept.seconds = time.perf_counter() - began
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return kept


def _done() -> object:
    from careline.storage.claims import Kept as Done

    return Done()


def _spread(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"p50 {1000 * ordered[len(ordered) // 2]:.1f} ms, p99 {1000 * p99:.1f} ms, max {1000 * ordered[-1]:.1f} ms"


if __name__ == "__main__":
    main(sys.argv[1:])
