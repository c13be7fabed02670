"""A recording as the bytes of a WAV file, made piece by piece from its sealed seconds."""

from __future__ import annotations

import asyncio
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.errors import Refused
from careline.ports import SAMPLE_RATE
from careline.storage.sealing import chunk_name, unseal_chunk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from careline.ports import Vault

_HEADER = 44
_RANGE = re.compile(r"^bytes=(\d{0,12})-(\d{0,12})$")


@dataclass(frozen=True, slots=True)
class Sound:
    """`chunks` seconds of 16-bit samples at 8 kHz, channels interleaved; a second that is missing or short is filled with
    silence, so that every instant keeps its place beside the transcript."""

    recording: str
    key: bytes
    chunks: int
    channels: int

    @property
    def second(self) -> int:
        """Bytes in one second."""
        return SAMPLE_RATE * 2 * self.channels

    @property
    def size(self) -> int:
        return _HEADER + self.chunks * self.second

    async def stream(self, vault: Vault, first: int, last: int) -> AsyncIterator[bytes]:
        """Bytes `first` to `last`, both included."""
        at = first
        if at < _HEADER:
            yield self._header()[at : last + 1]
            at = min(_HEADER, last + 1)
        while at <= last:
            number, offset = divmod(at - _HEADER, self.second)
            pcm = await asyncio.to_thread(self._chunk, vault, number)
            piece = pcm[offset : offset + last - at + 1]
            yield piece
            at += len(piece)

    def _chunk(self, vault: Vault, number: int) -> bytes:
        try:
            sealed = vault.get(chunk_name(self.recording, number))
        except Refused:
            return bytes(self.second)
        return unseal_chunk(self.key, self.recording, number, sealed)[: self.second].ljust(self.second, b"\0")

    def _header(self) -> bytes:
        data = self.chunks * self.second
        rate, width = SAMPLE_RATE, 2 * self.channels
        return struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            b"RIFF", 36 + data, b"WAVE", b"fmt ", 16, 1, self.channels, rate, rate * width, width, 16, b"data", data,
        )  # fmt: skip


def wanted_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for (both included); the whole without a range; None when the range lies outside."""
    if not header:
        return 0, size - 1
    asked = _RANGE.match(header)
    if asked is None or not any(asked.groups()):
        return None
    start, end = asked.groups()
    if not start:
        first, last = max(0, size - int(end)), size - 1
    else:
        first, last = int(start), min(int(end), size - 1) if end else size - 1
    return (first, last) if first <= last and first < size else None
