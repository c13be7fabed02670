"""The way from the voice process to the database: a child that runs actions (`careline.bootstrap.actions_child`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careline.calls.record import WRITE_SECONDS

if TYPE_CHECKING:
    from careline.children import Pool


class ActionsChild:
    """`record.Actions` over child processes. Commands carry keys, so one that a dying child may have done is sent again."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def perform(self, command: object, timeout_s: float = WRITE_SECONDS) -> Any:
        return await self._pool.call(command, timeout_s)
