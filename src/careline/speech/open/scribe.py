"""What open ears need of a recogniser: somebody who writes down one stretch of speech, as it comes.

Every recogniser, whatever it runs on, is a `Recogniser`; `OpenEars` makes ears of it. A scribe that cannot go on says so from
`settle` with `TryAgain`, at the latest after `SETTLE_S`; the caller's sound is kept by whoever asked, so nothing is lost by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from careline.wire.transcripts import Transcript

    Partial = Callable[[Transcript], None]

#: How long the words of a finished stretch may take; ears that need longer are stepped down from.
SETTLE_S = 1.1
#: Hints beyond these are of no use: recognisers weigh few dozens.
MOST_HINTS = 100


class Scribe(Protocol):
    """Writes down one stretch of speech."""

    def feed(self, pcm: bytes) -> None:
        """8 kHz pcm16, as it was spoken. Never blocks."""
        ...

    async def settle(self) -> Transcript:
        """All that was fed so far, as final as it can be; more may be fed afterwards and settled again. Raises `TryAgain`."""
        ...

    def drop(self) -> None:
        """The stretch is over or was none."""
        ...


class Recogniser(Protocol):
    """Writes for many callers at once. `start` before use, `stop` at the end."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def open(self, language: str, hints: Sequence[str]) -> Caller:
        """Ready for one caller. Raises `TryAgain` when it is away, `Refused` when it does not know the language."""
        ...


class Caller(Protocol):
    """The recogniser as one caller has it."""

    def begin(self, language: str, partial: Partial) -> Scribe:
        """A stretch of speech begins. `partial` is told what is known of it so far, whenever that changes."""
        ...

    async def close(self) -> None: ...
