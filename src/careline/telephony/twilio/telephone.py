"""The carrier as a `Telephone`: takes the calls its webhooks announce, and places calls by its REST interface."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING

from careline.core.errors import CarelineError, Refused, TryAgain
from careline.ports import DialFailed
from careline.telephony.twilio.calls import Answer, CarriedCall
from careline.telephony.twilio.config import Mode
from careline.telephony.twilio.rest import BadNumber, TwilioRest
from careline.wire.twilio_voice import CallNews, hang_up, reject

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from careline.ports import IncomingCall, IncomingTalk, Leg
    from careline.telephony.twilio.config import TwilioConfig
    from careline.telephony.twilio.media import MediaLeg
    from careline.telephony.twilio.relay import RelayConversation

_log = logging.getLogger("careline.telephony.twilio")
_MOST_REMEMBERED = 20_000  # calls, most of them over: a webhook about one of them that comes again is not a new call
_LONGEST_RING_S = 60
_NOT_FOUND, _BUSY = 404, 486


class _Incoming:
    """A call that rings, for the house."""

    def __init__(self, call: CarriedCall) -> None:
        self._call = call

    @property
    def id(self) -> str:
        return self._call.id

    @property
    def caller(self) -> str:
        return self._call.caller

    @property
    def called(self) -> str:
        return self._call.called

    async def reject(self, status: int) -> None:
        """A status of 500 or more makes the carrier ask the number's fallback address; anything else ends the call."""
        final = status in (_NOT_FOUND, _BUSY)
        self._call.refuse(Answer(reject()) if final else Answer(status=status))


class _IncomingCall(_Incoming):
    """`ports.IncomingCall`."""

    async def answer(self) -> MediaLeg:
        return await self._call.listen()


class _IncomingTalk(_Incoming):
    """`ports.IncomingTalk`."""

    async def answer(self, hints: Sequence[str]) -> RelayConversation:
        return await self._call.converse(hints)


