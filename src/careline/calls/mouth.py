"""Says sentences on a leg, in order, and knows how much of each was heard.

Audio goes out in pieces of 200 ms with a mark behind each; a mark that comes back tells when its piece was really sent, which is
what the recording and "how far was it heard" go by.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections import OrderedDict, deque
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from careline.core.contact import Say, Spoken
from careline.core.errors import CarelineError
from careline.ports import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from pathlib import Path

    from careline.ports import Leg, Voice

_PIECE = SAMPLE_RATE * 2 // 5  # 200 ms
_RECENT = SAMPLE_RATE * 2
_MOST_CACHED = 256
_RENDER_SECONDS = 5.0


class SoundCache:
    """Fixed sentences, rendered once per node. Shared by all calls. `recorded` holds those that need no voice at all; `folder`
    keeps the others between runs, under names that only the same words of the same `voice` have."""

    def __init__(
        self, folder: Path | None = None, voice: str = "", recorded: Mapping[tuple[str, str], bytes] | None = None
    ) -> None:
        self._sounds: OrderedDict[tuple[str, str, float], bytes] = OrderedDict()
        self._folder, self._named, self._recorded = folder, voice, dict(recorded or {})
        self._writing: set[asyncio.Task[None]] = set()

    def apart(self) -> SoundCache:
        """An empty one with the same recorded sentences, for a practice whose words sound differently."""
        return SoundCache(recorded=self._recorded)

    def get(self, sentence: Say) -> bytes | None:
        recorded = self._recorded.get((sentence.language, sentence.text))
        if recorded is not None:
            return recorded
        key = (sentence.text, sentence.language, sentence.pace)
        if key in self._sounds:
            self._sounds.move_to_end(key)
        elif sentence.fixed and (kept := self._read(sentence)):
            self._remember(sentence, kept)
        return self._sounds.get(key)

    def put(self, sentence: Say, pcm: bytes) -> None:
        self._remember(sentence, pcm)
        if self._folder is not None:
            task = asyncio.create_task(asyncio.to_thread(_write, self._file(self._folder, sentence), pcm))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def written(self) -> None:
        """Until what is to be kept lies in the folder."""
        await asyncio.gather(*self._writing)

    def _remember(self, sentence: Say, pcm: bytes) -> None:
        self._sounds[sentence.text, sentence.language, sentence.pace] = pcm
        while len(self._sounds) > _MOST_CACHED:
            self._sounds.popitem(last=False)

    def _file(self, folder: Path, sentence: Say) -> Path:
        said = "\0".join((self._named, sentence.language, f"{sentence.pace:g}", sentence.text))
        return folder / f"{hashlib.sha256(said.encode()).hexdigest()}.pcm"

    def _read(self, sentence: Say) -> bytes | None:
        """A few dozen kilobytes, once per sentence and run: less than a frame's time."""
        if self._folder is None:
            return None
        try:
            return self._file(self._folder, sentence).read_bytes()
        except OSError:
            return None


def _write(file: Path, pcm: bytes) -> None:
    """Whole or not at all. A disk that is full costs the rendering next time, nothing else."""
    draft = file.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(pcm)
        draft.replace(file)


