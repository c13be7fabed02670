"""Says sentences on a leg, in order, and knows how much of each was heard.

Audio goes out in pieces of 200 ms with a mark behind each; a mark that comes back tells when its piece was really sent, which is
what the recording and "how far was it heard" go by.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.core.contact import Say, Spoken
from careline.core.errors import CarelineError
from careline.ports import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from careline.ports import Leg, Voice

_PIECE = SAMPLE_RATE * 2 // 5  # 200 ms
_MOST_CACHED = 256
_RENDER_SECONDS = 5.0


class SoundCache:
    """Fixed sentences, rendered once per node. Shared by all calls."""

    def __init__(self) -> None:
        self._sounds: OrderedDict[tuple[str, str, float], bytes] = OrderedDict()

    def get(self, sentence: Say) -> bytes | None:
        key = (sentence.text, sentence.language, sentence.pace)
        if key in self._sounds:
            self._sounds.move_to_end(key)
        return self._sounds.get(key)

    def put(self, sentence: Say, pcm: bytes) -> None:
        self._sounds[sentence.text, sentence.language, sentence.pace] = pcm
        while len(self._sounds) > _MOST_CACHED:
            self._sounds.popitem(last=False)


@dataclass(slots=True)
class _Sounding:
    """The sentence being said. `sent` and `total` are bytes; `total` grows while it is still being rendered."""

    sentence: Say
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

    @property
    def speaking(self) -> Say | None:
        return self._now.sentence if self._now is not None else None

    @property
    def idle(self) -> bool:
        return self._now is None and not self._waiting

    def say(self, sentence: Say) -> None:
        self._waiting.append(sentence)
        self._queue.put_nowait(sentence)

    def close(self) -> None:
        """Hang up once everything was said."""
        self._queue.put_nowait(None)

    def interrupt(self) -> bool:
        """Stop talking, as far as it may be stopped: sentences that must be heard whole still are. Returns whether it did."""
        skipped = [sentence for sentence in self._waiting if sentence.interruptible]
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
                self._spoken(sentence, Spoken(sentence.id, 0))
                continue
            await self._say_one(sentence)
        await self._leg.hang_up()

    async def _say_one(self, sentence: Say) -> None:
        now = self._now = _Sounding(sentence)
        whole = bytearray()
        failed = False
        try:
            async with asyncio.timeout(_RENDER_SECONDS), aclosing(self._audio(sentence)) as audio:
                async for pcm in audio:
                    if now.interrupted:
                        break
                    if not whole and self._begun is not None:
                        self._begun(sentence)
                    whole += pcm
                    self._put(now, pcm)
        except (CarelineError, TimeoutError):
            failed = True  # the voice is away: what was rendered is played, and the rest counts as not heard
        if sentence.fixed and not now.interrupted and not failed:
            self._cache.put(sentence, bytes(whole))
        while now.pieces and not now.interrupted:
            now.moved.clear()
            await now.moved.wait()
        self._now = None
        upto = len(sentence.text)
        if now.interrupted or failed:
            upto = round(upto * now.sent / now.total) if now.total else 0
        self._spoken(sentence, Spoken(sentence.id, upto, now.started, now.ended))

    async def _audio(self, sentence: Say) -> AsyncGenerator[bytes, None]:
        cached = self._cache.get(sentence)
        if cached is not None:
            yield cached
            return
        async for pcm in self._voice.render(sentence.text, sentence.language, sentence.pace):
            yield pcm

    def _put(self, now: _Sounding, pcm: bytes) -> None:
        now.total += len(pcm)
        for start in range(0, len(pcm), _PIECE):
            piece = pcm[start : start + _PIECE]
            self._count += 1
            now.pieces.append(piece)
            self._leg.play(piece)
            self._leg.mark(f"{now.sentence.id}/{self._count}")
