"""The SIP telephone and baresip, a softphone people really use: audio, keys, hold, both directions."""

from __future__ import annotations

import asyncio
import contextlib
import json
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sip_house import TONE, Answered, free_port, house, needs, run

from careline.ports import DialFailed, Held, Key

CONFIG = """poll_method epoll
sip_listen 127.0.0.1:{sip}
audio_source aufile,{folder}/tone.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


class Baresip:
    """A running baresip, told what to do over its control port; what it reports is kept in order."""

    def __init__(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.uri = f"sip:5550123@127.0.0.1:{port}"
        self._reader, self._writer = reader, writer
        self.seen: list[str] = []

    def tell(self, command: str, argument: str = "") -> None:
        text = json.dumps({"command": command, "params": argument}).encode()
        self._writer.write(b"%d:%s," % (len(text), text))

    async def reports(self, kind: str) -> None:
        """Until baresip has reported an event of this kind."""
        while kind not in self.seen:
            length = (await self._reader.readuntil(b":"))[:-1]
            message = json.loads((await self._reader.readexactly(int(length) + 1))[:-1])
            self.seen.append(message.get("type", "response"))

    def press(self, digits: str) -> None:
        for digit in digits:
            self.tell("sndcode", digit)
            self.tell("sndcode", "")


@contextlib.asynccontextmanager
async def baresip(folder: Path, *, answers: bool = False) -> AsyncIterator[Baresip]:
    needs("baresip")
    sip, control = free_port(), free_port()
    (folder / "config").write_text(CONFIG.format(sip=sip, control=control, folder=folder))
    mode = ";answermode=auto" if answers else ""
    (folder / "accounts").write_text(f"<sip:5550123@127.0.0.1:{sip}>;regint=0{mode}\n")
    with wave.open(str(folder / "tone.wav"), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(TONE * 20)
    process = await asyncio.create_subprocess_exec(
        "baresip", "-f", str(folder), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    async for line in process.stdout:
        if b"baresip is ready" in line:
            break
    drain = asyncio.create_task(process.stdout.read())
    reader, writer = await asyncio.open_connection("127.0.0.1", control)
    try:
        yield Baresip(sip, reader, writer)
    finally:
        writer.close()
        process.terminate()
        await drain
        await process.wait()


def test_a_softphone_calls_is_heard_and_presses_keys(tmp_path: Path) -> None:
    async def story() -> None:
        async with house() as home, baresip(tmp_path) as phone:
            phone.tell("dial", f"sip:5550100@{home.target}")
            call = await home.answered.get()
            call.leg.play(TONE)
            await phone.reports("CALL_ESTABLISHED")
            await phone.reports("CALL_RTPESTAB")
            await call.until(lambda: len(call.frames) > 50 and max(memoryview(call.frames[-1].pcm).cast("h")) > 5000)
            phone.press("911#")
            await call.until(lambda: len(call.events) >= 4)
            assert [event.digit for event in call.events if isinstance(event, Key)] == list("911#")
            assert sum(frame.lost for frame in call.frames[20:]) < len(call.frames) / 10
            phone.tell("hangup")
            assert await call.over() == "remote"

    run(story())


def test_a_softphone_puts_us_on_hold_and_takes_us_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with house() as home, baresip(tmp_path) as phone:
            phone.tell("dial", f"sip:5550100@{home.target}")
            call = await home.answered.get()
            await phone.reports("CALL_ESTABLISHED")
            phone.tell("hold")
            await call.until(lambda: any(isinstance(event, Held) and event.on for event in call.events))
            phone.tell("resume")
            await call.until(lambda: any(isinstance(event, Held) and not event.on for event in call.events))
            await call.leg.hang_up()
            await phone.reports("CALL_CLOSED")
            assert await call.over() == "local"

    run(story())


@pytest.mark.parametrize("who", ["we", "they"])
def test_a_softphone_we_call_answers_and_is_heard(tmp_path: Path, who: str) -> None:
    async def story() -> None:
        async with house() as home, baresip(tmp_path, answers=True) as phone:
            leg = await home.phone.dial(phone.uri, "5550100", 10)
            assert not isinstance(leg, DialFailed)
            call = Answered(leg)
            listening = asyncio.create_task(call.listen())
            await call.until(lambda: bool(call.frames) and max(memoryview(call.frames[-1].pcm).cast("h")) > 5000)
            if who == "we":
                await leg.hang_up()
                await phone.reports("CALL_CLOSED")
            else:
                phone.tell("hangup")
            assert await call.over() == ("local" if who == "we" else "remote")
            await listening

    run(story())
