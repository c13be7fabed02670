"""An event loop whose clock leaps: whenever nothing is left to do, it is at once the time of the next timer.

A test of ten minutes of telephone then takes as long as its computations, and is as exact as arithmetic. Only for what lives
inside this process: while a child process or a socket works, nothing seems left to do and the clock would leap past it. Threads
are safe: work handed to one is done in place.
"""

from __future__ import annotations

import asyncio
import selectors
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_STUCK_S = 30.0


class _Leaping(selectors.DefaultSelector):
    """Never waits: time that would have been waited is added to `now`."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            found = super().select(_STUCK_S)
            if not found:
                raise RuntimeError("nothing is left to do and nobody has set a timer: the test would wait for ever")
            return found
        found = super().select(0)
        if not found:
            self.now += max(0.0, timeout)
        return found


class _InPlace(ThreadPoolExecutor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as a thread would: the asker gets it
            future.set_exception(error)
        return future


class SwiftLoop(asyncio.SelectorEventLoop):
    """`run_swiftly` makes one."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)
        self.set_default_executor(_InPlace(1))

    def time(self) -> float:
        return self._leaping.now


def run_swiftly(main: Coroutine[Any, Any, Any]) -> Any:
    """`asyncio.run` on a loop that leaps."""
    with asyncio.Runner(loop_factory=SwiftLoop) as runner:
        return runner.run(main)
