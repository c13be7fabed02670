"""Records a call on two channels, caller left and service right, in sealed seconds.

Both channels lie on the leg's own clock: the caller's frames carry the time they were spoken, our pieces the time they were
sent. A second is sealed when nothing more can arrive for it, and written outside the media loop; a vault that fails costs that
second and is noted, never the call.
"""

from __future__ import annotations

import asyncio
import logging
from array import array
from typing import TYPE_CHECKING, Protocol

from careline.actions.commands import FinishRecording, RecordingStarted, StartRecording
from careline.core.errors import CarelineError
from careline.ports import SAMPLE_RATE
from careline.storage.sealing import chunk_name, seal_chunk

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.actions.commands import ContactOpened
    from careline.calls.record import Actions
    from careline.ports import Clock, Vault

_log = logging.getLogger("careline.calls")
_SECOND = SAMPLE_RATE * 2
#: Our own pieces are told of once they are sent, 200 ms at a time: a second is complete this long after its end.
_LATE_S = 0.5


class Tape(Protocol):
    """What a conversation records on. Times are seconds of the leg."""

    def caller(self, pcm: bytes, at: float) -> None: ...
    def service(self, pcm: bytes, ended_at: float) -> None: ...


class Recorder:
    """One recording of a contact: a `Tape` for the conversation, started and stopped by the dialogue. `since_s` is how long the
    contact had gone on when the leg began."""

    def __init__(
        self, opened: ContactOpened, actions: Actions, vault: Vault, clock: Clock, since_s: float = 0.0
    ) -> None:
        self._opened, self._actions, self._vault, self._clock = opened, actions, vault, clock
        self._since_s = since_s
        self._on = False
        self._from = 0.0
        self._now = 0.0
        self._done = 0  # seconds sealed
        self._channels = (bytearray(), bytearray())  # from second `_done` on
        self._started: asyncio.Task[RecordingStarted] | None = None
        self._writing: list[asyncio.Task[None]] = []
        self.missing = 0

    # ------------------------------------------------------------ the tape

    def caller(self, pcm: bytes, at: float) -> None:
        self._now = at
        if self._on:
            self._lay(0, pcm, at)
            if at - self._from >= self._done + 1 + _LATE_S:
                self._seal_second()

    def service(self, pcm: bytes, ended_at: float) -> None:
        if self._on:
            self._lay(1, pcm, ended_at - len(pcm) / _SECOND)

    def _lay(self, channel: int, pcm: bytes, at: float) -> None:
        """Put audio where it belongs; what would lie before the recording, or in a second already sealed, is dropped."""
        sound = self._channels[channel]
        place = round((at - self._from - self._done) * SAMPLE_RATE) * 2
        if place < 0:
            pcm, place = pcm[-place:], 0
        if len(sound) < place:
            sound.extend(bytes(place - len(sound)))
        sound[place : place + len(pcm)] = pcm

    def _seal_second(self) -> None:
        both = [bytes(sound[:_SECOND]).ljust(_SECOND, b"\0") for sound in self._channels]
        for sound in self._channels:
            del sound[:_SECOND]
        stereo = array("h", bytes(2 * _SECOND))
        stereo[0::2], stereo[1::2] = array("h", both[0]), array("h", both[1])
        number, self._done = self._done, self._done + 1
        self._writing = [task for task in self._writing if not task.done()]
        self._writing.append(asyncio.create_task(self._write(number, stereo.tobytes())))

    async def _write(self, number: int, pcm: bytes) -> None:
        if self._started is None:
            return
        try:
            started = await asyncio.shield(self._started)
            name = str(started.recording)
            sealed = seal_chunk(started.key, name, number, pcm)
            await asyncio.to_thread(self._vault.put, chunk_name(name, number), sealed)
        except CarelineError as error:
            self.missing += 1
            _log.error("a second of a recording is missing: %s", error)

    # ------------------------------------------------------------ started and stopped

    async def start(self, consent: str) -> None:
        """`consent` says what was asked or announced, and by which states' laws."""
        if self._on:
            return
        self._on, self._from, self._done = True, self._now, 0
        starts = self._since_s + self._from
        command = StartRecording(self._opened.practice, self._opened.contact, self._clock.now(), starts, consent)
        self._started = asyncio.create_task(self._begin(command))

    async def _begin(self, command: StartRecording) -> RecordingStarted:
        started: RecordingStarted = await self._actions.perform(command)
        return started

    async def stop(self, *, delete: bool) -> None:
        """Seal what is left, or delete all of it when the caller did not want to be recorded."""
        if not self._on or self._started is None:
            return
        self._on = False
        while not delete and any(self._channels):
            self._seal_second()
        await asyncio.gather(*self._writing, return_exceptions=True)
        try:
            started = await self._started
            if delete:
                await asyncio.to_thread(self._delete, started.recording)
            await self._actions.perform(self._finish(started.recording, self._clock.now(), delete))
        except CarelineError as error:
            _log.error("a recording could not be completed: %s", error)
        self._started = None
        for sound in self._channels:
            sound.clear()

    def _finish(self, recording: UUID, now: datetime, delete: bool) -> FinishRecording:
        return FinishRecording(self._opened.practice, recording, now, 0 if delete else self._done, deleted=delete)

    def _delete(self, recording: UUID) -> None:
        for name in self._vault.names(str(recording)):
            self._vault.delete(name)
