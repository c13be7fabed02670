"""The real clock. Everything that asks for the time is given one, so that tests can move it."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)
