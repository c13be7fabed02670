"""A child process that works for this one: recognisers, voices and database actions run there, never beside live audio.

One Python thread busy with sums next to 100 live legs lost 55 % of their frames; in a process of its own it loses none. A child
is `python -m some.module` that calls `serve(handle)`; requests and replies are pickles behind a 4-byte length (big-endian) on
its standard input and output. The pipes are ours alone, so the pickles are trusted; nothing else ever reads or writes them.

What a caller may rely on: every request ends by its deadline, with its result or with an error; a child that dies is started
anew, and whoever waited for it hears `TryAgain` at once; a request sent again may have been done already, so it carries its own
key where that matters. A child's standard error is passed to the log only line by line, from a list of shapes that cannot hold
what a patient said (our own reports, and the positions in a crash dump).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pickle
import re
import signal
import struct
import sys
import threading
import traceback
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from careline.core.errors import CarelineError, Refused, TryAgain

if TYPE_CHECKING:
    from asyncio import StreamReader
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence

MAX_FRAME = 16 * 1024 * 1024  # bytes; minutes of audio, and far less than a machine's memory
_LENGTH = struct.Struct(">I")
_SAFE_LINE = re.compile(
    r'careline: .*|Fatal Python error: [A-Za-z ]+|(?:Current thread|Thread) 0x[0-9a-f]+.*|  File ".*", line \d+ in .*'
)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S, _STEADY_S, _LAST_WORDS_S = 0.05, 5.0, 10.0, 1.0

_log = logging.getLogger("careline.children")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Reply:
    """One frame from the child: a value on the way (`last` False), or the end of the request, well or with an error."""

    number: int
    value: object = None
    last: bool = False
    error: tuple[str, str] | None = None


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a child that needs neither database nor keys: what it does not have cannot leak from it."""
    return {name: value for name, value in environment.items() if not name.startswith("CARELINE_")}


# ---------------------------------------------------------------- in the parent