class TwilioTelephone:
    """`ports.Telephone`, and the registry of its calls. `door` brings it the carrier's requests."""

    def __init__(self, config: TwilioConfig) -> None:
        self.config = config
        self._rest = TwilioRest(config)
        self._calls: OrderedDict[str, CarriedCall] = OrderedDict()
        self._placed: OrderedDict[str, CarriedCall] = OrderedDict()
        self._sockets: dict[str, CarriedCall] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_call: Callable[[IncomingCall], Awaitable[None]] | None = None
        self._on_talk: Callable[[IncomingTalk], Awaitable[None]] | None = None

    async def start(
        self,
        on_call: Callable[[IncomingCall], Awaitable[None]],
        on_talk: Callable[[IncomingTalk], Awaitable[None]] | None = None,
    ) -> None:
        self._on_call, self._on_talk = on_call, on_talk

    async def stop(self) -> None:
        self._on_call = self._on_talk = None
        for call in [*self._calls.values(), *self._placed.values()]:
            call.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5.0)
        await self._rest.stop()

    @property
    def live(self) -> int:
        return sum(not call.over for call in [*self._calls.values(), *self._placed.values()])

    # ------------------------------------------------------------ calls in

    async def arrive(self, news: CallNews) -> Answer:
        """A call has come, or its announcement comes again: one call, one answer."""
        call = self._calls.get(news.call)
        if call is None:
            if self._on_call is None or (news.state is not None and news.state.final):
                return Answer(status=503)
            call = CarriedCall(news, self.config, self, self._end_at_carrier)
            _remember(self._calls, news.call, call)
            self._begin(self._serve(call))
        try:
            async with asyncio.timeout(self.config.timing.answer_s):
                answer = await asyncio.shield(call.answer)
        except TimeoutError:
            answer = Answer(status=503)
            call.refuse(answer)
        if answer.status >= 500:  # it may be asked again, and then go better
            self._calls.pop(news.call, None)
        return answer

    async def _serve(self, call: CarriedCall) -> None:
        try:
            if self.config.mode is Mode.RELAY and self._on_talk is not None:
                await self._on_talk(_IncomingTalk(call))
            elif self._on_call is not None:
                await self._on_call(_IncomingCall(call))
        except CarelineError as error:
            _log.error("a call by the carrier could not be served: %s", type(error).__name__)
        finally:
            call.refuse(Answer(status=503))

    async def next(self, news: CallNews) -> Answer:
        """A session has ended: what now? A call that this node does not know lost the node that held it: it arrives anew."""
        call = self._calls.get(news.call)
        if news.state is not None and news.state.final:
            self.hear(news)
            return Answer(hang_up())
        if call is not None:
            return Answer(call.next())
        return await self.arrive(news)

    def hear(self, news: CallNews) -> None:
        """A status callback."""
        call = self._calls.get(news.call)
        if call is not None:
            call.hear(news)

    # ------------------------------------------------------------ sockets

    def expect(self, call: CarriedCall) -> str:
        self.forget(call)
        word = secrets.token_urlsafe(24)
        self._sockets[word] = call
        return f"ws{self.config.addresses[0].removeprefix('http')}/twilio/socket/{word}"

    def forget(self, call: CarriedCall) -> None:
        for word in [word for word, one in self._sockets.items() if one is call]:
            del self._sockets[word]

    def claim(self, word: str) -> CarriedCall | None:
        """The call whose socket this is: once."""
        return self._sockets.pop(word, None)

    # ------------------------------------------------------------ calls out

    def placed(self, word: str) -> CarriedCall | None:
        return self._placed.get(word)

    async def dial(self, number: str, caller_id: str, timeout_s: float) -> Leg | DialFailed:
        """Rings at most `timeout_s`. A number that is on a call with us is busy: it is not rung a second time."""
        caller_id = caller_id or self.config.caller_id
        if await self._is_up(number, caller_id):
            return DialFailed.BUSY
        news = CallNews(self.config.account, "", caller_id, number, None)
        call, word = CarriedCall(news, self.config, self, self._end_at_carrier), secrets.token_urlsafe(24)
        leg, document = call.place()
        _remember(self._placed, word, call)
        try:
            call.id = await self._rest.place(self._form(call, word, document, timeout_s))
        except BadNumber:
            call.stop()
            return DialFailed.BAD_NUMBER
        except Refused:
            call.stop()
            return DialFailed.REFUSED
        except TryAgain:
            if not await self._was_placed(call):
                call.stop()
                return DialFailed.UNREACHABLE
        return await call.answered(timeout_s) or leg

    def _form(self, call: CarriedCall, word: str, document: str, timeout_s: float) -> list[tuple[str, str]]:
        hook = f"{self.config.addresses[0]}/twilio/calls/{word}"
        events = [("StatusCallbackEvent", event) for event in ("initiated", "ringing", "answered", "completed")]
        return [
            ("To", call.called),
            ("From", call.caller),
            ("Twiml", document),
            ("Timeout", str(max(5, min(_LONGEST_RING_S, round(timeout_s))))),
            ("MachineDetection", "Enable"),
            ("AsyncAmd", "true"),
            ("AsyncAmdStatusCallback", f"{hook}/answered-by"),
            ("StatusCallback", f"{hook}/status"),
            *events,
        ]

    async def _is_up(self, number: str, caller_id: str) -> bool:
        """Asked before every call, since an earlier try (of this process, or of one that died) may ring at this moment. When the
        carrier does not say, a second call is better than none."""
        try:
            return bool(await self._rest.up(number, caller_id))
        except (Refused, TryAgain) as error:
            _log.warning("the carrier does not say whether a call is up: %s", error)
            return False

    async def _was_placed(self, call: CarriedCall) -> bool:
        """The carrier did not say whether it has taken our call: it may have told us in other ways, or tells when asked."""
        if call.id:
            return True
        try:
            found = await self._rest.up(call.called, call.caller)
        except (Refused, TryAgain):
            return bool(call.id)
        call.id = call.id or (found[0] if found else "")
        return bool(call.id)

    # ------------------------------------------------------------ the end

    def _end_at_carrier(self, call: str) -> None:
        if call:
            self._begin(self._end(call))

    async def _end(self, call: str) -> None:
        try:
            await self._rest.end(call)
        except TryAgain as error:
            _log.warning("a call could not be ended at the carrier: %s", error)

    def _begin(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # pyright: ignore[reportArgumentType] - a coroutine becomes a task
        task.add_done_callback(self._tasks.discard)


def _remember(calls: OrderedDict[str, CarriedCall], name: str, call: CarriedCall) -> None:
    calls[name] = call
    for old in list(calls):
        if len(calls) <= _MOST_REMEMBERED:
            return
        if calls[old].over:
            del calls[old]
