"""One call at the carrier, coming in or going out, from its first webhook to its end.

    webhook ──► arrives ──► the house decides ──reject──► 404: TwiML that refuses; 503: the carrier's fallback address
                                 └─answer──► TwiML with a socket's address ──► socket ──► leg or conversation
    socket breaks ──► the carrier asks what next ──► TwiML with a new address ──► socket, where it was
                  └── nothing within `return_s` ──► over: lost
    status callback: completed ──► over: remote        our end ──► the carrier asks what next ──► hang up

A socket's address holds a random word that opens one socket once.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from careline.core.errors import Refused, TryAgain, WireError
from careline.ports import DialFailed
from careline.telephony.twilio import media, relay
from careline.telephony.twilio.link import Link
from careline.telephony.twilio.media import MediaLeg
from careline.telephony.twilio.relay import RelayConversation
from careline.wire import twilio_media, twilio_relay
from careline.wire.twilio_voice import AnsweredBy, CallLife, CallState, connect_relay, connect_stream, hang_up

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aiohttp import web

    from careline.telephony.twilio.config import TwilioConfig
    from careline.wire.twilio_voice import CallNews

_log = logging.getLogger("careline.telephony.twilio")
_MOST_RETURNS = 5
_SETUP_S = 5.0
_FAILED = {
    CallState.BUSY: DialFailed.BUSY,
    CallState.NO_ANSWER: DialFailed.NO_ANSWER,
    CallState.CANCELED: DialFailed.NO_ANSWER,
}


class Sockets(Protocol):
    """Where calls await their sockets."""

    def expect(self, call: CarriedCall) -> str:
        """A new address, good for one socket of this call."""
        ...

    def forget(self, call: CarriedCall) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a webhook is answered with: TwiML, or a status that makes the carrier ask its fallback address."""

    document: str = ""
    status: int = 200


