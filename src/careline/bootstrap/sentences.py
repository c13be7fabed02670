"""A practice's own recordings of fixed sentences: checked beside its file, copied into the installation, played in its calls."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from careline.bootstrap import data
from careline.core.errors import Refused
from careline.speech.recorded import RecordedVoice, Recordings, read_recordings, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.calls.mouth import SoundCache
    from careline.core.practice import Practice
    from careline.ports import Voice

FOLDER = "sentences"  # in the installation's data folder, one folder per practice


def wanted(practice: Practice) -> Mapping[tuple[str, str], str]:
    """Every sentence that is spoken word for word to this practice's callers, by (id, language)."""
    found: dict[tuple[str, str], str] = {}
    for language in practice.languages:
        found["greeting.practice", language] = practice.greeting[language]
        found |= {(f"faq.{topic}", language): texts[language] for topic, texts in practice.faq.items()}
        found |= {(name, language): text for name, text in data.words().fixed(language).items()}
    return found


def beside(name: str, practice: Practice) -> Recordings | None:
    """What the folder named in a practice's file holds; None when it names none."""
    folder = _folder(name, practice)
    return read_recordings(folder, wanted(practice)) if folder else None


def install(name: str, practice: Practice, kept: Path) -> None:
    """Copy the folder's sounds to where this installation's voice process looks. The file is in force without them until then."""
    source, target = _folder(name, practice), kept / practice.id
    try:
        shutil.rmtree(target, ignore_errors=True)
        if source is not None:
            shutil.copytree(source, target)
    except OSError as error:
        raise Refused(f"cannot copy {source} to {target} ({error.strerror})") from error


def _folder(name: str, practice: Practice) -> Path | None:
    if not practice.sentences:
        return None
    path, _ = data.practice_source(name)
    folder = Path(path).parent / practice.sentences
    if not folder.is_dir():
        raise Refused(f"{path}: there is no folder {folder} for `sentences`: make it, or take the line out")
    return folder


class Voices:
    """The voice of each practice, and a cache of its own, since the same words may sound differently in each."""

    def __init__(self, synthetic: Voice, shared: SoundCache, kept: Path) -> None:
        self._synthetic, self._shared, self._kept = synthetic, shared, kept
        self._own: dict[str, tuple[Voice, SoundCache]] = {}

    @property
    def plain(self) -> tuple[Voice, SoundCache]:
        return self._synthetic, self._shared

    async def of(self, practice: Practice) -> tuple[Voice, SoundCache]:
        """Recordings are read once per process, outside the media loop."""
        folder = self._kept / practice.id
        if not practice.sentences:
            return self.plain
        if practice.id not in self._own:
            texts = wanted(practice)
            sounds = dict((await asyncio.to_thread(read_recordings, folder, texts)).sounds)
            for (_, language), text in texts.items():  # what is recorded needs no respelling for the voice
                if (sound := sounds.get((language, words_of(text)))) is not None:
                    sounds[language, words_of(practice.speech.respelled(text, language))] = sound
            self._own[practice.id] = RecordedVoice(self._synthetic, sounds), self._shared.apart()
        return self._own[practice.id]
