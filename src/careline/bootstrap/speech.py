"""Which voice and which ears an installation has. The embedded ones need no download; others come by configuration and have the
embedded ones below them on the ladder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from careline.core.contact import Hearing
from careline.core.errors import Refused
from careline.speech.deepgram import DeepgramRecogniser, StreamServer
from careline.speech.espeak import EspeakVoice
from careline.speech.keys import KeyEars
from careline.speech.ladder import LadderEars
from careline.speech.open import OpenEars
from careline.speech.openai import OpenAiRecogniser, OpenAiServer
from careline.speech.pocketsphinx import PocketsphinxEars

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.speech.open.scribe import Recogniser

EARS = ("embedded", "openai", "deepgram")


@dataclass(frozen=True, slots=True)
class EarSettings:
    """`kind` is one of `EARS`; the rest is for servers."""

    kind: str = "embedded"
    url: str = ""
    model: str = ""
    key: str = ""


def ear_settings(environment: Mapping[str, str] | None = None) -> EarSettings:
    """Raises `Refused` with one line naming the variable and the mend."""
    env = os.environ if environment is None else environment
    kind = env.get("CARELINE_EARS") or "embedded"
    if kind not in EARS:
        raise Refused(f"CARELINE_EARS must be one of: {', '.join(EARS)}")
    url = (env.get("CARELINE_EARS_URL") or "").rstrip("/")
    schemes = {"openai": ("http", "https"), "deepgram": ("ws", "wss")}.get(kind)
    if schemes and (urlsplit(url).scheme not in schemes or not urlsplit(url).netloc):
        example = {"openai": "http://localhost:9000/v1", "deepgram": "wss://api.deepgram.com/v1/listen"}[kind]
        raise Refused(f"CARELINE_EARS_URL must be the server's address, as in {example}")
    return EarSettings(kind, url, env.get("CARELINE_EARS_MODEL") or "", env.get("CARELINE_EARS_KEY") or "")


def recogniser(settings: EarSettings) -> Recogniser | None:
    """What hears free speech; None when nothing does."""
    if settings.kind == "openai":
        return OpenAiRecogniser(OpenAiServer(settings.url, settings.model or "whisper-1", settings.key))
    if settings.kind == "deepgram":
        return DeepgramRecogniser(StreamServer(settings.url, settings.model or "nova-3", settings.key))
    return None


class HouseEars:
    """`ports.Ears`: the ladder of this installation, with what each rung runs on. `start` before use, `stop` at the end."""

    def __init__(self, settings: EarSettings) -> None:
        found = recogniser(settings)
        self._open = None if found is None else OpenEars(found)
        self.closed = PocketsphinxEars()
        rungs = [rung for rung in (self._open, self.closed, KeyEars()) if rung is not None]
        self._ladder = LadderEars(rungs)
        self.listen = self._ladder.listen

    async def start(self) -> None:
        await self.closed.start()
        if self._open is not None:
            await self._open.start()

    async def stop(self) -> None:
        if self._open is not None:
            await self._open.stop()
        await self.closed.stop()


def hearing(environment: Mapping[str, str] | None = None) -> Hearing:
    """How well this installation hears when all is up."""
    return Hearing.CLOSED if ear_settings(environment).kind == "embedded" else Hearing.OPEN


def voice() -> EspeakVoice:
    return EspeakVoice()


def ears(environment: Mapping[str, str] | None = None) -> HouseEars:
    return HouseEars(ear_settings(environment))
