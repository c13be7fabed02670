"""What one call with a browser costs: our own RTP on aiortc's keys, against aiortc's own receivers and senders doing the same
(hear, echo), measured one after the other in one run with the same browsers as load.

    python -m bench.browser_calls [calls] [seconds]

The load is aiortc connections in a process of their own. CPU time is the server's own; so many browsers share a machine that
lateness would say more of them than of us, so what is counted is the share of sound that came back.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import subprocess
import sys
import time
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvloop
from aiohttp import web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from careline.ports import Frame
from careline.telephony.webrtc import BrowserTelephone, Doorman, WebRtcConfig
from careline.testing.browser import Browser

if TYPE_CHECKING:
    from aiortc.mediastreams import MediaStreamTrack

    from careline.ports import IncomingCall

TONE = array("h", (round(6000 * math.sin(2 * math.pi * 400 * n / 8000)) for n in range(8000))).tobytes()


# ------------------------------------------------------------ the servers, each in a process of its own


async def echo(call: IncomingCall) -> None:
    leg = await call.answer()
    async for event in leg.events():
        if isinstance(event, Frame):
            leg.play(event.pcm)


async def serve_ours() -> tuple[int, object]:
    doorman = Doorman(lambda token: token, lambda token: token, frozenset())
    telephone = BrowserTelephone(WebRtcConfig(address_burst=1000.0), doorman)
    await telephone.start(echo)
    return await listening(list(telephone.routes())), telephone


async def serve_aiortc() -> tuple[int, object]:
    peers: set[RTCPeerConnection] = set()

    async def phone(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        offer = await socket.receive_json()
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peers.add(peer)

        def echoed(track: MediaStreamTrack) -> None:
            peer.addTrack(track)

        peer.on("track", echoed)
        await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        await socket.send_json({"type": "answer", "sdp": peer.localDescription.sdp})
        await socket.receive()
        await peer.close()
        return socket

    return await listening([web.get("/phone", phone)]), peers


async def listening(routes: list[web.RouteDef]) -> int:
    application = web.Application()
    application.add_routes(routes)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return int(runner.addresses[0][1])


async def serve(kind: str) -> None:
    port, _kept = await (serve_ours() if kind == "ours" else serve_aiortc())
    print(port, flush=True)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.readline)
    before, begun = time.process_time(), loop.time()
    await loop.run_in_executor(None, sys.stdin.readline)
    print(json.dumps({"cpu": time.process_time() - before, "wall": loop.time() - begun}), flush=True)
    os._exit(0)


# ------------------------------------------------------------ the load


async def load(port: int, calls: int, seconds: float) -> None:
    """Connects, tells that everybody is, lets them talk, and prints how much came back to each of them, and how fast they
    were connected."""
    pages = [Browser(f"http://127.0.0.1:{port}/phone", token="demo") for _ in range(calls)]
    connected: list[float] = []
    for page in pages:
        await page.__aenter__()
        began = time.monotonic()
        await page.offer()
        connected.append(time.monotonic() - began)
    before = [len(page.heard) for page in pages]
    for page in pages:
        page.say(TONE * math.ceil(seconds + 1))
    print("connected", flush=True)
    began = time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    returned = [(len(page.heard) - start) / (16_000 * took) for page, start in zip(pages, before, strict=True)]
    print(json.dumps({"returned": sum(returned) / calls, "connected": sorted(connected)[calls // 2]}), flush=True)
    os._exit(0)


@dataclass(frozen=True)
class Result:
    cpu_per_call: float  # seconds of CPU per second and call
    returned: float  # share of sound that came back
    connected: float  # seconds from offer to open keys, the median, one after the other

    @property
    def calls_per_core(self) -> float:
        return 1 / self.cpu_per_call


def measure(kind: str, calls: int, seconds: float) -> Result:
    module = [sys.executable, "-m", "bench.browser_calls"]
    server = subprocess.Popen([*module, "--serve", kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    browsers = subprocess.Popen([*module, "--load", port, str(calls), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert browsers.stdout is not None
    browsers.stdout.readline()
    server.stdin.write("\n")
    server.stdin.flush()
    told = json.loads(browsers.stdout.readline())
    server.stdin.write("\n")
    server.stdin.flush()
    usage = json.loads(server.stdout.readline())
    server.wait()
    browsers.wait()
    returned = min(1.0, told["returned"])
    return Result(usage["cpu"] / usage["wall"] / calls / max(0.01, returned), told["returned"], told["connected"])


def main(arguments: list[str]) -> None:
    calls = int(arguments[0]) if arguments else 15
    seconds = float(arguments[1]) if len(arguments) > 1 else 8.0
    results = {kind: measure(kind, calls, seconds) for kind in ("aiortc", "ours")}
    for kind, result in results.items():
        print(
            f"{kind:6} {calls} calls: {100 * calls * result.cpu_per_call:5.1f} % of a core, "
            f"so {result.calls_per_core:4.0f} calls a core; {100 * result.returned:.0f} % of the sound came back; "
            f"connected in {1000 * result.connected:.0f} ms"
        )
    share = results["ours"].calls_per_core / results["aiortc"].calls_per_core
    print(f"our media carries {share:.1f} times the calls of aiortc's own")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        uvloop.run(serve(sys.argv[2]))
    elif sys.argv[1:2] == ["--load"]:
        uvloop.run(load(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
    else:
        main(sys.argv[1:])
