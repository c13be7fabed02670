"""One live contact: joins a conversation to the dialogue and the dialogue to the database, until the contact is closed.

Everything that happens (heard, spoken, a deed done, news from outside) goes through one queue into the dialogue's `step`, one
at a time; what comes out is said, done, recorded or noted. However it ends, the record is completed and closed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from careline.actions.commands import CloseContact, ContactOpened, DeedDone, DoDeed, Picture
from careline.actions.desk_commands import SetCallState
from careline.calls.record import FLUSH_SECONDS, Actions, ContactRecord
from careline.core import dialogue
from careline.core.clinical import Level
from careline.core.contact import Heard, HearingChanged, Left, Say, Silence, Spoken, VoiceLost
from careline.core.dialogue import brief
from careline.core.dialogue.deeds import (
    CallPerson,
    DeskRings,
    Do,
    Done,
    Failed,
    Finish,
    Joined,
    Note,
    PageAccepted,
    PersonLeft,
    Recall,
    Record,
    Remembered,
)
from careline.core.errors import CarelineError, Refused, TryAgain
from careline.core.people import Private

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from careline.calls.room import Room
    from careline.core.dialogue import Event, Output, Setup, State
    from careline.core.dialogue.engine import News
    from careline.ports import Conversation

#: How long the caller waits for a deed before being told that it has not worked yet; it is tried on regardless.
DEED_PATIENCE_SECONDS = 4.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
_FAREWELL_SECONDS = 20.0


class Recording(Protocol):
    """The recording of a contact, where there is one (telephone legs)."""

    async def start(self, consent: str) -> None: ...
    async def stop(self, *, delete: bool) -> None: ...


class Desk(Protocol):
    """Connects a caller to a person at the desk. Returns False when nobody takes the call."""

    async def connect(self, contact: LiveContact, key: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a contact needs of its node. `wall` is the clock; `errands` outlive the contact: deeds go on when it has ended."""

    actions: Actions
    wall: Callable[[], datetime]
    errands: Callable[[asyncio.Task[None]], None]
    recording: Recording | None = None
    desk: Desk | None = None