class Child:
    """One supervised child process. `hang_s`: a child that owes an answer and has said nothing for so long is killed."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str] = (),
        *,
        name: str,
        environment: Mapping[str, str] | None = None,
        hang_s: float = 30.0,
    ) -> None:
        self.name = name
        self.restarts = 0
        self._command = (sys.executable, "-P", "-X", "faulthandler", "-m", module, *arguments)
        self._environment = dict(os.environ if environment is None else environment)
        self._hang_s = hang_s
        self._process: Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._waiting: dict[int, asyncio.Queue[_Reply]] = {}
        self._next = 1
        self._last_heard = 0.0
        self._stopping = False

    @property
    def alive(self) -> bool:
        """Whether the process is up and has said that it can work."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def busy(self) -> int:
        """How many requests are under way."""
        return len(self._waiting)

    async def start(self, timeout_s: float = 15.0) -> None:
        """Start the process and wait until it can work; `TryAgain` when it cannot within the time."""
        self._stopping = False
        self._supervisor = asyncio.create_task(self._supervise(), name=f"child {self.name}")
        try:
            async with asyncio.timeout(timeout_s):
                await self._ready.wait()
        except TimeoutError as error:
            await self.stop(0.0)
            raise TryAgain(f"the {self.name} process did not start within {timeout_s:g} s") from error

    async def stop(self, grace_s: float = 2.0) -> None:
        """Close the child's input, which ends it; kill it when it has not gone by the end of the grace."""
        self._stopping = True
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is None:
            return
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        _, late = await asyncio.wait([supervisor], timeout=grace_s)
        if late:
            self.kill()
            supervisor.cancel()
            await asyncio.wait([supervisor])

    def kill(self) -> None:
        """End the process now. Unless `stop` was called, another takes its place."""
        self._ready.clear()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)  # Process.kill would reap it behind the event loop's back

    async def call(self, request: object, deadline_s: float) -> object:
        """The one result of a request (the last, when there are several)."""
        result: object = None
        async for value in self.stream(request, deadline_s):
            result = value
        return result

    async def stream(self, request: object, deadline_s: float) -> AsyncIterator[object]:
        """The results of a request as the child makes them. `deadline_s` is for all of them together."""
        until = asyncio.get_running_loop().time() + deadline_s
        await self._by(until, self._ready.wait())
        number, replies = self._next, asyncio.Queue[_Reply]()
        self._next += 1
        if not self._waiting:
            self._last_heard = asyncio.get_running_loop().time()
        self._waiting[number] = replies
        try:
            await self._send(_frame((number, request)), until)
            while not (reply := await self._by(until, replies.get())).last:
                yield reply.value
            if reply.error is not None:
                raise _as_error(*reply.error)
        finally:
            self._waiting.pop(number, None)

    async def _send(self, frame: bytes, until: float) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            raise TryAgain(f"the {self.name} process is not running")
        try:
            process.stdin.write(frame)
            await self._by(until, process.stdin.drain())
        except (ConnectionError, RuntimeError) as error:
            raise TryAgain(f"the {self.name} process went away") from error

    async def _by(self, until: float, waited: Awaitable[_T]) -> _T:
        try:
            async with asyncio.timeout_at(until):
                return await waited
        except TimeoutError as error:
            silent = asyncio.get_running_loop().time() - self._last_heard
            if self._ready.is_set() and self._waiting and silent >= self._hang_s:
                _log.error("%s: silent for %.1f s with work to do; killed", self.name, silent)
                self.kill()
            raise TryAgain(f"the {self.name} process did not answer in time") from error

    async def _supervise(self) -> None:
        loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE_S
        while not self._stopping:
            began = loop.time()
            try:
                await self._run_once()
            except Exception as error:  # noqa: BLE001 - the root of the supervisor: a child that cannot start is tried again
                _log.error("%s: %s while running it", self.name, type(error).__name__)
            finally:
                self._ready.clear()
                for number, replies in self._waiting.items():
                    replies.put_nowait(_Reply(number, last=True, error=("TryAgain", f"the {self.name} process died")))
            if self._stopping:
                return
            self.restarts += 1
            pause = _FIRST_PAUSE_S if loop.time() - began > _STEADY_S else min(pause * 2, _LONGEST_PAUSE_S)
            _log.error("%s: ended with %s; starting another", self.name, self._process and self._process.returncode)
            await asyncio.sleep(pause)

    async def _run_once(self) -> None:
        # A session of its own: Ctrl-C in the terminal must not end a child before its parent has finished the calls.
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment,
            start_new_session=True,
        )
        self._process = process
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(cast("StreamReader", process.stdout)))
                tasks.create_task(_pass_on(self.name, cast("StreamReader", process.stderr)))
                if self._stopping and process.stdin is not None:
                    process.stdin.close()
            async with asyncio.timeout(_LAST_WORDS_S):
                await process.wait()
        except TimeoutError:
            _log.error("%s: closed its output and did not end; killed", self.name)
        finally:
            self.kill()
            await process.wait()

    async def _read(self, pipe: StreamReader) -> None:
        while True:
            try:
                (length,) = _LENGTH.unpack(await pipe.readexactly(_LENGTH.size))
                if length > MAX_FRAME:
                    _log.error("%s: a frame of %d bytes; killed", self.name, length)
                    return self.kill()
                reply = cast(_Reply, pickle.loads(await pipe.readexactly(length)))  # noqa: S301 - our own child's pipe
            except asyncio.IncompleteReadError:
                return None
            self._last_heard = asyncio.get_running_loop().time()
            if reply.number == 0:
                self._ready.set()
            elif (replies := self._waiting.get(reply.number)) is not None:
                replies.put_nowait(reply)


async def _pass_on(name: str, pipe: StreamReader) -> None:
    withheld = 0
    while line := await _line(pipe):
        text = line.decode("utf-8", "replace").rstrip()
        if _SAFE_LINE.fullmatch(text):
            _log.warning("%s: %s", name, text)
        else:
            withheld += 1
    if withheld:
        _log.info("%s: %d lines of its standard error not passed on", name, withheld)


