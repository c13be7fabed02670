"""A softphone: the page of one of the house's own people, which can be rung by name."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from careline.telephony.webrtc.leg import BrowserCall
    from careline.telephony.webrtc.page import Page


class Handset:
    """`call` is the one that rings or is spoken on."""

    def __init__(self, name: str, page: Page, stay_s: float) -> None:
        self.name, self.page = name, page
        self._stay_s = stay_s
        self.call: BrowserCall | None = None
        self.present = True
        self._until = 0.0
        self._taken: asyncio.Future[bool] | None = None

    @property
    def busy(self) -> bool:
        return self.call is not None and not self.call.over

    def attend(self, page: Page, now: float) -> None:
        """The newest page rings; its call, if there is one, comes along."""
        earlier, self.page = self.page, page
        if earlier is not page:
            earlier.put({"type": "refused", "reason": "elsewhere"})
            earlier.leave()
        self._until, self.present = now + self._stay_s, True
        page.put({"type": "ready", "name": self.name})
        if self.call is not None and self.busy:
            if self._ringing:
                self._tell_ring(self.call)
            self.call.attend(page)

    @property
    def gone(self) -> bool:
        """Whether nobody is here any more. A call goes on for a while, for its page to come back."""
        return not self.present and not self.busy

    def left(self, page: Page) -> None:
        if self.call is not None:
            self.call.left(page)
        if self.page is page:
            self.present = False
            if self._ringing:
                self._settle(taken=False)

    @property
    def _ringing(self) -> bool:
        return self._taken is not None and not self._taken.done()

    async def ring(self, call: BrowserCall) -> bool:
        """Whether they take it. Waits as long as they let it ring."""
        self.call = call
        self._taken = asyncio.get_running_loop().create_future()
        call.attend(self.page)
        self._tell_ring(call)
        try:
            return await self._taken
        finally:
            self.page.put({"type": "silent", "call": call.id})

    def _tell_ring(self, call: BrowserCall) -> None:
        self.page.put({"type": "ring", "call": call.id, "from": call.caller})

    def took(self, frame: dict[str, Any]) -> bool:
        """Whether the frame was about ringing."""
        kind, named = frame.get("type"), frame.get("call")
        if kind not in ("take", "decline"):
            return False
        if self.call is not None and named == self.call.id:
            self._settle(taken=kind == "take")
        return True

    def _settle(self, *, taken: bool) -> None:
        if self._taken is not None and not self._taken.done():
            self._taken.set_result(taken)

    def renewed(self, still: bool, now: float) -> None:
        """Their page has asked `web`, which knows who is signed in."""
        if still:
            self._until = now + self._stay_s

    def watch(self, now: float) -> None:
        if now > self._until and not self.busy:
            self.page.put({"type": "refused", "reason": "signed out"})
            self.page.leave()
