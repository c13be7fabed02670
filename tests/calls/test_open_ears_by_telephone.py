"""A whole call with open ears: spoken over SIP, recognised by a server, and carried on when that is killed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import pytest
from calls_house import Service, ring, run, serving
from calls_record import until

from careline.speech.espeak import EspeakVoice
from careline.testing.recogniser import Line
from careline.testing.telephone import Softphone

STORY = "I need a refill of my metformin"
pytestmark = pytest.mark.timeout(110)


@pytest.fixture
def story() -> bytes:
    async def spoken() -> bytes:
        voice = EspeakVoice({"en": "en-us+f2"})
        await voice.start()
        pcm = b"".join([piece async for piece in voice.render(STORY, "en", 1.0)])
        await voice.stop()
        return pcm

    return asyncio.run(spoken())


@pytest.fixture
def recogniser(tmp_path: Path, story: bytes) -> Iterator[tuple[subprocess.Popen[str], str]]:
    script = tmp_path / "lines.json"
    script.write_text(json.dumps([asdict(Line.of(STORY, story))]))
    command = [sys.executable, "-m", "careline.testing.recogniser", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, f"ws://127.0.0.1:{int(process.stdout.readline())}/v1/listen"
        process.kill()


def test_free_speech_over_sip_is_understood_and_the_call_outlives_its_recogniser(
    db: object, demo: UUID, recogniser: tuple[subprocess.Popen[str], str], story: bytes
) -> None:
    process, url = recogniser

    async def talk(service: Service) -> None:
        async with Softphone("+12125550190") as phone:
            call = await ring(phone, service)
            await call.hears_silence(1.2, 60.0)
            call.play(story)
            found = await until(
                service.practice, lambda r: any(t.who == "caller" and t.confidence > 0.9 for t in r["turns"]), 20
            )
            assert found["contacts"]
            process.kill()
            await call.hears_silence(1.2, 60.0)
            call.play(story)
            await call.hears_sound(10.0)
            call.hang_up()
            found = await until(service.practice, lambda r: r["contacts"][0].state == "closed", 10)
        assert found["messages"] or found["callbacks"], "what was said before the recogniser died is passed on"

    with serving(db, demo, CARELINE_EARS="deepgram", CARELINE_EARS_URL=url) as service:
        run(talk(service))
