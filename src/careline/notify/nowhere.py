"""Mail that is not set up: every letter fails at once, on record, so that a step without a telephone is not waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.ports import Attempt, Outcome

if TYPE_CHECKING:
    from careline.ports import Letter


class NowhereMessenger:
    async def send(self, letter: Letter, timeout_s: float) -> Attempt:  # noqa: ARG002 - the port's signature
        return Attempt(Outcome.FAILED, reason="mail is not set up (CARELINE_SMTP_URL)")
