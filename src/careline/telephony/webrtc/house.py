"""What all browser calls of a process share: its certificate, its clock, its list."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from traceback import format_tb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine

    from aiortc import RTCCertificate

    from careline.telephony.sip.media import MediaClock
    from careline.telephony.webrtc.config import WebRtcConfig
    from careline.telephony.webrtc.leg import BrowserCall

_log = logging.getLogger("careline.telephony")


@dataclass(slots=True)
class House:
    config: WebRtcConfig
    certificate: RTCCertificate
    loop: asyncio.AbstractEventLoop
    clock: MediaClock
    calls: dict[str, BrowserCall] = field(default_factory=dict[str, "BrowserCall"])
    tasks: set[asyncio.Task[None]] = field(default_factory=set["asyncio.Task[None]"])

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Work of a call that nobody waits for. What breaks it is logged, without its words: they may quote a caller."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            where = "".join(format_tb(error.__traceback__))
            _log.error("handling a browser's call failed: %s\n%s", type(error).__name__, where)

    def resumed(self, secret: str) -> BrowserCall | None:
        return next((call for call in self.calls.values() if secret and call.resume == secret), None)
