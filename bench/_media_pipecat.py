"""Pipecat's side of `bench media_streams`: its own Twilio serializer, its own WebSocket transport, and a source of speech.

Run by an interpreter that has Pipecat (requirements/bench.txt); imports nothing of ours.
"""

from __future__ import annotations

import asyncio
import json
import socket
from array import array

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame, StartFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport

logger.remove()
PIECE = array("h", [6000 if n % 20 < 10 else -6000 for n in range(1600)]).tobytes()  # 200 ms
PIECE_S, AHEAD = 0.2, 3
application = FastAPI()


class Speech(FrameProcessor):
    """Speaks without a pause; looks at every frame that comes in."""

    def __init__(self) -> None:
        super().__init__()
        self.loudest = 0
        self.speaking: asyncio.Task[None] | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self.speaking = asyncio.create_task(self.speak())
        if isinstance(frame, InputAudioRawFrame):
            self.loudest = max(self.loudest, frame.audio[1])
            return
        await self.push_frame(frame, direction)

    async def speak(self) -> None:
        """Three pieces ahead, and then one every 200 ms: the transport paces them."""
        loop = asyncio.get_running_loop()
        begun, number = loop.time(), 0
        while True:
            await asyncio.sleep(max(0.0, begun + (number - AHEAD) * PIECE_S - loop.time()))
            await self.push_frame(OutputAudioRawFrame(PIECE, 8000, 1))
            number += 1

    async def cleanup(self) -> None:
        if self.speaking is not None:
            self.speaking.cancel()
        await super().cleanup()


@application.websocket("/media")
async def media(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive_text()  # connected
    start = json.loads(await websocket.receive_text())["start"]
    serializer = TwilioFrameSerializer(
        stream_sid=start["streamSid"],
        call_sid=start["callSid"],
        params=TwilioFrameSerializer.InputParams(auto_hang_up=False),
    )
    transport = FastAPIWebsocketTransport(
        websocket=websocket,
        params=FastAPIWebsocketParams(
            audio_in_enabled=True, audio_out_enabled=True, add_wav_header=False, serializer=serializer
        ),
    )
    pipeline = Pipeline([transport.input(), Speech(), transport.output()])
    params = PipelineParams(audio_in_sample_rate=8000, audio_out_sample_rate=8000)
    task = PipelineTask(pipeline, params=params)

    @transport.event_handler("on_client_disconnected")
    async def gone(_transport: object, _client: object) -> None:
        await task.cancel()

    await PipelineRunner(handle_sigint=False).run(task)


async def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", ws="websockets"))
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    await server.serve(sockets=[listening])


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
