"""One call as this telephone sees it, from its first ring to its end: signalling on one side, media on the other."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.core.errors import Refused, TryAgain, WireError
from careline.ports import Key
from careline.telephony.sip.endpoint import Alive, Answered, Failed, Keyed, Ringing
from careline.telephony.sip.leg import RtpMedia, SipLeg
from careline.telephony.sip.media import RtpSocket
from careline.wire import sdp
from careline.wire.g711 import Law
from careline.wire.sdp import Agreed, LocalMedia

if TYPE_CHECKING:
    from careline.ports import Leg
    from careline.telephony.sip.endpoint import CallEvent, SipCall
    from careline.telephony.sip.media import MediaClock, PortPool

NOT_YET = Agreed(Law.MU, None, "0.0.0.0", 0, send=False, receive=True, held=False)  # noqa: S104 - nobody is listening there
"""Until the far end answers an offer we made on picking up."""


@dataclass(slots=True)
class House:
    """What all calls of one telephone share."""

    loop: asyncio.AbstractEventLoop
    pool: PortPool
    clock: MediaClock
    told_host: str
    calls: set[LiveCall] = field(default_factory=set["LiveCall"])


class LiveCall:
    """The handler of one dialog, both ways. It leaves the house's list, its port and the clock when it ends, however it ends."""

    def __init__(self, house: House, *, incoming: bool = False) -> None:
        self._house = house
        self._incoming = incoming
        self.call: SipCall | None = None
        self.leg: SipLeg | None = None
        self._socket: RtpSocket | None = None
        self._local: LocalMedia | None = None
        self.over = False
        self._alive_at = house.loop.time()
        self.rang = False
        self._rings: asyncio.Future[None] = house.loop.create_future()
        self._probed_at = 0.0
        self.outcome: asyncio.Future[int] = house.loop.create_future()  # 200 when taken, else a SIP status
        house.calls.add(self)

    # ------------------------------------------------------------ ports.IncomingCall

    @property
    def id(self) -> str:
        return self._signalling.id

    @property
    def caller(self) -> str:
        return self._signalling.caller

    @property
    def called(self) -> str:
        return self._signalling.called

    async def answer(self) -> Leg:
        """The leg of a caller who has hung up meanwhile says so as its first event. Raises TryAgain when no port is free."""
        if self.leg is not None:
            raise Refused("this call was answered already")
        call = self._signalling
        try:
            local = await self.prepare()
        except TryAgain:
            await self.reject(503)
            raise
        if self.over:
            return self._gone()
        if call.offer:
            answered = sdp.answer(local, sdp.parse(call.offer))
            if answered is None:
                raise WireError("nothing to agree on")  # checked before it rang
            text, agreed = answered
        else:
            text, agreed = sdp.offer(local), NOT_YET
        leg = self._go_live(agreed)
        call.answer(text)
        return leg

    async def reject(self, status: int) -> None:
        self.refuse(status)

    def refuse(self, status: int) -> None:
        if not self.over:
            self._signalling.refuse(status, retry_after_s=5 if status == 503 else 0)
            self._finish("local")

    # ------------------------------------------------------------ the dialog's events

    def on_event(self, event: CallEvent) -> None:
        if isinstance(event, Answered):
            self._on_answered(event.sdp)
        elif isinstance(event, Ringing):
            self.rang = True
            if not self._rings.done():
                self._rings.set_result(None)
        elif isinstance(event, Failed):
            self._settle(event.status)
            self._finish("failed")
        elif isinstance(event, Keyed):
            self._on_keys(event.digits)
        elif isinstance(event, Alive):
            self._alive_at = self._house.loop.time()
        else:
            self._settle(487)
            self._finish("remote")

    def on_offer(self, text: str) -> str | int:
        if self.leg is None or self._local is None:
            return 500
        if not text:
            self._local = self._local.next()
            return sdp.offer(self._local)
        try:
            description = sdp.parse(text)
        except WireError:
            return 400
        answered = sdp.answer(self._local.next(), description)
        if answered is None:
            return 488
        self._local = self._local.next()
        self.leg.media.agree(answered[1], self._house.loop.time())
        return answered[0]

    def _on_answered(self, text: str) -> None:
        """Of a call we placed, or of an offer we made on picking up."""
        found = _agree(text)
        if found is None:
            if self.leg is None or text:
                self._signalling.hang_up()
                self._settle(488)
                self._finish("failed")
        elif self.leg is None:
            self._go_live(found)
            self._settle(200)
        else:
            self.leg.media.agree(found, self._house.loop.time())

    def _on_keys(self, digits: str) -> None:
        if self.leg is not None:
            media = self.leg.media
            for digit in digits:
                media.events.put(Key(digit, self._house.loop.time() - media.began))

    # ------------------------------------------------------------ beginning and end

    async def prepare(self) -> LocalMedia:
        """Takes a port. Safe against the call ending while the port is opened."""
        opened = await self._house.pool.open()
        if self.over:
            self._house.pool.close(opened)
        else:
            self._socket = opened
        self._local = LocalMedia(self._house.told_host, opened.port, secrets.randbits(31))
        return self._local

    async def outcome_or_ring(self) -> None:
        """Returns when anybody over there has shown that they got our INVITE."""
        await asyncio.wait((self.outcome, self._rings), return_when=asyncio.FIRST_COMPLETED)

    def hang_up(self, reason: str = "local") -> None:
        if self.over:
            return
        if self._incoming and self.leg is None:
            self.refuse(503)
            return
        if self.call is not None:
            self.call.hang_up()
        self._finish(reason)

    def watch(self, now: float, lost_after_s: float) -> None:
        """Ends a call that shows no life, in media or signalling; asks for some when half of the time has passed."""
        heard = self.leg.media.heard_at if self.leg is not None else now
        silent = now - max(heard, self._alive_at)
        if silent >= lost_after_s:
            self.hang_up("lost")
        elif silent >= lost_after_s / 2 and now - self._probed_at >= lost_after_s / 4 and self.call is not None:
            self._probed_at = now
            self.call.probe()

    def _finish(self, reason: str) -> None:
        """Gives everything back, once."""
        if self.over:
            return
        self.over = True
        self._house.calls.discard(self)
        if self.leg is not None:
            self._house.clock.leave(self.leg.media)
            self.leg.ended(reason, self._house.loop.time())
        if self._socket is not None:
            self._house.pool.close(self._socket)
            self._socket = None

    @property
    def _signalling(self) -> SipCall:
        if self.call is None:
            raise Refused("this call has not begun")
        return self.call

    def _settle(self, status: int) -> None:
        if not self.outcome.done():
            self.outcome.set_result(status)

    def _go_live(self, agreed: Agreed) -> SipLeg:
        assert self._socket is not None
        now = self._house.loop.time()
        self._alive_at = now
        call = self._signalling
        self.leg = SipLeg(call.id, call.caller, call.called, RtpMedia(self._socket, agreed, now), self.hang_up)
        self._house.clock.join(self.leg.media)
        return self.leg

    def _gone(self) -> Leg:
        """A leg for a call that ended before it was answered: its only event is the end."""
        now = self._house.loop.time()
        leg = SipLeg(self.id, self.caller, self.called, RtpMedia(RtpSocket(0), NOT_YET, now), self.hang_up)
        leg.ended("remote", now)
        return leg


def _agree(text: str) -> Agreed | None:
    try:
        found = sdp.agree(sdp.parse(text))
    except WireError:
        return None
    return found[1] if found else None
