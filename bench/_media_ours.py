"""Our side of `bench media_streams`: the adapter's leg behind its own link, playing speech without a pause."""

from __future__ import annotations

import asyncio
import json
from array import array

import uvloop
from aiohttp import web

from careline.ports import Frame, Played
from careline.telephony.twilio.link import Limits, Link
from careline.telephony.twilio.media import LIMITS, MediaLeg
from careline.wire import twilio_media

PIECE = array("h", [6000 if n % 20 < 10 else -6000 for n in range(1600)]).tobytes()  # 200 ms, as the mouth sends it
AHEAD = 3


async def answer_and_play(leg: MediaLeg) -> None:
    """What a sentence without end would do: the next piece whenever a mark comes back; every frame is looked at."""
    for number in range(AHEAD):
        leg.play(PIECE)
        leg.mark(f"sentence/{number}")
    loudest = 0
    async for event in leg.events():
        if isinstance(event, Frame):
            loudest = max(loudest, event.pcm[1])
        elif isinstance(event, Played):
            leg.play(PIECE)
            leg.mark(event.mark)


async def media(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(max_msg_size=twilio_media.LONGEST_MESSAGE, compress=False)
    await socket.prepare(request)
    while not isinstance(start := twilio_media.read(await socket.receive_str()), twilio_media.Start):
        pass
    leg = MediaLeg(lambda: start.call, "", "", lambda: None)
    link = Link(socket, 10.0, Limits(LIMITS.messages, LIMITS.letters, 60), constant=True)
    leg.attach(link, start)
    playing = asyncio.create_task(answer_and_play(leg))
    await link.run(leg)
    leg.gone("remote")
    await playing
    return socket


async def serve() -> None:
    application = web.Application()
    application.add_routes([web.get("/media", media)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve())
