"""One escalation with something broken in it: run by real processes, watched from outside, judged at the end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from tools.chaos import judge
from tools.chaos.points import Plan
from tools.chaos.town import ANSWERS, Town, live

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from tools.chaos.house import House

PATIENCE_S = 120.0
DARK_S = 3.0
_forks = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class Break:
    """What is broken, and at which point (none: at any, by the die of `seed`). `how`: kill, freeze, database."""

    how: str
    at: str = ""
    seed: int = 0
    town: str = "quick"

    def __str__(self) -> str:
        return f"{self.how} at {self.at or f'random points, seed {self.seed}'} ({self.town})"


@dataclass(slots=True)
class Result:
    what: Break
    reached: int = 0
    verdict: judge.Verdict = field(default_factory=judge.Verdict)
    seconds: float = 0.0


@dataclass(slots=True)
class Scenario:
    """`house` may be stopped and started by one scenario at a time only."""

    house: House
    name: str
    town: str
    expected: set[str]
    app: str = ""
    admin: str = ""
    _eye: psycopg.Connection[Any] | None = None
    workers: list[tuple[BaseProcess, Connection]] = field(default_factory=list[Any])
    broken: list[tuple[datetime, list[judge.Waiting]]] = field(default_factory=list[Any])

    def play(self, what: Break) -> Result:
        began = time.monotonic()
        self.app, self.admin = self.house.database(self.name)
        result = Result(what)
        try:
            result.reached = getattr(self, f"_{what.how}")(what)
            self._until(self._over)
            result.verdict = judge.judge(self.admin, self._world, self.expected, self.broken)
        except TimeoutError as error:
            result.verdict.lost.append(str(error))
        finally:
            self._leave()
        result.seconds = time.monotonic() - began
        return result

    def record(self) -> tuple[list[str], set[str]]:
        """An undisturbed run: its points, and everything it did."""
        self.app, self.admin = self.house.database(self.name)
        _, pipe = self._worker("recorder", Plan("record"))
        points: list[str] = []
        self._until(lambda: self._told(pipe, points) or self._over())
        self._told(pipe, points)
        done = judge.steps(self.admin)
        self._leave()
        return points, done

    def _kill(self, what: Break) -> int:
        """Killed as often as the plan says; another process is started at once, as the supervisor does."""
        died = 0
        while True:
            plan = Plan("kill", what.at) if what.at else Plan("dice", one_in=12, seed=what.seed + died)
            process, _ = self._worker(f"w{died}", plan if died < (1 if what.at else 8) else Plan("go"))
            self._until(lambda one=process: not one.is_alive() or self._over())
            process.join(1.0)  # the last point of all is reached just after everything is over
            if process.is_alive():
                return died
            died += 1
            self._broke()

    def _freeze(self, what: Break) -> int:
        """Two workers; one stands still at the point until its lease is over and the other has done everything."""
        process, pipe = self._worker("frozen", Plan("hold", what.at))
        if not self._at_point(process, pipe):
            return 0
        os.kill(process.pid or 0, signal.SIGSTOP)
        self._broke()
        self._worker("other", Plan("go"))
        try:
            self._until(self._over)
        finally:
            os.kill(process.pid or 0, signal.SIGCONT)
        pipe.send("go on")
        time.sleep(1.0)  # it finds out that it was overtaken
        return 1

    def _database(self, what: Break) -> int:
        """PostgreSQL dies at the point without a word, and comes back; nobody starts a worker anew."""
        process, pipe = self._worker("cut-off", Plan("hold", what.at))
        if not self._at_point(process, pipe):
            return 0
        self.house.stop()
        pipe.send("go on")
        time.sleep(DARK_S)
        self.house.start()
        self._broke()
        return 1

    def _over(self) -> bool:
        """One connection for all the looking; a new one when the database went away."""
        try:
            if self._eye is None:
                self._eye = psycopg.connect(self.admin, autocommit=True)
            return judge.over(self._eye)
        except psycopg.OperationalError:
            self._eye = None
            return False

    @property
    def _world(self) -> Path:
        return self.house.folder / f"{self.name}.world"

    def _worker(self, name: str, plan: Plan) -> tuple[BaseProcess, Connection]:
        ours, theirs = _forks.Pipe()
        town = Town(self.app, str(self._world), ANSWERS[self.town])
        process = _forks.Process(target=live, args=(town, name, plan, theirs), daemon=True)
        process.start()
        theirs.close()
        self.workers.append((process, ours))
        return process, ours

    def _broke(self) -> None:
        now = datetime.now(UTC)
        self.broken.append((now, judge.waiting(self.admin, now)))

    def _at_point(self, process: BaseProcess, pipe: Connection) -> bool:
        self._until(lambda: pipe.poll() or not process.is_alive() or self._over())
        return bool(pipe.poll() and pipe.recv())

    def _until(self, condition: Any) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > until:
                raise TimeoutError(f"{self.name}: the escalation did not end in {PATIENCE_S:.0f} s")
            time.sleep(0.3)

    def _told(self, pipe: Connection, points: list[str]) -> bool:
        while pipe.poll():
            points.append(pipe.recv())
        return False

    def _leave(self) -> None:
        for process, _ in self.workers:
            process.kill()
            process.join()
        if self._eye is not None:
            self._eye.close()
        self.house.drop(self.name)
