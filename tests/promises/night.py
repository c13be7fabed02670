"""The practice at night, with a telephone that answers as told, a letter box, and keepers that are run by hand."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from careline.actions.commands import ContactOpened, DeedDone, DoDeed, OpenContact
from careline.actions.keep_deadlines import KINDS as DEADLINES
from careline.actions.keep_watch import TURN
from careline.actions.keeping import Keeper
from careline.actions.noticing import CALL_KINDS, MAIL_KINDS, RING_KINDS, TEXT_KINDS, calling_back, ringing
from careline.actions.paging import STEP
from careline.actions.perform import perform, retried
from careline.actions.rota.watch import MAIL, WATCH
from careline.core.clinical import Disposition
from careline.core.contact import Channel, Hearing
from careline.core.dialogue.deeds import Deed, PageClinician
from careline.core.people import Private
from careline.storage import promises
from careline.storage.transactions import Actor, practice
from careline.testing.callers import a_summary, a_triage
from careline.testing.clock import MovableClock
from careline.testing.reach import LetterBox, ScriptedDialler
from careline.workers.work import handlers, in_threads

EVERY_KIND = (STEP, TURN, WATCH, MAIL, *DEADLINES, *MAIL_KINDS, *RING_KINDS, *CALL_KINDS, *TEXT_KINDS)
RIVERA, OKAFOR, LINDGREN = "+12125550111", "+12125550112", "+12125550113"


@dataclass(slots=True)
class Night:
    """`pass_time` moves the clock and lets the keepers of `work` and `voice` keep what is due."""

    practice: UUID
    clock: MovableClock
    threads: ThreadPoolExecutor
    phone: ScriptedDialler = field(default_factory=ScriptedDialler)
    mail: LetterBox = field(default_factory=LetterBox)

    def a_call(self, key: str = "call-1", caller: str = "+12125550199") -> ContactOpened:
        command = OpenContact(
            key, self.clock.now(), "node-1", Channel.PHONE, "+12125550100", Private(caller), Hearing.CLOSED, "en"
        )
        opened: ContactOpened = perform(command)
        return opened

    def do(self, call: ContactOpened, key: str, deed: Deed) -> DeedDone:
        done: DeedDone = perform(DoDeed(call.practice, call.contact, key, self.clock.now(), deed))
        return done

    def a_page(self, disposition: Disposition = Disposition.CLINICIAN_NOW) -> UUID:
        done = self.do(self.a_call(), "clinical", PageClinician(a_summary(disposition), a_triage(disposition)))
        assert done.page is not None
        return done.page

    def pass_time(self, **by: float) -> None:
        """From one due promise to the next, because keepers act when things fall due and not at the end."""
        until = self.clock.now() + timedelta(**by)
        while asyncio.run(self._keep_due()) or self.clock.now() < until:
            due = retried(promises.next_due)(EVERY_KIND) or until
            self.clock.move(seconds=max(0.0, (min(due, until) - self.clock.now()).total_seconds()))

    def look(self) -> Any:
        """A transaction to look at rows in."""
        return practice(self.practice, actor=Actor.service("test"), purpose="test", now=self.clock.now())

    async def _keep_due(self) -> int:
        send = in_threads(self.threads)
        work = Keeper(send, handlers(send, self.mail, self.clock), "work-1", self.clock)
        rings = {**ringing(send, self.phone, self.clock), **calling_back(send, self.phone, self.clock)}
        voice = Keeper(send, rings, "voice-1", self.clock)
        return await work.keep_due() + await voice.keep_due()
