"""Tells speech from other sounds: Silero's network in a child process, asked only about what might be speech.

A quiet line asks nothing; a loud moment costs one question of a few hundred milliseconds, whole and repeatable, so there is no
state to lose with the child. What has been measured stands in docs/performance.md.
"""

from __future__ import annotations

import os
from typing import cast

from careline.children import Child, Pool, without_secrets
from careline.core.hearing import Verdict

_DEADLINE_S = 0.25
#: The most of the line's sound that is looked at: what came before it tells nothing about now.
MOST_HEARD, MOST_OWN = 8000, 24_000  # bytes: 0.5 s and 1.5 s


class SileroJudge:
    """`ports.Judge`. `start` before use, `stop` at the end."""

    def __init__(self, processes: int = 1) -> None:
        environment = without_secrets(os.environ) | {"OMP_NUM_THREADS": "1"}
        self._pool = Pool(
            [
                Child("careline.speech.silero.child", name=f"judge {n}", environment=environment, hang_s=1.0)
                for n in range(processes)
            ]
        )

    @property
    def pool(self) -> Pool:
        return self._pool

    async def start(self) -> None:
        await self._pool.start()

    async def stop(self) -> None:
        await self._pool.stop()

    async def judge(self, heard: bytes, own: bytes) -> Verdict:
        """Raises `TryAgain` when no answer comes in time to be of use."""
        return cast(Verdict, await self._pool.call((heard[-MOST_HEARD:], own[-MOST_OWN:]), _DEADLINE_S))