@dataclass(slots=True)
class _Sounding:
    """The sentence being said. `sent` and `total` are bytes; `total` grows while it is still being rendered."""

    sentence: Say
    offset: int = 0  # characters of the whole sentence that lie before this part of it
    total: int = 0
    sent: int = 0
    started: float | None = None
    ended: float | None = None
    interrupted: bool = False
    pieces: deque[bytes] = field(default_factory=deque[bytes])
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class Mouth:
    """One leg's voice. `sent(pcm, ended_at)` hears of every piece that went out; `spoken` of every sentence that ended;
    `begun` of every one that begins to sound."""

    def __init__(
        self,
        leg: Leg,
        voice: Voice,
        cache: SoundCache,
        sent: Callable[[bytes, float], None],
        spoken: Callable[[Say, Spoken], None],
        begun: Callable[[Say], None] | None = None,
    ) -> None:
        self._leg, self._voice, self._cache, self._sent, self._spoken = leg, voice, cache, sent, spoken
        self._begun = begun
        self._queue: asyncio.Queue[Say | None] = asyncio.Queue()
        self._now: _Sounding | None = None
        self._skip: set[str] = set()
        self._waiting: list[Say] = []
        self._count = 0
        self._recent = bytearray()
        self._cut: list[tuple[Say, int]] = []  # stopped by a sound that may have meant nothing, with where to go on
        self._offsets: dict[str, int] = {}
        self._resumable = False
        self.respell: Callable[[str, str], str] | None = None  # words and language to what the voice is given
        self.voiceless: Callable[[], None] | None = None  # told when a sentence could not be said at all

    @property
    def speaking(self) -> Say | None:
        return self._now.sentence if self._now is not None else None

    @property
    def idle(self) -> bool:
        return self._now is None and not self._waiting

    @property
    def resumable(self) -> bool:
        """Whether something was cut off that `resume` would go on with."""
        return bool(self._cut)

    def sounding(self) -> bytes:
        """What went out lately, and the piece that is going out now."""
        now = self._now
        return bytes(self._recent) + b"".join(list(now.pieces)[:2] if now is not None else ())

    def say(self, sentence: Say) -> None:
        self._cut.clear()
        self._queue_up(sentence)

    def resume(self) -> None:
        """Go on with what was cut off, from the beginning of the clause."""
        cut, self._cut = self._cut, []
        for sentence, start in cut:
            self._skip.discard(sentence.id)
            self._offsets[sentence.id] = start
            self._queue_up(replace(sentence, text=sentence.text[start:], fixed=sentence.fixed and not start))

    def _queue_up(self, sentence: Say) -> None:
        self._waiting.append(sentence)
        self._queue.put_nowait(sentence)

    def close(self) -> None:
        """Hang up once everything was said."""
        self._queue.put_nowait(None)

    def interrupt(self, *, resumable: bool = False) -> bool:
        """Stop talking, as far as it may be stopped: sentences that must be heard whole still are. Returns whether it did.
        `resumable`: `resume` can go on with it, until something else is said."""
        skipped = [sentence for sentence in self._waiting if sentence.interruptible]
        self._resumable = resumable
        self._cut = [(sentence, 0) for sentence in skipped] if resumable else []
        self._skip.update(sentence.id for sentence in skipped)
        now = self._now
        if now is None or not now.sentence.interruptible or now.interrupted:
            return bool(skipped)
        now.interrupted = True
        self._cut_off(now)
        now.moved.set()
        return True

    def _cut_off(self, now: _Sounding) -> None:
        """What went out of the piece that was just sounding was heard too; it follows the last piece without a gap."""
        left, waiting = self._leg.clear(), b"".join(now.pieces)
        now.pieces.clear()
        begun = waiting[: max(0, len(waiting) - left)]
        if begun and now.ended is not None:
            now.sent += len(begun)
            now.ended += len(begun) / (2 * SAMPLE_RATE)
            self._sent(begun, now.ended)

    def played(self, mark: str, at: float) -> None:
        """A mark came back: its piece has been sent by `at` (seconds of the leg)."""
        now = self._now
        name, _, _ = mark.rpartition("/")
        if now is None or name != now.sentence.id or not now.pieces:
            return
        piece = now.pieces.popleft()
        self._recent = (self._recent + piece)[-_RECENT:]
        now.sent += len(piece)
        now.ended = at
        if now.started is None:
            now.started = at - len(piece) / (2 * SAMPLE_RATE)
        self._sent(piece, at)
        now.moved.set()

    async def run(self) -> None:
        """Say what is queued until closed."""
        while (sentence := await self._queue.get()) is not None:
            self._waiting.remove(sentence)
            if sentence.id in self._skip:
                self._skip.discard(sentence.id)
                self._spoken(sentence, Spoken(sentence.id, 0))
                continue
            await self._say_one(sentence)
        await self._leg.hang_up()

    async def _say_one(self, sentence: Say) -> None:
        now = self._now = _Sounding(sentence, self._offsets.pop(sentence.id, 0))
        failed = False
        try:
            async with asyncio.timeout(_RENDER_SECONDS), aclosing(self._audio(sentence)) as audio:
                async for pcm in audio:
                    if now.interrupted:
                        break
                    if not now.total and self._begun is not None:
                        self._begun(sentence)
                    self._put(now, pcm)
        except (CarelineError, TimeoutError):
            failed = True  # the voice is away: what was rendered is played, and the rest counts as not heard
        while now.pieces and not now.interrupted:
            now.moved.clear()
            await now.moved.wait()
        self._now = None
        self._ended(now, failed=failed)

    def _ended(self, now: _Sounding, *, failed: bool) -> None:
        sentence = now.sentence
        upto = len(sentence.text)
        if now.interrupted or failed:
            upto = round(upto * now.sent / now.total) if now.total else 0
        if now.interrupted and self._resumable:
            start = max(sentence.text.rfind(sign, 0, upto) for sign in (", ", ". ", "? ", "; "))
            self._cut.insert(0, (sentence, start + 2 if start >= 0 else 0))
        self._spoken(sentence, Spoken(sentence.id, now.offset + upto, now.started, now.ended))
        if failed and not now.total and not now.interrupted and self.voiceless is not None:
            self.voiceless()

    async def _audio(self, sentence: Say) -> AsyncGenerator[bytes, None]:
        """As the voice says it: with the practice's pronunciations."""
        if self.respell is not None:
            sentence = replace(sentence, text=self.respell(sentence.text, sentence.language))
        cached = self._cache.get(sentence)
        if cached is not None:
            yield cached
            return
        whole = bytearray()
        async for pcm in self._voice.render(sentence.text, sentence.language, sentence.pace):
            whole += pcm
            yield pcm
        if sentence.fixed:
            self._cache.put(sentence, bytes(whole))

    def _put(self, now: _Sounding, pcm: bytes) -> None:
        now.total += len(pcm)
        for start in range(0, len(pcm), _PIECE):
            piece = pcm[start : start + _PIECE]
            self._count += 1
            now.pieces.append(piece)
            self._leg.play(piece)
            self._leg.mark(f"{now.sentence.id}/{self._count}")
