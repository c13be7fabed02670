"""The database's side of a child process: one command in, its result out (`careline.children` carries both)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.commands import AwaitOrders, AwaitPromises
from careline.actions.perform import perform

if TYPE_CHECKING:
    from collections.abc import Iterator

THREADS = 12  # most requests are short; two may wait for news all the time


def answer(command: object) -> Iterator[object]:
    """For `children.serve(answer, THREADS, idle)`, after `storage.start.start(...)`."""
    yield perform(command)


def idle(command: object) -> bool:
    """Whether the command only waits for news, so that nothing is lost when its answer is not."""
    return isinstance(command, AwaitOrders | AwaitPromises)
