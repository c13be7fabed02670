"""The voice process's part of the dead-man's switch: it answers the test contacts' pages, and looks whether they succeed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from careline.actions.commands import CheckWatch
from careline.core.errors import CarelineError
from careline.core.watch import NUMBER
from careline.ports import Attempt, Outcome

if TYPE_CHECKING:
    from careline.actions.keeping import Send
    from careline.core.oncall.paged import Paged
    from careline.ports import Clock, Dialler, PageScript

_log = logging.getLogger("careline.calls")
_CHECK_SECONDS, _DEADLINE_S = 20.0, 10.0


class SelfAnswering:
    """A `Dialler` that accepts test pages itself, with no network in between, and leaves every other call to the one it wraps."""

    def __init__(self, dialler: Dialler) -> None:
        self._dialler = dialler

    async def ring(self, number: str, script: PageScript, deadline_s: float, key: str) -> Attempt:
        if number == NUMBER:
            return Attempt(Outcome.ACCEPTED, "test contact")
        return await self._dialler.ring(number, script, deadline_s, key)

    async def settled(self, key: str, paged: Paged | None) -> None:
        """Nobody waits to be told of a test page."""
        await self._dialler.settled(key, paged)


async def keep_checking(send: Send, clock: Clock) -> None:
    """Until cancelled: `work` looks too, and whichever of the two is alive pages the operator."""
    began = clock.now()
    while True:
        await asyncio.sleep(_CHECK_SECONDS)
        try:
            await send(CheckWatch(began, clock.now()), _DEADLINE_S)
        except CarelineError as error:
            _log.warning("test contacts cannot be looked at: %s", error)
