"""Procrastinate as its documentation says to use it, beside Careline's promises: for `bench promises` only."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

_DEFER = 1000
_APART = "UPDATE procrastinate_jobs SET scheduled_at = (args->>'due')::timestamptz WHERE status = 'todo'"
_DOING = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"


@dataclass(slots=True)
class Kept:
    """How late each job was begun, in seconds, and how long the whole took."""

    late: list[float] = field(default_factory=list[float])
    seconds: float = 0.0


class Procrastinate:
    """One worker, in a database of its own on the same server. It asks for scheduled jobs every `POLL_S` seconds."""

    POLL_S = 0.5

    def __init__(self, admin: str, at_once: int) -> None:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("CREATE DATABASE rival")
        self._url, self._at_once = make_conninfo(admin, dbname="rival"), at_once
        asyncio.run(self._prepare())

    def keep(self, count: int, first: datetime, apart: timedelta) -> Kept:
        """Defer so many jobs, then work until all are done. Deferring is not part of the time."""
        return asyncio.run(self._keep(count, first, apart))

    def _app(self) -> Any:
        from procrastinate import App, PsycopgConnector

        return App(connector=PsycopgConnector(conninfo=self._url, min_size=4, max_size=16))

    async def _prepare(self) -> None:
        app = self._app()
        async with app.open_async():
            await app.schema_manager.apply_schema_async()

    async def _keep(self, count: int, first: datetime, apart: timedelta) -> Kept:
        app, kept, done = self._app(), Kept(), asyncio.Event()

        @app.task(name="nothing")
        async def nothing(due: str) -> None:
            kept.late.append((datetime.now(UTC) - datetime.fromisoformat(due)).total_seconds())
            if len(kept.late) == count:
                done.set()

        async with app.open_async():
            for start in range(0, count, _DEFER):
                jobs = [first + n * apart for n in range(start, min(start + _DEFER, count))]
                later = nothing.configure(schedule_at=first if apart else None)
                await later.batch_defer_async(*({"due": due.isoformat()} for due in jobs))
            if apart:  # a batch has one time: give each job its own
                await app.connector.execute_query_async(_APART)
            began = time.perf_counter()
            worker = asyncio.create_task(
                app.run_worker_async(
                    concurrency=self._at_once, fetch_job_polling_interval=self.POLL_S, install_signal_handlers=False
                )
            )
            await done.wait()
            await self._all_recorded(app)
            kept.seconds = time.perf_counter() - began
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        return kept

    async def _all_recorded(self, app: Any) -> None:
        """Until no job is "doing": both sides count a job as done when the database says so."""
        while (await app.connector.execute_query_one_async(_DOING))["count"]:  # noqa: ASYNC110 - rows, not an event
            await asyncio.sleep(0.005)
