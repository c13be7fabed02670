"""Human recordings in place of the synthetic voice, for the sentences a practice has had read.

A practice's folder holds `<sentence>.<language>.wav`, as in `greeting.assistant.en.wav`; which sentences there are is what
`careline practices check` lists. Beside it may stand `<sentence>.<language>.txt` with the very words that were read: when the
product's words change, the recording rests and the synthetic voice takes over until somebody reads the new ones.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.errors import DataFileError
from careline.speech.resample import Downsampler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from careline.ports import Voice

_MOST_SECONDS = 120
_PIECE = 3200  # 200 ms


class RecordedVoice:
    """`ports.Voice` over another one. `recordings` maps (language, words) to 8 kHz pcm16 (`Recordings.sounds`)."""

    def __init__(self, otherwise: Voice, recordings: Mapping[tuple[str, str], bytes]) -> None:
        self._otherwise, self._recordings = otherwise, recordings

    async def render(self, text: str, language: str, pace: float) -> AsyncIterator[bytes]:
        recorded = self._recordings.get((language, words_of(text))) if pace >= 1.0 else None
        if recorded is None:
            async for pcm in self._otherwise.render(text, language, pace):
                yield pcm
            return
        for start in range(0, len(recorded), _PIECE):
            yield recorded[start : start + _PIECE]


def words_of(text: str) -> str:
    """What makes two sentences the same when spoken: letters and digits, whatever the spacing, case and punctuation."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())


@dataclass(frozen=True, slots=True)
class Recordings:
    """What a folder holds of the sentences wanted: sounds by (language, words), the names that are `missing`, and what is `wrong`
    with others, each in one line. What is not here is spoken by the synthetic voice."""

    sounds: Mapping[tuple[str, str], bytes]
    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


def read_recordings(folder: Path, sentences: Mapping[tuple[str, str], str]) -> Recordings:
    """`sentences` maps (id, language) to the words. A file that cannot be used is told of, and costs only its own sentence."""
    sounds: dict[tuple[str, str], bytes] = {}
    missing: list[str] = []
    wrong: list[str] = []
    for (name, language), text in sentences.items():
        path = folder / f"{name}.{language}.wav"
        if not path.is_file():
            missing.append(path.name)
            continue
        try:
            _still_said(path.with_suffix(".txt"), text)
            sounds[language, words_of(text)] = _read_wave(path)
        except DataFileError as error:
            wrong.append(str(error))
    known = {f"{name}.{language}.wav" for name, language in sentences}
    wrong += [
        f"{path.name}: no sentence has this name" for path in sorted(folder.glob("*.wav")) if path.name not in known
    ]
    return Recordings(sounds, tuple(missing), tuple(wrong))


def _still_said(written: Path, text: str) -> None:
    """Where it stands beside the sound what was read, that must be what is said now."""
    if written.is_file() and words_of(written.read_text(encoding="utf-8", errors="replace")) != words_of(text):
        raise DataFileError(written.name, 1, "what was read is not what is said now", f"read this instead: {text}")


def _read_wave(path: Path) -> bytes:
    mend = "save it as WAV, 16 bits, mono, at least 8,000 samples a second"
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != 2 or file.getnchannels() != 1 or file.getframerate() < 8000:
                raise DataFileError(path.name, 1, "not in a form that can be played", mend)
            if file.getnframes() > _MOST_SECONDS * file.getframerate():
                raise DataFileError(path.name, 1, f"longer than {_MOST_SECONDS} s", "record one sentence per file")
            telephone = Downsampler(file.getframerate())
            pcm = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise DataFileError(path.name, 1, "not a WAV file", mend) from error
    return telephone.feed(pcm[: len(pcm) // 2 * 2]) + telephone.flush()
