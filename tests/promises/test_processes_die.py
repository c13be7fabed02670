"""Real worker processes, killed with SIGKILL and frozen with SIGSTOP in the middle of keeping a promise."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from careline.storage import promises
from careline.storage.claims import New
from careline.storage.models import Promise, PromiseAttempt
from careline.storage.transactions import Actor, practice

WORKER = Path(__file__).with_name("worker.py")


@contextmanager
def a_worker(name: str, behaviour: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(WORKER), name, behaviour]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def a_promise(of: UUID) -> None:
    now = datetime.now(UTC)
    with practice(of, actor=Actor.service("test"), purpose="test", now=now) as tx:
        promises.make(tx, New("test.kind", "a", now))


def attempts(of: UUID) -> list[tuple[str, str, bool]]:
    with practice(of, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)):
        assert Promise.objects.exclude(kind="rota.watch").get().state == "kept"
        tries = PromiseAttempt.objects.order_by("n")
        return [(one.worker, one.outcome, one.repeat) for one in tries]


def test_a_worker_killed_in_the_middle_is_followed_by_another_which_knows_that_it_repeats(demo: UUID) -> None:
    a_promise(demo)
    with a_worker("killed", "hold") as killed:
        assert says(killed) == "holding 1 False"
        with a_worker("next", "keep") as following:
            os.kill(killed.pid, signal.SIGKILL)
            began = time.monotonic()
            assert says(following) == "holding 2 True"
            assert says(following) == "finished ours"
            assert time.monotonic() - began < 15
    assert attempts(demo) == [("killed", "", False), ("next", "next", True)]


def test_a_worker_frozen_past_its_lease_cannot_finish_what_another_took_over(demo: UUID) -> None:
    a_promise(demo)
    with a_worker("frozen", "hold") as frozen:
        assert says(frozen) == "holding 1 False"
        os.kill(frozen.pid, signal.SIGSTOP)
        with a_worker("next", "keep") as following:
            assert says(following) == "holding 2 True"
            assert says(following) == "finished ours"
        os.kill(frozen.pid, signal.SIGCONT)
        assert frozen.stdin is not None
        frozen.stdin.write("\n")
        frozen.stdin.flush()
        assert says(frozen) == "finished overtaken"
    assert attempts(demo) == [("frozen", "overtaken:frozen", False), ("next", "next", True)]
