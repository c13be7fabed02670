"""Points: places in a worker's work where it may be killed, frozen or cut off. They are found by running it, never listed."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens at which point. `how`: record (tell of every point), kill (die there by SIGKILL), hold (tell, and wait to be
    told to go on), dice (die at any point, once in `one_in`, by a die of `seed`)."""

    how: str
    at: str = ""
    one_in: int = 0
    seed: int = 0


class Here:
    """Where this process is. What a thread works at names its points; the same name again is told apart by a number."""

    def __init__(self) -> None:
        self._pipe: Connection | None = None
        self._plan = Plan("go")
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._at_work = threading.local()

    def follow(self, plan: Plan, pipe: Connection) -> None:
        self._plan, self._pipe = plan, pipe
        self._die = random.Random(plan.seed)

    def works_at(self, what: str) -> None:
        self._at_work.what = what

    def reach(self, point: str) -> None:
        what = getattr(self._at_work, "what", "")
        with self._lock:
            name = f"{what}: {point}" if what else point
            self._seen[name] += 1
            if self._seen[name] > 1:
                name = f"{name} ({self._seen[name]})"
            self._happen(name)

    def _happen(self, name: str) -> None:
        pipe, plan = self._pipe, self._plan
        if pipe is None:
            return
        if plan.how == "record":
            pipe.send(name)
        elif plan.how == "dice" and self._die.randrange(plan.one_in) == 0:
            pipe.send(name)
            os.kill(os.getpid(), signal.SIGKILL)
        elif plan.at == name and plan.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif plan.at == name and plan.how == "hold":
            pipe.send(name)
            pipe.recv()


here = Here()
