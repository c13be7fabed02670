"""One call with a browser, which outlives the browser's connections: a network that drops, a page that is loaded again.

    waiting for sound ──► speaking ◄──► away (nothing heard for a while: we stop speaking and wait)
           │                  │            │ not back in time
           └──────────────────┴────────────┴──► over

The audio itself is that of a SIP call: the same RTP, jitter buffer, clock and leg; only the packets travel encrypted.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from careline.core.errors import Refused, TryAgain
from careline.ports import Key
from careline.telephony.sip.leg import RtpMedia, SipLeg
from careline.telephony.webrtc.peer import Peer
from careline.wire import webrtc
from careline.wire.g711 import Law
from careline.wire.sdp import Agreed

if TYPE_CHECKING:
    from collections.abc import Callable

    from careline.core.contact import Say, Spoken
    from careline.ports import Leg
    from careline.telephony.sip.endpoint import Address
    from careline.telephony.webrtc.house import House
    from careline.telephony.webrtc.page import Page

_BROWSER: Address = ("browser", 0)
"""Whoever holds the keys is the far end, wherever the packets come from."""
_TAIL_S = 0.5  # what the browser's own buffer still holds when we hang up
_MOST_CAPTIONS = 40
_MOST_PACKETS = 500  # of sound between two watches, a second apart; a browser sends fifty
_SPEAKING = Agreed(Law.MU, None, *_BROWSER, send=True, receive=True, held=False)


class _Pipe:
    """`Packets` of the leg: whichever connection is up."""

    def __init__(self) -> None:
        self.on_packet: Callable[[bytes, Address], None] | None = None
        self.peer: Peer | None = None

    def send(self, data: bytes, _address: Address) -> None:
        if self.peer is not None:
            self.peer.send(data)


class BrowserCall:
    """`ports.IncomingCall` of a patient, or a call to one of the house's own people. `page` is the browser's page while it is
    there; `resume` lets it come back."""

    def __init__(self, house: House, caller: str, called: str, language: str = "en") -> None:
        self._house = house
        self.id = f"browser-{secrets.token_hex(8)}"
        self.resume = secrets.token_urlsafe(24)
        self.caller, self.called, self.language = caller, called, language
        self.page: Page | None = None
        self.leg: SipLeg | None = None
        self.over = False
        self._pipe = _Pipe()
        self._coming: Peer | None = None
        self._connected = asyncio.Event()
        self._law = Law.MU
        self._ssrc = secrets.randbits(32)
        self._captions: list[dict[str, Any]] = []
        self.began = self._heard_at = house.loop.time()
        self._packets = 0
        house.calls[self.id] = self

    # ------------------------------------------------------------ ports.IncomingCall

    async def answer(self) -> Leg:
        """Once sound flows. Raises TryAgain when the caller has gone or no way to their browser was found."""
        if self.leg is not None:
            raise Refused("this call was answered already")
        try:
            async with asyncio.timeout(self._house.config.connect_s):
                await self._connected.wait()
        except TimeoutError:
            self.finish("failed")
        if self.over:
            raise TryAgain("the caller has gone")
        now = self._house.loop.time()
        media = RtpMedia(self._pipe, replace(_SPEAKING, law=self._law), now)
        self.leg = SipLeg(self.id, self.caller, self.called, media, lambda: self.finish("local"))
        self._heard_at = now
        self._house.clock.join(media)
        self.tell({"type": "answered"})
        return self.leg

    async def reject(self, status: int) -> None:
        if not self.over:
            self.tell({"type": "refused", "reason": "unknown" if status == 404 else "busy"})
            self.finish("local")

    # ------------------------------------------------------------ ports.Screened

    def show(self, sentence: Say) -> None:
        """What we begin to say, for the page to show."""
        frame: dict[str, Any] = {
            "type": "caption",
            "id": sentence.id,
            "text": sentence.text,
            "language": sentence.language,
            "expect": sentence.expect.value,
        }
        self._captions = [*self._captions[-_MOST_CAPTIONS:], frame]
        self.tell(frame)

    def cut_off(self, spoken: Spoken) -> None:
        """They heard only so much of it."""
        self.tell({"type": "cut", "id": spoken.id, "upto": spoken.upto})

    # ------------------------------------------------------------ the page

    def attend(self, page: Page) -> None:
        """The page is here (again). An earlier one of the same call gives way."""
        earlier, self.page = self.page, page
        if earlier is not None:
            earlier.leave()
        self._heard_at = max(self._heard_at, self._house.loop.time() - self._house.config.return_s / 2)
        self.tell({"type": "welcome", "resume": self.resume, "answered": self.leg is not None})
        for frame in self._captions:
            self.tell(frame)

    def left(self, page: Page) -> None:
        if self.page is page:
            self.page = None

    def tell(self, frame: dict[str, Any]) -> None:
        if self.page is not None:
            self.page.put(frame)

    async def offered(self, text: str) -> None:
        """The page wants (another) connection. Raises WireError for an offer we cannot take, TryAgain without a free port."""
        offer = webrtc.parse(text)
        house = self._house
        peer = Peer(house.config, house.certificate, self._sound, self.pressed, self._gone)
        earlier, self._coming = self._coming, peer
        if earlier is not None and earlier is not self._pipe.peer:
            house.spawn(earlier.close())
        answer = await peer.accept(offer, secrets.randbits(31), self._ssrc)
        if self.over:
            await peer.close()
            return
        self._law = offer.law
        self.tell({"type": "answer", "sdp": answer})
        house.spawn(self._switch(peer))

    async def candidate(self, text: str | None) -> None:
        """Another address of the browser; None when these were all. Raises WireError."""
        found = webrtc.candidate(text) if text else None
        if self._coming is not None and (found is not None or not text):
            await self._coming.add_candidate(found)

    def pressed(self, digit: str) -> None:
        if self.leg is not None:
            self.leg.media.events.put(Key(digit, self._house.loop.time() - self.leg.media.began))

    # ------------------------------------------------------------ its connections

    async def _switch(self, peer: Peer) -> None:
        """From here on sound goes by this connection, if it comes up and none newer has been asked for."""
        connected = await peer.connected
        if self.over or self._coming is not peer or not connected:
            self._house.spawn(peer.close())
            if self._coming is peer and not self.over:
                self.tell({"type": "unconnected"})
            return
        earlier, self._pipe.peer = self._pipe.peer, peer
        if earlier is not None:
            self._house.spawn(earlier.close())
        self._heard_at = self._house.loop.time()
        if self.leg is not None:
            self._agree(held=False)
        self._connected.set()

    def _gone(self, peer: Peer) -> None:
        if self._pipe.peer is peer:
            self._pipe.peer = None
            self._away()

    def _sound(self, rtp: bytes) -> None:
        leg = self.leg
        if leg is None or self._pipe.on_packet is None or self._packets >= _MOST_PACKETS:
            return
        self._packets += 1
        self._heard_at = self._house.loop.time()
        if leg.media.held:
            self._agree(held=False)
        self._pipe.on_packet(rtp, _BROWSER)

    def _agree(self, *, held: bool) -> None:
        """Away, nothing is said into the void: the far end is told so as a hold."""
        if self.leg is not None:
            agreed = replace(_SPEAKING, law=self._law, send=not held, held=held)
            self.leg.media.agree(agreed, self._house.loop.time())

    def _away(self) -> None:
        if self.leg is not None and not self.leg.media.held:
            self._agree(held=True)
            self.tell({"type": "away"})

    # ------------------------------------------------------------ its end

    def watch(self, now: float) -> None:
        """Every `watch_s`: notices who has gone."""
        self._packets = 0
        config, silent = self._house.config, now - self._heard_at
        if self.leg is None:
            if self.page is None and now - self.began > config.connect_s:
                self.finish("failed")
        elif silent >= (config.quiet_s if self.page is not None else config.return_s):
            self.finish("lost")
        elif silent >= config.away_s:
            self._away()

    def finish(self, reason: str) -> None:
        """Gives everything back, once. `reason` as in `ports.Ended`."""
        if self.over:
            return
        self.over = True
        house = self._house
        house.calls.pop(self.id, None)
        if self.leg is not None:
            house.clock.leave(self.leg.media)
            self.leg.ended(reason, house.loop.time())
        self._connected.set()
        self.tell({"type": "ended", "reason": reason})
        house.spawn(self._close(0.0 if reason == "remote" else _TAIL_S))

    async def _close(self, tail_s: float) -> None:
        await asyncio.sleep(tail_s)
        for peer in {peer for peer in (self._coming, self._pipe.peer) if peer is not None}:
            await peer.close()