class CarriedCall:
    """`far` is what the house talks to, once it has answered."""

    def __init__(self, news: CallNews, config: TwilioConfig, sockets: Sockets, end: Callable[[str], None]) -> None:
        self.id, self.caller, self.called = news.call, news.caller, news.called
        self.config = config
        self.life = CallLife()
        self.over = False
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._sockets, self._end = sockets, end
        self._far: MediaLeg | RelayConversation | None = None
        self._up = asyncio.Event()
        self._link: Link | None = None
        self._hints: Sequence[str] = ()
        self._returns = 0
        self._losing: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------ for the house

    async def listen(self) -> MediaLeg:
        """Answer with our own ears and voice. Raises `Refused` when the caller has gone, `TryAgain` when no audio comes."""
        leg = MediaLeg(lambda: self.id, self.caller, self.called, self._hang_up)
        await self._connect(leg)
        return leg

    async def converse(self, hints: Sequence[str]) -> RelayConversation:
        """Answer with the carrier's."""
        conversation = RelayConversation(self.config)
        self._hints = hints
        await self._connect(conversation)
        return conversation

    async def _connect(self, far: MediaLeg | RelayConversation) -> None:
        if self.over:
            raise Refused("the caller has gone")
        self._far = far
        self._give(Answer(self._document()))
        try:
            async with asyncio.timeout(self.config.timing.answer_s):
                await self._up.wait()
        except TimeoutError:
            self._lost()
            raise TryAgain("the carrier opened no socket") from None
        if self.over:
            raise Refused("the caller has gone")

    def place(self) -> tuple[MediaLeg, str]:
        """For a call that we make: its leg, and what the carrier is to do when somebody answers."""
        leg = MediaLeg(lambda: self.id, self.caller, self.called, self._hang_up)
        self._far = leg
        return leg, self._document()

    async def answered(self, timeout_s: float) -> DialFailed | None:
        """Wait until a call that we make is answered: None, or what became of it instead."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._up.wait()
        except TimeoutError:
            self._hang_up()
            return DialFailed.NO_ANSWER
        return _FAILED.get(self.life.state, DialFailed.UNREACHABLE) if self.over else None

    def refuse(self, answer: Answer) -> None:
        self._give(answer)
        self._finish("refused")

    def _give(self, answer: Answer) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    @property
    def by_text(self) -> bool:
        """Whether text or audio comes over its sockets."""
        return isinstance(self._far, RelayConversation)

    # ------------------------------------------------------------ for the carrier

    def _document(self) -> str:
        url = self._sockets.expect(self)
        action = f"{self.config.addresses[0]}/twilio/next"
        if isinstance(self._far, RelayConversation):
            return connect_relay(url, action, self.config.voices, self._hints)
        return connect_stream(url, action)

    def next(self) -> str:
        """What the carrier is to do now that a session has ended: connect again, if it was not we who ended it."""
        if self.over or self._far is None or self._far_is_over() or self._returns >= _MOST_RETURNS:
            self._lose("the session ended")
            return hang_up()
        self._returns += 1
        self._await_return()
        return self._document()

    def _far_is_over(self) -> bool:
        return isinstance(self._far, RelayConversation) and self._far.over

    def hear(self, news: CallNews) -> None:
        """A status callback, in any order."""
        self.id = self.id or news.call
        if self.life.hear(news) and self.life.state.final:
            self._lose("remote")

    def answered_by(self, who: AnsweredBy) -> None:
        """The carrier's guess, some seconds after somebody has answered our call."""
        if who is AnsweredBy.MACHINE and isinstance(self._far, MediaLeg):
            self._far.machine()

    async def attend(self, socket: web.WebSocketResponse) -> None:
        """Serve a socket of this call to its end."""
        far = self._far
        if far is None or self.over:
            await socket.close()
            return
        limits = media.LIMITS if isinstance(far, MediaLeg) else relay.LIMITS
        link = Link(socket, self.config.timing.stall_s, limits, constant=isinstance(far, MediaLeg))
        try:
            async with asyncio.timeout(_SETUP_S):
                start = await self._first(socket)
        except (TimeoutError, WireError) as error:
            _log.warning("a call's socket began with nothing of use (%s)", type(error).__name__)
            await socket.close()
            return
        earlier, self._link = self._link, link
        if earlier is not None:
            earlier.close()
        if self._losing is not None:
            self._losing.cancel()
        if isinstance(far, MediaLeg) and isinstance(start, twilio_media.Start):
            far.attach(link, start)
        elif isinstance(far, RelayConversation):
            far.attach(link)
        self._up.set()
        await link.run(far)
        if isinstance(far, RelayConversation):
            far.detach(link)
        if self._link is not link:
            return
        self._link = None
        if self._far_is_over():
            self._finish("finished")
        else:
            self._await_return()

    async def _first(self, socket: web.WebSocketResponse) -> twilio_media.Start | twilio_relay.Setup:
        """The message that says whose socket this is. Raises `WireError` for another call's."""
        while True:
            text = await socket.receive_str()
            if isinstance(self._far, MediaLeg):
                message = twilio_media.read(text)
                if isinstance(message, twilio_media.Connected):
                    continue
                if isinstance(message, twilio_media.Start) and self._is_ours(message.call):
                    return message
            else:
                setup = twilio_relay.read(text)
                if isinstance(setup, twilio_relay.Setup) and self._is_ours(setup.call):
                    return setup
            raise WireError("the socket does not begin as it should")

    def _is_ours(self, call: str) -> bool:
        """A call that we place may be answered before we have been told its id."""
        return not self.id or not call or call == self.id

    # ------------------------------------------------------------ the end

    def stop(self) -> None:
        """The house closes, or will not wait for it any longer."""
        if not self.over:
            self._lose("local")
            self._end(self.id)

    def _await_return(self) -> None:
        if self.over:
            return
        if self._losing is not None:
            self._losing.cancel()
        loop = asyncio.get_running_loop()
        self._losing = loop.call_later(self.config.timing.return_s, self._lost)

    def _lost(self) -> None:
        self._lose("lost")
        self._end(self.id)

    def _hang_up(self) -> None:
        """We end it: the carrier asks what is next and is told to hang up; whoever does not ask is told by the interface."""
        self._finish("local")
        self._end(self.id)

    def _lose(self, reason: str) -> None:
        if self._far is not None:
            self._far.gone(reason)
        self._finish(reason)

    def _finish(self, reason: str) -> None:
        if self.over:
            return
        self.over = True
        self._give(Answer(hang_up()))
        self._sockets.forget(self)
        self._up.set()
        if self._losing is not None:
            self._losing.cancel()
        if self._link is not None:
            self._link.close()
        _log.info("a call at the carrier is over: %s", reason)
