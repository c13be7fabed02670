"""One embedded voice and one pair of embedded ears for all these tests: starting them costs a second."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import uvloop

from careline.speech.espeak import EspeakVoice
from careline.speech.pocketsphinx import PocketsphinxEars

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the voice process does
        yield runner


@pytest.fixture(scope="module")
def voice(loop: asyncio.Runner) -> Iterator[EspeakVoice]:
    voice = EspeakVoice()
    loop.run(voice.start())
    yield voice
    loop.run(voice.stop())


@pytest.fixture(scope="module")
def ears(loop: asyncio.Runner) -> Iterator[PocketsphinxEars]:
    ears = PocketsphinxEars(processes=2)
    loop.run(ears.start())
    yield ears
    loop.run(ears.stop())
