"""One voice node: the contacts it holds, its heartbeat, and the orders and news that reach them from elsewhere.

A node owns its live contacts; others reach them only through rows (`call_command`) that this node claims. When it dies, the
others find its heartbeat missing and complete its records.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.actions.commands import AnswerOrder, AwaitOrders, Beat, CloseContact, ContactOpened, OpenContact, Order
from careline.calls.contact import LiveContact, Surroundings
from careline.calls.orders import Orders
from careline.calls.room import Room
from careline.core.contact import Channel, Left
from careline.core.dialogue import Setup
from careline.core.dialogue.deeds import PageAccepted
from careline.core.errors import CarelineError
from careline.core.people import Private
from careline.core.practice import Practice, Recording, parse_practice
from careline.core.pronouncing import hints

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from careline.calls.bridge import Bridge
    from careline.calls.contact import Recording as ContactRecording
    from careline.calls.desk import DeskPhones
    from careline.calls.record import Actions
    from careline.core.contact import Hearing
    from careline.core.dialogue import Words
    from careline.core.language import Lexicons
    from careline.core.routing.consent import Law
    from careline.core.triage import Library
    from careline.ports import Clock, Conversation, Ears

_log = logging.getLogger("careline.calls")
_BEAT_SECONDS, _ORDERS_WAIT, _PAUSE = 1.0, 5.0, 1.0
_OPEN_SECONDS = 5.0
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What every contact is answered with, read once per process."""

    library: Library
    lexicons: Lexicons
    words: Words
    law: Law


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody has come: by which channel, to which line (number or practice's slug), from where."""

    channel: Channel
    called: str
    caller: str
    language: str


@dataclass(slots=True)
class Node:
    """Holds live contacts. `actions` reaches the database; `name` is this node's own among all."""

    name: str
    actions: Actions
    clock: Clock
    knowledge: Knowledge
    phones: DeskPhones | None = None
    live: dict[UUID, LiveContact] = field(default_factory=dict["UUID", LiveContact])
    _practices: dict[str, Practice] = field(default_factory=dict[str, Practice])
    _errands: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _loops: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    def start(self) -> None:
        """Begin the heartbeat and listen for orders."""
        self._loops = [
            asyncio.create_task(self._for_ever("beat", self._beat), name="beat"),
            asyncio.create_task(self._for_ever("orders", self._take_orders), name="orders"),
        ]

    async def stop(self) -> None:
        """End what is live as calls that were lost, and let what is still being written be written."""
        for contact in list(self.live.values()):
            contact.news(Left("service stopped"))
        deadline = asyncio.get_running_loop().time() + _STOP_SECONDS
        while (self.live or self._errands) and asyncio.get_running_loop().time() < deadline:
            await asyncio.wait(
                {*self._errands, asyncio.create_task(asyncio.sleep(0.05))}, return_when="FIRST_COMPLETED"
            )
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)

    async def open(self, arrival: Arrival, hearing: Hearing) -> ContactOpened:
        """The contact's first row, before anybody is greeted. Raises `Refused` for a line no practice answers, and `TryAgain`
        when the database cannot take the contact: the call should then go elsewhere."""
        command = OpenContact(
            key=secrets.token_hex(8),
            at=self.clock.now(),
            node=self.name,
            channel=arrival.channel,
            called=arrival.called,
            caller=Private(arrival.caller) if arrival.caller else None,
            hearing=hearing,
            language=arrival.language,
        )
        opened: ContactOpened = await self.actions.perform(command, _OPEN_SECONDS)
        return opened

    async def converse(
        self,
        opened: ContactOpened,
        arrival: Arrival,
        conversation: Conversation,
        recording: ContactRecording | None = None,
        bridge: Bridge | None = None,
        ears: Ears | None = None,
    ) -> None:
        """Run an opened contact to its closed record. With a bridge people can join it, and `ears` hear what they say."""
        practice = self.practice(opened)
        language = arrival.language if arrival.language in practice.languages else practice.languages[0]
        around = Surroundings(self.actions, self.clock.now, self.errand, recording, self.phones)
        setup = self._setup(practice, arrival, audio=recording is not None)
        contact = LiveContact(opened, setup, conversation, around)
        if bridge is not None:
            contact.room = Room(bridge, contact.record, contact.elapsed, ears)
        self.live[opened.contact] = contact
        try:
            await contact.run(language)
        finally:
            self.live.pop(opened.contact, None)

    async def abandon(self, opened: ContactOpened) -> None:
        """The caller went before we had answered: the contact is on record, and somebody calls back."""
        command = CloseContact(opened.practice, opened.contact, self.clock.now(), "left", "hung up before the answer")
        await self.actions.perform(command)

    def practice(self, opened: ContactOpened) -> Practice:
        """The practice whose file is in force for this contact, parsed once."""
        known = self._practices.get(opened.sha256)
        if known is None:
            known = self._practices[opened.sha256] = parse_practice(opened.source, opened.line)
        return known

    def hints(self, opened: ContactOpened) -> tuple[str, ...]:
        """Names that callers of this practice say and that no recogniser would expect."""
        medicines = self.knowledge.lexicons.medicines()
        return hints(self.practice(opened), medicines)

    def _setup(self, practice: Practice, arrival: Arrival, *, audio: bool) -> Setup:
        need = self.knowledge.law.need(practice.state, arrival.caller)
        by_law = practice.recording is Recording.BY_LAW
        return Setup(
            practice,
            self.knowledge.library,
            self.knowledge.lexicons,
            self.knowledge.words,
            channel=arrival.channel,
            caller_number=arrival.caller,
            desk_open=self.phones is not None,
            recorded=audio and practice.recording is not Recording.OFF,
            ask_consent=practice.recording is Recording.ASK or (by_law and need.all_parties),
            consent=need,
            law=self.knowledge.law if by_law else None,
        )

    def errand(self, task: asyncio.Task[None]) -> None:
        """Let this go on whatever becomes of the contact it belongs to."""
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    # ------------------------------------------------------------ the outside

    async def _for_ever(self, what: str, once: Callable[[], Awaitable[None]]) -> None:
        """The database going away is waited out; calls go on meanwhile."""
        while True:
            try:
                await once()
            except CarelineError as error:
                _log.warning("%s: %s: %s", self.name, what, error)
                await asyncio.sleep(_PAUSE)

    async def _beat(self) -> None:
        await self.actions.perform(Beat(self.name, self.clock.now()), _BEAT_SECONDS * 3)
        await asyncio.sleep(_BEAT_SECONDS)

    async def _take_orders(self) -> None:
        command = AwaitOrders(self.name, self.clock.now(), _ORDERS_WAIT)
        orders: tuple[Order, ...] = await self.actions.perform(command, _ORDERS_WAIT + 5.0)
        for order in orders:
            self.errand(asyncio.create_task(self._obey(order), name=f"order {order.kind}"))

    async def _obey(self, order: Order) -> None:
        """Each at its own pace: a telephone that rings keeps no other order waiting."""

        async def answer(result: str) -> None:
            await self.actions.perform(AnswerOrder(order.practice, order.order, self.clock.now(), result))

        contact = self.live.get(order.contact)
        try:
            if contact is None or order.expires_at < self.clock.now():
                await answer("stale")
            elif order.kind == "page_accepted":
                contact.news(PageAccepted(str(order.args.get("by", ""))))
                await answer("done")
            else:
                await Orders(self.phones).obey(contact, order, answer)
        except CarelineError as error:
            _log.warning("%s: order %s: %s", self.name, order.kind, error)
