"""All channels of an installation as one `Messenger`: a letter goes to the providers of its channel, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.ports import Attempt, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.ports import Letter, Messenger


class Post:
    """`messengers` are by channel, in the order in which they are tried; `mends` say what to set for a channel without any.

    The next provider is tried only when one could not take the letter now (RETRY); what is refused for good stays so.
    """

    def __init__(self, messengers: Mapping[str, Sequence[Messenger]], mends: Mapping[str, str]) -> None:
        self._messengers, self._mends = messengers, mends

    async def send(self, letter: Letter, timeout_s: float) -> Attempt:
        found = self._messengers.get(letter.channel, ())
        attempt = Attempt(Outcome.FAILED, reason=f"{letter.channel} is not set up{self._mend(letter.channel)}")
        for messenger in found:
            attempt = await messenger.send(letter, timeout_s / len(found))
            if attempt.outcome is not Outcome.RETRY:
                return attempt
        return attempt

    def _mend(self, channel: str) -> str:
        mend = self._mends.get(channel, "")
        return f" ({mend})" if mend else ""
