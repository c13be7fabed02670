"""Keeps promises: claims what is due, hands each to its handler, and reports. No Django: the voice process runs one too.

    due ──claim (lease, fence)──► handler ──► Kept | Again | GiveUpLoudly ──► finish, while the fence is ours
     ▲                               │             (or nothing, when the handler's own action finished it)
     └── lease ends: another takes it┘ the lease is renewed while the handler works

The database is reached by commands, through `send`: in `work` a thread runs `perform`, in `voice` a child process does. However
many keepers run, each promise is in one's hands at a time; a keeper that dies or freezes loses it when the lease ends.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from careline.actions.commands import AwaitPromises, ClaimPromises, FinishPromises, RenewPromises
from careline.core.errors import CarelineError
from careline.storage.claims import Again

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from uuid import UUID

    from careline.ports import Clock
    from careline.storage.claims import Claimed, Result

    Send = Callable[[object, float], Awaitable[Any]]
    Handler = Callable[[Claimed], Awaitable[Result | None]]

_log = logging.getLogger("careline.keeping")
LEASE_S = 8.0
AT_ONCE = 64
NAP_S = 2.0
DEADLINE_S = 10.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0


@dataclass(slots=True)
class Keeper:
    """`send(command, deadline_s)` reaches the database; `handlers` are by promise kind. A handler returns what became of the
    promise, or None when its own action has finished it. It works at most `at_once` promises at a time."""

    send: Send
    handlers: Mapping[str, Handler]
    worker: str
    clock: Clock
    at_once: int = AT_ONCE
    lease_s: float = LEASE_S
    held: dict[UUID, Claimed] = field(default_factory=dict[Any, Any])
    _reports: dict[tuple[UUID, int], tuple[Claimed, Result]] = field(default_factory=dict[Any, Any])
    _reporting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Until cancelled. The database going away is waited out."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._renew())
            room = asyncio.Semaphore(self.at_once)
            while True:
                await room.acquire()
                room.release()
                for claim in await self._next(self.at_once - len(self.held)):
                    await room.acquire()
                    tasks.create_task(self._keep(claim)).add_done_callback(lambda _: room.release())

    async def keep_due(self) -> int:
        """Everything due by the clock, and what falls due by keeping it; returns how many were kept. For tests and drains."""
        kept = 0
        while claims := await self._claim(self.at_once):
            await asyncio.gather(*(self._keep(claim) for claim in claims))
            kept += len(claims)
        return kept

    async def _next(self, most: int) -> tuple[Claimed, ...]:
        """Claims; or a nap until something may be due, when there is nothing to claim."""
        try:
            claims = await self._claim(most)
            if not claims:
                await self.send(AwaitPromises(self._kinds, self.clock.now(), NAP_S), NAP_S + DEADLINE_S)
        except CarelineError as error:
            _log.warning("%s cannot reach its promises: %s", self.worker, error)
            await asyncio.sleep(_FIRST_PAUSE_S)
            return ()
        return claims

    @property
    def _kinds(self) -> tuple[str, ...]:
        return tuple(self.handlers)

    async def _claim(self, most: int) -> tuple[Claimed, ...]:
        command = ClaimPromises(self._kinds, self.worker, self.clock.now(), self.lease_s, most)
        claims: tuple[Claimed, ...] = await self.send(command, DEADLINE_S)
        self.held.update({claim.promise: claim for claim in claims})
        return claims

    async def _keep(self, claim: Claimed) -> None:
        try:
            result = await self._handle(claim)
            if result is not None:
                await self._report(claim, result)
        except CarelineError as error:  # the lease ends, and whoever claims it next sees a try that never reported
            _log.warning("%s cannot report on %s: %s", self.worker, claim.kind, error)
        finally:
            if self.held.get(claim.promise) is claim:
                del self.held[claim.promise]

    async def _handle(self, claim: Claimed) -> Result | None:
        try:
            return await self.handlers[claim.kind](claim)
        except Exception as error:  # noqa: BLE001 - the root of one promise: tried again, and louder each time
            why = type(error).__name__
            _log.error("%s: %s while keeping %s (attempt %d)", self.worker, why, claim.kind, claim.attempt)
            pause = min(_FIRST_PAUSE_S * 2 ** min(claim.attempt, 10), _LONGEST_PAUSE_S)
            return Again(self.clock.now() + timedelta(seconds=pause), why, "error")

    async def _report(self, claim: Claimed, result: Result) -> None:
        """What is reported while another batch is on its way leaves together, in the next. A batch that does not arrive is never
        sent as something else: what it told of may have happened."""
        mine = (claim.promise, claim.fence)
        self._reports[mine] = (claim, result)
        async with self._reporting:
            await asyncio.sleep(0)  # whoever has finished in the same turn of the loop comes along
            if mine not in self._reports:
                return
            batch, self._reports = tuple(self._reports.values()), {}
            await self.send(FinishPromises(batch, self.clock.now()), DEADLINE_S)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self.lease_s / 3)
            if not self.held:
                continue
            try:
                await self.send(RenewPromises(tuple(self.held.values()), self.clock.now(), self.lease_s), DEADLINE_S)
            except CarelineError as error:
                _log.warning("%s cannot renew its leases: %s", self.worker, error)
