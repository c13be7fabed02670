"""Which voice and which ears an installation has. The embedded ones need no download; others come by configuration and have the
embedded ones below them on the ladder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from careline.bootstrap import data
from careline.calls.mouth import SoundCache
from careline.core.contact import Hearing
from careline.core.dialogue.engine import RECORDED_WORDS
from careline.core.errors import Refused
from careline.ports import Voice
from careline.speech.deepgram import DeepgramRecogniser, StreamServer
from careline.speech.espeak import EspeakVoice
from careline.speech.flite import FliteVoice
from careline.speech.keys import KeyEars
from careline.speech.ladder import LadderEars
from careline.speech.open import OpenEars
from careline.speech.openai import OpenAiRecogniser, OpenAiServer
from careline.speech.openai.voice import OpenAiVoice
from careline.speech.piper import PiperVoice
from careline.speech.pocketsphinx import PocketsphinxEars
from careline.speech.recorded import read_recordings, words_of
from careline.speech.voices import LadderVoice

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


VOICES = ("espeak", "flite", "openai", "piper")


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """`kind` is one of `VOICES`. `name`: the speaker's name there; `model`: a server's model, or piper's file."""

    kind: str = "espeak"
    url: str = ""
    model: str = ""
    name: str = ""
    key: str = ""

    @property
    def fingerprint(self) -> str:
        """What makes sound kept from an earlier run still right."""
        return f"{self.kind} {self.url} {self.model} {self.name}"


def voice_settings(environment: Mapping[str, str] | None = None) -> VoiceSettings:
    """Raises `Refused` with one line naming the variable and the mend."""
    env = os.environ if environment is None else environment
    kind = env.get("CARELINE_VOICE") or "espeak"
    if kind not in VOICES:
        raise Refused(f"CARELINE_VOICE must be one of: {', '.join(VOICES)}")
    url = (env.get("CARELINE_VOICE_URL") or "").rstrip("/")
    if kind == "openai" and urlsplit(url).scheme not in ("http", "https"):
        raise Refused("CARELINE_VOICE_URL must be the server's address, as in http://localhost:9001/v1")
    found = (env.get(f"CARELINE_VOICE_{name}") or "" for name in ("MODEL", "NAME", "KEY"))
    return VoiceSettings(kind, url, *found)


class Startable(Voice, Protocol):
    """A voice with something to start and stop."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class HouseVoice:
    """`ports.Voice`: the configured voice, with espeak-ng below it. `start` before use, `stop` at the end."""

    def __init__(self, settings: VoiceSettings) -> None:
        self.embedded = EspeakVoice({"en": settings.name} if settings.kind == "espeak" and settings.name else None)
        chosen = _chosen(settings)
        self._rungs: list[Startable] = [self.embedded] if chosen is None else [chosen, self.embedded]
        self.render = LadderVoice(self._rungs).render

    async def start(self) -> None:
        for rung in self._rungs:
            await rung.start()

    async def stop(self) -> None:
        for rung in self._rungs:
            await rung.stop()


def _chosen(settings: VoiceSettings) -> Startable | None:
    match settings.kind:
        case "flite":
            return FliteVoice(settings.name or "slt")
        case "openai":
            server = OpenAiServer(settings.url, settings.model or "tts-1", settings.key)
            return OpenAiVoice(server, settings.name or "alloy")
        case "piper":
            return PiperVoice(settings.model)
        case _:
            return None


def recorded_words() -> dict[tuple[str, str], bytes]:
    """The sentence that needs no voice, by language and text. Missing when its text was changed and not recorded anew."""
    said = {(RECORDED_WORDS, code): data.words().of(RECORDED_WORDS, code) for code in data.LANGUAGES}
    sounds = read_recordings(Path(str(resources.files("careline.speech"))) / "last_words", said).sounds
    found = {(code, text): sounds.get((code, words_of(text))) for (_, code), text in said.items()}
    return {key: pcm for key, pcm in found.items() if pcm is not None}


def sound_cache(folder: Path, settings: VoiceSettings) -> SoundCache:
    return SoundCache(folder / "sounds", settings.fingerprint, recorded_words())


def voice(environment: Mapping[str, str] | None = None) -> HouseVoice:
    return HouseVoice(voice_settings(environment))


def ears(environment: Mapping[str, str] | None = None) -> HouseEars:
    return HouseEars(ear_settings(environment))
