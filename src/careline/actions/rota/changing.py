"""The frame of every change to a rota: one at a time, checked against what it leaves missing, journalled by the change itself."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from careline.actions.rota import watch
from careline.actions.rota.calendar import calendar_between, calendar_to_change, rota_of
from careline.core.oncall.telling import LeavesGap, added, missing, told
from careline.storage.transactions import practice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from careline.core.oncall.rules import Calendar
    from careline.storage.models import Rota
    from careline.storage.transactions import Actor, Tx

#: How far ahead a change of a rule is checked for what it leaves missing.
FAR = timedelta(days=60)


@dataclass(slots=True)
class Changing:
    """`calendar` is the rota as written, for checking against. `gaps` are told once the change is done: what it leaves
    missing that was not missing before."""

    tx: Tx
    rota: Rota
    calendar: Calendar
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Who:
    """Of which practice, by whom, when; `despite_gaps` says that they know what their change leaves empty."""

    practice: UUID
    actor: Actor
    now: datetime
    despite_gaps: bool = False

    @property
    def person(self) -> UUID | None:
        """None when a part of the service acts."""
        return UUID(self.actor.id) if self.actor.kind == "person" else None


@contextmanager
def looking(who: Who) -> Iterator[Tx]:
    """To see what a change is about before it is made: how long the time is that it touches."""
    with practice(who.practice, actor=who.actor, purpose="change rota", now=who.now) as tx:
        yield tx


@contextmanager
def changing(who: Who, start: datetime | None = None, end: datetime | None = None) -> Iterator[Changing]:
    """The change touches the time from `start` to `end` (from now on, when they are not given). Raises `LeavesGap`, and changes
    nothing, when it would leave somebody missing and `despite_gaps` is not set."""
    with practice(who.practice, actor=who.actor, purpose="change rota", now=who.now) as tx:
        rota = rota_of(tx, lock=True)
        first, last = start or tx.now, max(end or tx.now + FAR, tx.now + timedelta(minutes=1))
        begin = max(first, tx.now)
        last = max(last, begin + timedelta(minutes=1))
        before = missing(calendar_between(tx, begin, last), begin, last)
        change = Changing(tx, rota, calendar_to_change(tx, min(first, begin), last))
        yield change
        after = calendar_between(tx, begin, last)
        found = added(before, missing(after, begin, last))
        change.gaps = tuple(told(after, one) for one in found)
        if change.gaps and not who.despite_gaps:
            raise LeavesGap(change.gaps)
        rota.changed_at = tx.now
        rota.save()
        watch.look_again(tx)
