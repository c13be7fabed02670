"""What one leg of a call costs: our media (jitter buffer, G.711 both ways, 20 ms pacing, one event stream per leg) against a bare
uvloop echo of the same RTP traffic, measured one after the other in one run.

    python -m bench.sip_legs [legs] [seconds]

CPU time is the server's own, so that other work on the machine matters little; lateness is seen by the load generator.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise

import uvloop

from careline.ports import Frame
from careline.telephony.sip.leg import RtpMedia
from careline.telephony.sip.media import MediaClock, PortPool, RtpSocket
from careline.wire import g711, rtp
from careline.wire.g711 import Law
from careline.wire.sdp import Agreed

TICK_S = 0.02
SPEECH = g711.encode(
    Law.MU, b"".join(int(6000 * ((n % 40) / 20 - 1)).to_bytes(2, "little", signed=True) for n in range(160))
)


# ------------------------------------------------------------ the servers, each in a process of its own


async def serve_bare(legs: int) -> list[int]:
    loop = asyncio.get_running_loop()
    ports: list[int] = []
    for _ in range(legs):
        transport, protocol = await loop.create_datagram_endpoint(lambda: RtpSocket(0), local_addr=("127.0.0.1", 0))
        protocol.on_packet = protocol.send
        ports.append(transport.get_extra_info("sockname")[1])
    return ports


async def serve_ours(legs: int) -> list[int]:
    loop = asyncio.get_running_loop()
    pool, clock = PortPool("127.0.0.1", (20_000, 29_998)), MediaClock(loop)
    agreed = Agreed(Law.MU, 101, "127.0.0.1", 9, send=True, receive=True, held=False)
    ports: list[int] = []
    for _ in range(legs):
        opened = await pool.open()
        media = RtpMedia(opened, agreed, loop.time())
        clock.join(media)
        TASKS.add(loop.create_task(echo(media)))
        ports.append(opened.port)
    return ports


TASKS: set[asyncio.Task[None]] = set()


async def echo(media: RtpMedia) -> None:
    async for event in media.events.read():
        if isinstance(event, Frame):
            media.stream.play(event.pcm)


async def serve(kind: str, legs: int) -> None:
    ports = await (serve_bare(legs) if kind == "bare" else serve_ours(legs))
    print(json.dumps(ports), flush=True)
    loop = asyncio.get_running_loop()
    before, begun = time.process_time(), loop.time()
    await loop.run_in_executor(None, sys.stdin.readline)
    print(json.dumps({"cpu": time.process_time() - before, "wall": loop.time() - begun}), flush=True)
    os._exit(0)


# ------------------------------------------------------------ the load


@dataclass(frozen=True)
class Result:
    cpu_per_leg: float  # seconds of CPU per second and leg, per packet that came back
    returned: float  # share of packets that came back
    late: float  # share of packets that came over 20 ms later than their turn

    @property
    def legs_per_core(self) -> float:
        return 1 / self.cpu_per_leg


def measure(kind: str, legs: int, seconds: float) -> Result:
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.sip_legs", "--serve", kind, str(legs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    ports = json.loads(server.stdout.readline())
    sent, times = talk(ports, seconds)
    server.stdin.write("\n")
    server.stdin.flush()
    usage = json.loads(server.stdout.readline())
    server.wait()
    gaps = [later - earlier for arrivals in times.values() for earlier, later in pairwise(arrivals)]
    late = sum(gap > 2 * TICK_S for gap in gaps) / max(1, len(gaps))
    returned = sum(len(arrivals) for arrivals in times.values()) / sent
    return Result(usage["cpu"] / usage["wall"] / legs / min(1.0, returned), returned, late)


def talk(ports: list[int], seconds: float) -> tuple[int, dict[int, list[float]]]:
    """One socket speaks for every leg, 50 packets a second each, spread over the 20 ms."""
    times: dict[int, list[float]] = {port: [] for port in ports}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        mouth.bind(("127.0.0.1", 0))
        mouth.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        mouth.setblocking(False)
        begun = time.monotonic()
        sent = 0
        total = int(seconds / TICK_S) * len(ports)
        while sent < total:
            due = min(total, int((time.monotonic() - begun) / TICK_S * len(ports)))
            while sent < due:
                turn, place = divmod(sent, len(ports))
                packet = rtp.RtpPacket(0, turn & 0xFFFF, turn * 160, place + 1, SPEECH)
                mouth.sendto(rtp.build(packet), ("127.0.0.1", ports[place]))
                sent += 1
            hear(mouth, times)
            select.select([mouth], [], [], 0.001)
        hear(mouth, times)
    return sent, times


def hear(mouth: socket.socket, times: dict[int, list[float]]) -> None:
    while True:
        try:
            _, address = mouth.recvfrom(2048)
        except BlockingIOError:
            return
        times[address[1]].append(time.monotonic())


def main(arguments: list[str]) -> None:
    legs = int(arguments[0]) if arguments else 150
    seconds = float(arguments[1]) if len(arguments) > 1 else 8.0
    results = {kind: measure(kind, legs, seconds) for kind in ("bare", "ours")}
    for kind, result in results.items():
        print(
            f"{kind:5} {legs} legs: {100 * legs * result.cpu_per_leg:5.1f} % of a core, "
            f"so {result.legs_per_core:5.0f} legs a core; {100 * result.returned:.1f} % came back, "
            f"{100 * result.late:.2f} % of gaps over 40 ms"
        )
    share = results["ours"].legs_per_core / results["bare"].legs_per_core
    print(f"our media carries {100 * share:.0f} % of the legs of a bare echo")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        uvloop.run(serve(sys.argv[2], int(sys.argv[3])))
    else:
        main(sys.argv[1:])
