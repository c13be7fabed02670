"""Takes telephone calls: answers them with ears, a voice and a tape, and hands them to the node.

A call that cannot be served is refused before it is answered, so that a trunk can try elsewhere: 404 for a number that is
nobody's, 503 when this node is full or the database is away. Every refusal of a real line is counted: it is a missed call.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from careline.calls.audio import Aids, AudioConversation
from careline.calls.enquiry import StaffLines
from careline.calls.node import Arrival, Node
from careline.calls.recorder import Recorder
from careline.core.contact import Channel, Hearing
from careline.core.errors import Refused, TryAgain
from careline.ports import Screened

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from careline.actions.commands import ContactOpened
    from careline.calls.mouth import SoundCache
    from careline.core.hearing import Judge
    from careline.core.practice import Practice
    from careline.ports import Ears, IncomingCall, IncomingTalk, Vault, Voice

_log = logging.getLogger("careline.calls")
NOT_FOUND, FULL = 404, 503


class Voices(Protocol):
    """The voice that speaks for a practice, and the cache of what it has said; `plain` is that of no practice in particular."""

    @property
    def plain(self) -> tuple[Voice, SoundCache]: ...
    async def of(self, practice: Practice) -> tuple[Voice, SoundCache]: ...


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a telephone call is served with. `ears` None: keys only."""

    voices: Voices
    ears: Ears | None
    vault: Vault
    most_calls: int = 200
    judge: Judge | None = None


class Phone:
    """The node's telephone desk; `on_call` is what a `Telephone` calls for each incoming call."""

    def __init__(self, node: Node, equipment: Equipment) -> None:
        self._node, self._equipment = node, equipment
        self._staff = StaffLines(node.actions, *equipment.voices.plain, node.clock)
        self._calls = 0
        self.missed = 0

    @property
    def calls(self) -> int:
        return self._calls

    async def on_call(self, call: IncomingCall) -> None:
        """A call that brings audio."""
        await self._count(call, self._serve(call))

    async def on_talk(self, talk: IncomingTalk) -> None:
        """A call whose carrier hears and speaks for us."""
        await self._count(talk, self._talk(talk))

    async def _count(self, call: IncomingCall | IncomingTalk, served: Coroutine[Any, Any, None]) -> None:
        if self._calls >= self._equipment.most_calls:
            self.missed += 1
            served.close()
            _log.error("a call was refused: this node holds %d calls", self._calls)
            await call.reject(FULL)
            return
        self._calls += 1
        try:
            await served
        finally:
            self._calls -= 1

    async def _open(
        self, call: IncomingCall | IncomingTalk, arrival: Arrival, hearing: Hearing, audio: IncomingCall | None = None
    ) -> ContactOpened | None:
        """The contact's first row, or None when the call was rejected, or was for the staff's own line and is over."""
        try:
            return await self._node.open(arrival, hearing)
        except Refused:
            if audio is None or not await self._staff.answers(audio):
                await call.reject(NOT_FOUND)
        except TryAgain:
            self.missed += 1
            _log.error("a call was refused: the database does not answer")
            await call.reject(FULL)
        return None

    async def _talk(self, talk: IncomingTalk) -> None:
        arrival = Arrival(Channel.PHONE, talk.called, talk.caller, "en")
        opened = await self._open(talk, arrival, Hearing.OPEN)
        if opened is None:
            return
        try:
            conversation = await talk.answer(self._node.hints(opened))
        except (Refused, TryAgain):
            await self._node.abandon(opened)
            return
        await self._node.converse(opened, arrival, conversation)

    async def _serve(self, call: IncomingCall) -> None:
        screen = call if isinstance(call, Screened) else None
        arrival = Arrival(Channel.PHONE, call.called, call.caller, screen.language if screen else "en")
        opened = await self._open(call, arrival, Hearing.CLOSED if self._equipment.ears else Hearing.KEYS, call)
        if opened is None:
            return
        recorder = Recorder(opened, self._node.actions, self._equipment.vault, self._node.clock)
        conversation: AudioConversation | None = None
        try:
            leg = await call.answer()
            equipment = self._equipment
            practice = self._node.practice(opened)
            voice, cache = await equipment.voices.of(practice)
            aids = Aids(equipment.judge, practice.speech.respelled)
            conversation = AudioConversation(leg, equipment.ears, voice, cache, recorder, screen, aids)
            await conversation.start(arrival.language, self._node.hints(opened))
            await self._node.converse(opened, arrival, conversation, recorder, conversation.bridge, equipment.ears)
        except (Refused, TryAgain):
            await self._node.abandon(opened)  # the caller went before we had answered
        finally:
            if conversation is not None:
                await conversation.close()
