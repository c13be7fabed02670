"""The work process: keeps promises, seals the journal, watches for calls whose machine has died."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from typing import TYPE_CHECKING

from careline.bootstrap import notify
from careline.bootstrap.installation import connect
from careline.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from careline.settings import Settings


def run(settings: Settings, ready: Callable[[], None]) -> None:
    """Until told to stop. What is under way then is taken over by another worker, or by this one when it is back."""
    connect(settings)
    asyncio.run(_work(settings, ready))
    logging.shutdown()
    os._exit(0)  # past the thread that still waits for news


async def _work(settings: Settings, ready: Callable[[], None]) -> None:
    from careline.workers.work import work

    loop = asyncio.get_running_loop()
    worker = f"{settings.node}:work:{os.getpid()}"
    working = asyncio.create_task(work(notify.post(notify.means(settings)), SystemClock(), worker))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, working.cancel)
    ready()
    with contextlib.suppress(asyncio.CancelledError):
        await working
