"""Calls a core answers and plays to over the Twilio media WebSocket: our adapter, and a Pipecat pipeline doing the same job,
driven by one and the same client.

    python -m bench media_streams [calls] [seconds]

The job of each server: take the socket, read `connected` and `start`, decode 20 ms of G.711 for every message that comes in, and
play speech without a pause, as `media` messages in the carrier's format. Each runs in a process of its own; its CPU time is read
from the operating system over the measured seconds, so that other work on the machine matters little. The client speaks for every
call at 50 messages a second and checks that each call hears sound. Pipecat gets a fifth of the calls, which it can just carry on
a small machine; where it falls behind (`heard` below 100 %), its cost a call is understated, in its favour. It runs in the
interpreter named by CARELINE_BENCH_PYTHON (`pip install -r requirements/bench.txt` into it); without one the bench says so, and
gives our figures alone.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import uvloop

ROOT = Path(__file__).parents[1]
FRAME = base64.b64encode(bytes(60 + n % 90 for n in range(160))).decode()
TICK_S = 0.02
WARM_S = 2.0
PYTHON = "CARELINE_BENCH_PYTHON"


@dataclass
class Call:
    """The carrier's end of one call: it plays what it gets at the speed of speech and returns marks as it passes them. `heard`
    counts bytes of coded audio."""

    name: str
    socket: aiohttp.ClientWebSocketResponse
    heard: int = 0
    sounding_until: float = 0.0
    sending: set[asyncio.Task[None]] = field(default_factory=set["asyncio.Task[None]"])

    async def listen(self) -> None:
        loop = asyncio.get_running_loop()
        async for message in self.socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            found = json.loads(str(message.data))
            if found["event"] == "media":
                coded = len(found["media"]["payload"]) * 3 // 4
                self.heard += coded
                self.sounding_until = max(self.sounding_until, loop.time()) + coded / 8000
            elif found["event"] == "mark":
                loop.call_at(self.sounding_until, self.passed, str(message.data))

    def passed(self, mark: str) -> None:
        if self.socket.closed:
            return
        task = asyncio.ensure_future(self.socket.send_str(mark))
        self.sending.add(task)
        task.add_done_callback(self.sending.discard)


@dataclass(frozen=True)
class Result:
    calls: int
    cpu: float  # seconds of CPU per second and call
    heard: float  # seconds of sound a second, of the call that heard least
    behind: float  # share of the messages that the client could not send in their time

    @property
    def calls_per_core(self) -> float:
        return 1 / self.cpu


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its threads (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def connect(http: aiohttp.ClientSession, port: int, number: int) -> Call:
    name = f"MZ{number:032d}"
    socket = await http.ws_connect(f"http://127.0.0.1:{port}/media", max_msg_size=0)
    await socket.send_json({"event": "connected", "protocol": "Call", "version": "1.0.0"})
    form = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    start = {"accountSid": "AC0", "streamSid": name, "callSid": f"CA{number:032d}", "tracks": ["inbound"]}
    start |= {"mediaFormat": form, "customParameters": {}}
    await socket.send_json({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": name})
    return Call(name, socket)


async def speak(call: Call, begun: float, turns: int) -> int:
    """50 messages a second; returns how many were more than 20 ms late."""
    before = f'{{"event":"media","streamSid":"{call.name}","media":{{"track":"inbound","chunk":"'
    late = 0
    for turn in range(turns):
        wait = begun + turn * TICK_S - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        late += wait < -TICK_S
        stamp = f'{turn + 1}","timestamp":"{turn * 20}","payload":"{FRAME}"}}}}'
        await call.socket.send_str(before + stamp)
    return late


async def drive(port: int, pid: int, calls: int, seconds: float) -> Result:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        up = [await connect(http, port, number) for number in range(calls)]
        listening = [asyncio.create_task(call.listen()) for call in up]
        begun = time.monotonic()
        turns = int((WARM_S + seconds) / TICK_S)
        speaking = [
            asyncio.create_task(speak(call, begun + TICK_S * place / calls, turns)) for place, call in enumerate(up)
        ]
        await asyncio.sleep(WARM_S)
        before, since, earlier = cpu_seconds(pid), time.monotonic(), [call.heard for call in up]
        late = sum(await asyncio.gather(*speaking))
        used, passed = cpu_seconds(pid) - before, time.monotonic() - since
        heard = min(call.heard - already for call, already in zip(up, earlier, strict=True)) / 8000 / passed
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        await asyncio.gather(*(call.socket.close() for call in up), return_exceptions=True)
    return Result(calls, used / passed / calls, heard, late / (calls * turns))


def measure(command: list[str], calls: int, seconds: float) -> Result:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    try:
        assert server.stdout is not None
        described = json.loads(server.stdout.readline())
        return uvloop.run(drive(described["port"], server.pid, calls, seconds))
    finally:
        server.terminate()
        server.wait(10)


def other_python() -> str | None:
    """An interpreter that has Pipecat, or None."""
    wanted = os.environ.get(PYTHON) or sys.executable
    asked = subprocess.run([wanted, "-c", "import pipecat, fastapi, uvicorn"], capture_output=True, check=False)
    return wanted if asked.returncode == 0 else None


def report(name: str, result: Result) -> None:
    print(
        f"{name:8} {result.calls} calls: {100 * result.calls * result.cpu:5.1f} % of a core, so "
        f"{result.calls_per_core:5.0f} calls a core; each heard {100 * result.heard:.0f} % of the time or more; "
        f"the client was late with {100 * result.behind:.1f} % of its messages",
        flush=True,
    )


def main(arguments: list[str]) -> None:
    calls = int(arguments[0]) if arguments else 40
    seconds = float(arguments[1]) if len(arguments) > 1 else 8.0
    ours = measure([sys.executable, "-m", "bench._media_ours"], calls, seconds)
    report("careline", ours)
    python = other_python()
    if python is None:
        print(
            f"pipecat is MISSING, so there is nothing to compare with: install requirements/bench.txt and set {PYTHON}"
        )
        return
    few = max(2, calls // 5)
    theirs = measure([python, "-W", "ignore", str(ROOT / "bench" / "_media_pipecat.py")], few, seconds)
    report("pipecat", theirs)
    print(
        f"careline carries {ours.calls_per_core / theirs.calls_per_core:.1f} times the calls of a Pipecat pipeline a core"
    )
