"""Keeps the processes of one installation running on one machine: starts them, starts them anew when they die, stops them all.

It does no work of its own, so that nothing a call or a page can do brings it down. A process says that it is ready by writing one
line to the pipe whose number it finds in CARELINE_READY_FD.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

READY_VARIABLE, LIFELINE_VARIABLE = "CARELINE_READY_FD", "CARELINE_LIFELINE_FD"
_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0
_FIRST_PAUSE, _LONGEST_PAUSE, _STEADY_AFTER = 0.5, 15.0, 60.0


def say_ready() -> None:
    """Tell the supervisor, if there is one, that this process now does its work."""
    number = os.environ.pop(READY_VARIABLE, "")
    if number.isdigit():
        with contextlib.suppress(OSError), os.fdopen(int(number), "w") as pipe:
            pipe.write("ready\n")


def follow_supervisor() -> None:
    """End this process (SIGTERM to itself) when its supervisor is gone, even by kill -9: a pipe that only the supervisor holds
    open reads as ended then. Without a supervisor, nothing happens."""
    number = os.environ.pop(LIFELINE_VARIABLE, "")
    if number.isdigit():
        threading.Thread(target=_wait_for_end, args=(int(number),), name="lifeline", daemon=True).start()


def _wait_for_end(lifeline: int) -> None:
    with contextlib.suppress(OSError):
        os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)


@dataclass(slots=True)
class _Member:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    ready_fd: int = -1
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    again_at: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """`report` gets one line for a person whenever a member dies or comes back."""

    report: Callable[[str], None]
    _members: list[_Member] = field(default_factory=list[_Member])
    _stopping: bool = False
    _lifeline: tuple[int, int] = field(default_factory=os.pipe)

    def add(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._members.append(_Member(name, command, environment))

    def start(self) -> None:
        """Start every member side by side and wait until all are ready. Raises `Refused` with the first that is not."""
        for member in self._members:
            self._spawn(member)
        with contextlib.ExitStack() as unless_ready:
            unless_ready.callback(self.stop)
            self._wait_until_ready()
            unless_ready.pop_all()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        waiting = {member.ready_fd: member for member in self._members}
        while waiting:
            readable, _, _ = select.select(list(waiting), [], [], max(0.0, deadline - time.monotonic()))
            if not readable:
                names = ", ".join(member.name for member in waiting.values())
                raise Refused(f"not ready after {_READY_SECONDS:.0f} s: {names}; its lines above say why")
            for number in readable:
                member = waiting.pop(number)
                said = os.read(number, 16)
                os.close(number)
                member.ready_fd = -1
                if not said:
                    raise Refused(f"the {member.name} process could not start; its lines above say why")

    def run(self) -> int:
        """Watch until SIGINT or SIGTERM, then stop all. Returns the exit code."""
        signal.signal(signal.SIGTERM, self._stop_soon)
        signal.signal(signal.SIGINT, self._stop_soon)
        while not self._stopping:
            self._watch()
            with contextlib.suppress(InterruptedError):
                time.sleep(0.2)
        self.stop()
        return 0

    def stop(self) -> None:
        """Ask every member to end, wait, then insist."""
        running = [member.process for member in self._members if member.process and member.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kill(self, name: str) -> None:
        """End a member at once, as a crash would, and start another in its place. For tests and drills."""
        member = next(one for one in self._members if one.name == name)
        if member.process is not None:
            member.process.kill()
            member.process.wait()
            member.process = None
        self._close_ready(member)
        self._spawn(member)

    def _stop_soon(self, number: int, frame: object) -> None:
        del number, frame
        self._stopping = True

    def _watch(self) -> None:
        now = time.monotonic()
        for member in self._members:
            if member.process is not None and member.process.poll() is not None:
                code = member.process.returncode
                if now - member.started > _STEADY_AFTER:
                    member.pause = _FIRST_PAUSE
                member.again_at = now + member.pause
                member.pause = min(member.pause * 2, _LONGEST_PAUSE)
                member.process = None
                self._close_ready(member)
                self.report(f"the {member.name} process ended (code {code}); starting it anew")
            if member.process is None and now >= member.again_at:
                self._spawn(member)
            self._drain_ready(member)

    def _spawn(self, member: _Member) -> None:
        reading, writing = os.pipe()
        os.set_inheritable(writing, True)
        lifeline = self._lifeline[0]
        ours = {READY_VARIABLE: str(writing), LIFELINE_VARIABLE: str(lifeline)}
        environment = {**os.environ, **member.environment, **ours}
        # A session of its own: a Ctrl-C at the terminal reaches the supervisor alone, which then stops members in order.
        member.process = subprocess.Popen(
            [sys.executable, "-m", *member.command],
            env=environment,
            pass_fds=(writing, lifeline),
            start_new_session=True,
        )
        os.close(writing)
        member.ready_fd, member.started = reading, time.monotonic()

    def _drain_ready(self, member: _Member) -> None:
        if member.ready_fd >= 0 and select.select([member.ready_fd], [], [], 0)[0]:
            self._close_ready(member)

    def _close_ready(self, member: _Member) -> None:
        if member.ready_fd >= 0:
            os.close(member.ready_fd)
            member.ready_fd = -1