class LiveContact:
    """Runs one contact from greeting to closed record."""

    def __init__(self, opened: ContactOpened, setup: Setup, conversation: Conversation, around: Surroundings) -> None:
        self.opened, self.setup, self.conversation, self.around = opened, setup, conversation, around
        self.record = ContactRecord(opened, around.actions)
        self._queue: asyncio.Queue[Event] = asyncio.Queue()
        self._began = around.wall()
        self._saying: dict[str, tuple[Say, float]] = {}
        self._state: State | None = None
        self._shown = asyncio.Lock()
        self._farewell = False
        self.recording = False
        self.room: Room | None = None  # the other people on the line; None where there is no line (a chat)
        self.version, self.standing = 1, "agent"
        self.person: UUID | None = None  # who is with the caller
        self.somebody, self.over = asyncio.Event(), asyncio.Event()
        self.heard_at = self.wrote_at = 0.0

    @property
    def state(self) -> State | None:
        return self._state

    @property
    def language(self) -> str:
        return self._state.language if self._state else "en"

    def news(self, event: News | Left) -> None:
        """Something from outside the conversation: a page was accepted, an operator ended the call."""
        self._queue.put_nowait(event)

    # ------------------------------------------------------------ people

    def join(self, name: str, person: UUID | None = None) -> None:
        """A person takes the caller: the assistant falls silent at once."""
        self.conversation.fall_silent()
        self.person = person
        self.somebody.set()
        self.news(Joined(name))

    def leave(self, *, gave_back: bool) -> None:
        self.person = None
        self.somebody.clear()
        self.news(PersonLeft(gave_back))

    async def stand(self, state: str, person: UUID | None = None) -> None:
        """Show how the call stands; a database that is away shows it later, by the next change."""
        if state == self.standing and person == self.person:
            return
        self.standing = state
        async with self._shown:  # one after the other: what is shown last is how it stands
            command = SetCallState(self.opened.practice, self.opened.contact, self.around.wall(), state, person)
            try:
                version: int | None = await self.around.actions.perform(command)
            except CarelineError:
                return
            self.version = version or self.version

    def elapsed(self) -> float:
        return (self.around.wall() - self._began).total_seconds()

    async def run(self, language: str) -> None:
        """Until the caller has gone or the dialogue is over. The record is closed even when something here breaks."""
        outcome = "failed"
        listening = asyncio.create_task(self._listen(), name="listen")
        flushing = asyncio.create_task(self._flush_often(), name="flush")
        try:
            outcome = await self._converse(language)
        finally:
            self.over.set()
            if self.room is not None:
                self.room.close()
            for task in (listening, flushing):
                task.cancel()
            await asyncio.gather(listening, flushing, return_exceptions=True)
            await self._close(outcome)

    async def _converse(self, language: str) -> str:
        state, outputs = dialogue.begin(self.setup, self.conversation.hearing, language, self.around.wall())
        self._state = state
        await self._carry_out(outputs)
        while True:
            try:
                event = await asyncio.wait_for(self._queue.get(), _FAREWELL_SECONDS if self._farewell else None)
            except TimeoutError:
                return "completed"
            self._note_event(event)
            self._state, outputs = dialogue.step(self.setup, self._state, event, self.around.wall())
            await self._carry_out(outputs)
            if isinstance(event, Left):
                return "completed" if self._farewell else "left"

    async def _listen(self) -> None:
        async for event in self.conversation.events():
            self._queue.put_nowait(event)
        self._queue.put_nowait(Left("conversation ended"))

    # ------------------------------------------------------------ outputs

    async def _carry_out(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            match output:
                case Say():
                    self._saying[output.id] = (output, self.elapsed())
                    await self.conversation.say(output)
                case Do():
                    self._start_deed(output)
                case Record():
                    await self._record(output)
                case Note():
                    self.record.event(output.kind, self.elapsed(), {"text": output.text})
                case Finish():
                    self._farewell = True
                    self.record.event("finished", self.elapsed(), {"why": output.reason})
                    await self.conversation.finish()
        self._take_picture()

    def _start_deed(self, wanted: Do) -> None:
        if isinstance(wanted.deed, CallPerson):
            task = asyncio.create_task(self._connect(wanted.key), name="connect")
        else:
            task = asyncio.create_task(self._deed(wanted), name=f"deed {wanted.key}")
        self.around.errands(task)

    async def _deed(self, wanted: Do) -> None:
        """Try until the database has it. The caller is told that it failed after a few seconds, and that we go on trying."""
        command = DoDeed(self.opened.practice, self.opened.contact, wanted.key, self.around.wall(), wanted.deed)
        told, pause, since = False, _FIRST_PAUSE, self.elapsed()
        while True:
            try:
                done: DeedDone = await self.around.actions.perform(command, DEED_PATIENCE_SECONDS)
            except TryAgain:
                if not told and self.elapsed() - since >= DEED_PATIENCE_SECONDS:
                    told = True
                    self._queue.put_nowait(Failed(wanted.key, "the database does not answer"))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            except Refused as error:
                self._queue.put_nowait(Failed(wanted.key, str(error)))
                return
            answer = Remembered(wanted.key, done.earlier) if isinstance(wanted.deed, Recall) else None
            self._queue.put_nowait(answer or Done(wanted.key, done.reference))
            return

    async def _connect(self, key: str) -> None:
        connected = self.around.desk is not None and await self.around.desk.connect(self, key)
        self._queue.put_nowait(Done(key, "connected") if connected else Failed(key, "nobody at the desk"))

    async def _record(self, wanted: Record) -> None:
        self.recording = wanted.on and self.around.recording is not None
        if self.around.recording is None:
            return
        if wanted.on:
            await self.around.recording.start(wanted.consent)
        else:
            await self.around.recording.stop(delete=wanted.delete)

    # ------------------------------------------------------------ the record

    def _note_event(self, event: Event) -> None:
        match event:
            case Heard():
                self.heard_at = self.elapsed()
                language = self._state.language if self._state else ""
                words = event.text or (f"[{event.keys}]" if event.keys else "[not understood]")
                self.record.turn("caller", words, language, event.started, event.ended, event.confidence)
            case Spoken():
                self._note_spoken(event)
            case Silence(seconds=seconds):
                self.record.event("silence", self.elapsed(), {"seconds": seconds})
            case HearingChanged(hearing=hearing):
                self.record.event("hearing", self.elapsed(), {"hearing": hearing})
            case VoiceLost():
                self.record.event("voice lost", self.elapsed())
            case PageAccepted():
                self.record.event("page accepted", self.elapsed())
            case DeskRings():
                self.record.event("desk rings", self.elapsed())
            case Joined(by=by):
                self.record.event("person", self.elapsed(), {"text": by})
            case PersonLeft():
                self.record.event("assistant again", self.elapsed())
            case Left(reason=reason):
                self.record.event("left", self.elapsed(), {"reason": reason})
            case Done(key=key) | Failed(key=key) | Remembered(key=key):
                self.record.event("deed", self.elapsed(), {"key": key, "done": not isinstance(event, Failed)})

    def _note_spoken(self, spoken: Spoken) -> None:
        """What was heard of a sentence; one that was not heard at all is on record as unsaid."""
        said = self._saying.pop(spoken.id, None)
        if said is None:
            return
        sentence, queued = said
        started = queued if spoken.started is None else spoken.started
        ended = self.elapsed() if spoken.ended is None else spoken.ended
        if spoken.upto:
            heard = sentence.text if spoken.upto >= len(sentence.text) else sentence.text[: spoken.upto] + " …"
            self.record.turn("agent", heard, sentence.language, started, ended)
        else:
            self.record.event("unsaid", self.elapsed(), {"sentence": sentence.id.partition(":")[2]})

    def _take_picture(self) -> None:
        state = self._state
        if state is None:
            return
        disposition = brief.disposition(state)
        picture = Picture(
            language=state.language,
            hearing=state.hearing,
            disposition=disposition,
            red_flag=disposition.level is Level.EMERGENCY,
            identity=state.identity,
            reason=Private(brief.reason(state)),
        )
        self.record.picture(picture)

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.record.flush(self.around.wall())

    async def _close(self, outcome: str) -> None:
        """Complete the record: what was being said, the final triage, and why somebody must call back, if anybody must."""
        for sentence, started in self._saying.values():
            self.record.turn("agent", sentence.text, sentence.language, started, self.elapsed())
        self._saying.clear()
        if self.around.recording is not None:
            await self.around.recording.stop(delete=False)
        self.around.errands(asyncio.create_task(self._close_for_certain(outcome), name="close"))

    async def _close_for_certain(self, outcome: str) -> None:
        state, pause = self._state, _FIRST_PAUSE
        unfinished = outcome if outcome == "failed" else ""
        command = CloseContact(
            self.opened.practice,
            self.opened.contact,
            self.around.wall(),
            outcome,
            unfinished,
            brief.summary(self.setup, state) if state else None,
            brief.triage_record(state, complete=bool(state.finished)) if state else None,
        )
        while True:
            try:
                if await self.record.flush(self.around.wall()):
                    await self.around.actions.perform(command)
                    return
            except TryAgain:
                pass
            except CarelineError:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
