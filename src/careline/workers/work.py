"""The work process: keeps promises, seals the journal, and watches for calls whose machine has died."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from careline.actions.child import idle
from careline.actions.commands import AdvancePage, Beat, CheckWatch, KeepDeadline, TakeTurn
from careline.actions.keep_deadlines import KINDS as DEADLINES
from careline.actions.keep_watch import TURN
from careline.actions.keeping import DEADLINE_S, Keeper
from careline.actions.lost_calls import mark_lost_calls
from careline.actions.noticing import mailing
from careline.actions.paging import STEP
from careline.actions.perform import perform
from careline.actions.rota.commands import KeepRotaWatch
from careline.actions.rota.mail import rota_mailing
from careline.actions.rota.watch import WATCH
from careline.core.errors import CarelineError
from careline.storage import journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from careline.actions.keeping import Handler, Send
    from careline.ports import Clock, Messenger
    from careline.storage.claims import Claimed

_log = logging.getLogger("careline.work")
THREADS = 12
SEAL_EVERY_S = 0.5
WATCH_EVERY_S = 1.0
CHECK_EVERY_S = 20.0
BEAT_EVERY_S = 5.0


def in_threads(threads: ThreadPoolExecutor, waiting: ThreadPoolExecutor | None = None) -> Send:
    """Commands by threads of this process, each with a connection of its own. A deadline is the database's to keep here.

    Those that only wait for news wait in `waiting`, which nobody need wait for at the end.
    """

    async def send(command: object, deadline_s: float) -> Any:  # noqa: ARG001 - the same shape as a child process's
        return await asyncio.get_running_loop().run_in_executor(
            waiting if waiting and idle(command) else threads, perform, command
        )

    return send


def handlers(send: Send, messenger: Messenger, clock: Clock) -> dict[str, Handler]:
    """What this process keeps: steps, deadlines, mail, and the watch over the rota. Telephone calls are kept by `voice`."""

    async def step(claim: Claimed) -> None:
        await send(AdvancePage(claim, clock.now()), DEADLINE_S)

    async def deadline(claim: Claimed) -> None:
        await send(KeepDeadline(claim, clock.now()), DEADLINE_S)

    async def watch(claim: Claimed) -> None:
        await send(KeepRotaWatch(claim, clock.now()), DEADLINE_S)

    async def turn(claim: Claimed) -> None:
        await send(TakeTurn(claim, clock.now()), DEADLINE_S)

    mails = {**mailing(send, messenger, clock), **rota_mailing(send, messenger, clock)}
    return {STEP: step, WATCH: watch, TURN: turn, **dict.fromkeys(DEADLINES, deadline), **mails}


async def work(messenger: Messenger, clock: Clock, worker: str) -> None:
    """Until cancelled; what is under way is then finished. `worker` names this process in the record of attempts."""
    waiting = ThreadPoolExecutor(1, thread_name_prefix="wait")
    began = clock.now()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="work") as threads:
        send = in_threads(threads, waiting)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(Keeper(send, handlers(send, messenger, clock), worker, clock).run())
            tasks.create_task(_every(SEAL_EVERY_S, threads, lambda: seal_all(clock)))
            tasks.create_task(_every(WATCH_EVERY_S, threads, lambda: mark_lost_calls(clock.now())))
            tasks.create_task(_every(BEAT_EVERY_S, threads, lambda: perform(Beat(worker, clock.now()))))
            tasks.create_task(_every(CHECK_EVERY_S, threads, lambda: perform(CheckWatch(began, clock.now()))))


def seal_all(clock: Clock) -> int:
    """Chain everything that waits; returns how many entries."""
    sealed = 0
    for practice in journal.practices_to_seal():
        while count := journal.seal(practice, clock.now()):
            sealed += count
    return sealed


async def _every(seconds: float, threads: ThreadPoolExecutor, job: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            await loop.run_in_executor(threads, _on_own_connection, job)
        except CarelineError as error:
            _log.warning("%s", error)
        await asyncio.sleep(seconds)


def _on_own_connection(job: Callable[[], object]) -> object:
    from careline.actions.perform import retried

    return retried(job)()
