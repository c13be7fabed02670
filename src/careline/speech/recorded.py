"""Human recordings in place of the synthetic voice, for the sentences a practice has had read.

A practice's folder holds pairs: `greeting.wav` and, beside it, `greeting.en.txt` with the very sentence that was read (`.es.txt`
for Spanish). A sentence is played from its recording only while its words are exactly those; when the words change, the synthetic
voice takes over until somebody reads the new ones. So a recording can never say something else than the record claims.
"""

from __future__ import annotations

import wave
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
    """`ports.Voice` over another one. `recordings` maps (language, words) to 8 kHz pcm16; `read_recordings` makes it."""

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


def read_recordings(folder: Path) -> dict[tuple[str, str], bytes]:
    """Every pair in the folder. Raises `DataFileError` for a sentence without sound, or sound that cannot be used."""
    found: dict[tuple[str, str], bytes] = {}
    for written in sorted(folder.glob("*.*.txt")):
        name, language, _ = written.name.rsplit(".", 2)
        sound = folder / f"{name}.wav"
        if not sound.exists():
            raise DataFileError(
                written.name, 1, f"there is no {sound.name} beside it", "record the sentence, or delete the text"
            )
        found[language, words_of(written.read_text(encoding="utf-8"))] = _read_wave(sound)
    return found


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
