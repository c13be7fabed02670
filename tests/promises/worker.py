"""A worker process for tests that kill or freeze one: keeps promises of one kind by the real clock, and says what it does.

`hold` keeps a promise in hand until a line arrives on standard input; `keep` keeps it at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from careline.clock import SystemClock
from careline.settings import ensure_key_file, from_environment
from careline.storage.start import start
from careline.vault.keyfile import FileKeyStore

start(os.environ["CARELINE_APP_DATABASE"], FileKeyStore(ensure_key_file(from_environment().key_file)))

from careline.actions.commands import FinishPromises  # noqa: E402
from careline.actions.keeping import Keeper  # noqa: E402
from careline.storage.claims import Claimed, Kept  # noqa: E402
from careline.workers.work import in_threads  # noqa: E402

KIND, LEASE_S = "test.kind", 1.5


async def main(name: str, behaviour: str) -> None:
    clock = SystemClock()
    with ThreadPoolExecutor(4) as threads:
        send = in_threads(threads)

        async def keep(claim: Claimed) -> None:
            print("holding", claim.attempt, claim.repeat, flush=True)
            if behaviour == "hold":
                await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
            (standing,) = await send(FinishPromises(((claim, Kept(name)),), clock.now()), 5.0)
            print("finished", standing, flush=True)

        await Keeper(send, {KIND: keep}, name, clock, lease_s=LEASE_S).run()


asyncio.run(main(*sys.argv[1:]))