async def _line(pipe: StreamReader) -> bytes:
    try:
        return await pipe.readline()
    except ValueError:  # longer than the reader's buffer, which it has dropped
        return b"\n"


def _frame(value: object) -> bytes:
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    if len(body) > MAX_FRAME:
        raise Refused(f"a request or reply of {len(body)} bytes is over the {MAX_FRAME} that cross to a child process")
    return _LENGTH.pack(len(body)) + body


def _as_error(kind: str, text: str) -> CarelineError:
    return {"Refused": Refused, "TryAgain": TryAgain}.get(kind, CarelineError)(text)


class Pool:
    """Several children that do the same work. A request that fails because its child died is given to another."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = tuple(children)

    @property
    def alive(self) -> bool:
        return any(child.alive for child in self.children)

    async def start(self) -> None:
        await asyncio.gather(*(child.start() for child in self.children))

    async def stop(self, grace_s: float = 2.0) -> None:
        await asyncio.gather(*(child.stop(grace_s) for child in self.children))

    async def call(self, request: object, deadline_s: float) -> object:
        """The result of a request that may safely be made twice, from the least busy child, or from the next when that dies."""
        until = asyncio.get_running_loop().time() + deadline_s
        failure = TryAgain("no child process could take the request")
        for child in sorted(self.children, key=lambda child: (not child.alive, child.busy)):
            try:
                return await child.call(request, until - asyncio.get_running_loop().time())
            except TryAgain as error:
                failure = error
        raise failure


# ---------------------------------------------------------------- in the child


def serve(
    handle: Callable[[object], Iterable[object]],
    threads: int = 1,
    idle: Callable[[object], bool] = lambda _request: False,
) -> None:
    """Answer the parent's requests until it closes the pipe. `handle` yields the results of one request.

    With one thread requests are answered in their order, which suits sums; more suit waiting, as for a database. At the end
    the work under way is finished; a request that is `idle` (it only waits for news) is not waited for.
    """
    replies = _take_standard_output()
    lock = threading.Lock()

    def put(reply: _Reply) -> None:
        frame = _frame(reply)
        with lock, contextlib.suppress(BrokenPipeError):
            replies.write(frame)
            replies.flush()

    put(_Reply(0))
    work: set[Future[None]] = set()
    with ThreadPoolExecutor(threads) as workers:
        while (frame := _read_frame(sys.stdin.buffer)) is not None:
            number, request = cast(tuple[int, object], pickle.loads(frame))  # noqa: S301 - our own parent's pipe
            if threads == 1:
                _answer(handle, put, number, request)
            else:
                done = workers.submit(_answer, handle, put, number, request)
                if not idle(request):
                    work.add(done)
                    done.add_done_callback(work.discard)
        if threads > 1:
            futures.wait(list(work))
            os._exit(0)  # past the threads that still wait for news


def _answer(
    handle: Callable[[object], Iterable[object]], put: Callable[[_Reply], None], number: int, request: object
) -> None:
    try:
        for value in handle(request):
            put(_Reply(number, value))
    except CarelineError as error:
        put(_Reply(number, last=True, error=(type(error).__name__, str(error))))
    except Exception as error:  # noqa: BLE001 - the root of one request: told to the asker and to the log, without its text
        put(_Reply(number, last=True, error=("CarelineError", _report(error))))
    else:
        put(_Reply(number, last=True))


def _take_standard_output() -> BinaryIO:
    """Keep the pipe for ourselves: what a library prints goes to standard error, where it breaks no frame."""
    private = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(private, "wb")


def _read_frame(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = pipe.read(length)
    return body if len(body) == length else None


def _report(error: Exception) -> str:
    """Where an unexpected error arose, without its text, which may hold a patient's words."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    report = f"{type(error).__name__} at {places}"
    print(f"careline: {report}", file=sys.stderr, flush=True)
    return report
