"""Something was due from a person by now: an acceptance, an outcome, a callback. Missing, it is raised, never dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions import paging
from careline.actions.advance_page import locked
from careline.actions.commands import KeepDeadline
from careline.actions.patching import spoke
from careline.actions.perform import performs, retried
from careline.actions.record_outcome import raise_again
from careline.actions.request_callback import DUE as CALLBACK
from careline.actions.take_message import DUE as MESSAGE
from careline.actions.take_message import QUEUE
from careline.actions.tell_caller import owe_words
from careline.core.clinical import Disposition, Level
from careline.storage import promises
from careline.storage.claims import Kept, Standing
from careline.storage.models import Alarm, CallbackTask, Message
from careline.storage.rows import one
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.storage.claims import Claimed
    from careline.storage.transactions import Tx

KINDS = (paging.OUTCOME, paging.LATE, CALLBACK, MESSAGE, QUEUE)


@performs(KeepDeadline)
def keep_deadline(command: KeepDeadline) -> None:
    claim = command.claim
    with practice(claim.practice, actor=promises.KEEPER, purpose="keep deadlines", now=command.at) as tx:
        if claim.kind in _OF_PAGES:
            _OF_PAGES[claim.kind](tx, claim)
        elif promises.finish(tx, claim, Kept("due")) is Standing.OURS:
            _overdue(tx, claim)
        tx.journal("deadline.passed", "promise", claim.promise, kind=claim.kind)


def _outcome(tx: Tx, claim: Claimed) -> None:
    page = locked(tx, claim.payload["page"])
    if promises.finish(tx, claim, Kept("due")) is not Standing.OURS or page.state != "accepted":
        return
    if spoke(page):  # whoever spoke to the patient is not woken again for paperwork: the desk asks them
        paging.sound(tx, "outcome_missing", f"outcome:{page.id}:{page.round}", page)
    else:
        raise_again(tx, page)


def _late(tx: Tx, claim: Claimed) -> None:
    """Nobody has accepted in the time the practice allows itself: the next step begins now, the desk and the caller are told."""
    page = locked(tx, claim.payload["page"])
    if promises.finish(tx, claim, Kept("due")) is not Standing.OURS or page.state != "open":
        return
    key = f"late:{page.id}:{page.round}:{page.raised_again}"
    paging.sound(tx, "page_late", key, page)
    paging.tell_callers(tx, page, "page_late", key)
    owe_words(tx, page)
    paging.hurry(tx, page)


_OF_PAGES = {paging.OUTCOME: _outcome, paging.LATE: _late}


def _overdue(tx: Tx, claim: Claimed) -> None:
    """What is urgent but could wait is paged when the queue opens, and again by its time: from then on it can wait no longer."""
    if claim.kind == CALLBACK:
        task = CallbackTask.objects.filter(id=claim.payload["callback"], state="open").first()
        if task is not None:
            paging.sound(tx, "callback_overdue", f"callback:{task.id}", contact=task.contact_id)
    else:
        message = Message.objects.filter(id=claim.payload["message"], state__in=("taken", "sent")).first()
        if message is not None and claim.kind == MESSAGE:
            paging.sound(tx, "message_overdue", f"message:{message.id}", contact=message.contact_id)
        if message is not None and message.level == Level.URGENT:
            paging.raise_page(tx, message, Disposition(message.disposition))


@retried
def finish_callback(practice_id: UUID, task_id: UUID, by: UUID, result: str, now: datetime) -> None:
    """`result` is a fixed word (reached, left_message, no_answer). Only "reached" or "closed" ends the task."""
    with practice(practice_id, actor=Actor.person(by), purpose="call back", now=now) as tx:
        task = one(CallbackTask.objects.select_for_update(), practice_id=practice_id, id=task_id)
        tx.journal("callback.tried", "callback_task", task.id, result=result)
        if task.state != "open":
            return
        task.result = result
        if result in ("reached", "closed"):
            task.state, task.done_by_id, task.done_at = "done", by, now
            promises.cancel(tx, CALLBACK, str(task.id))
        task.save()


@retried
def clear_alarm(practice_id: UUID, alarm_id: UUID, by: UUID, now: datetime) -> None:
    with practice(practice_id, actor=Actor.person(by), purpose="clear alarm", now=now) as tx:
        Alarm.objects.filter(id=alarm_id, cleared_at=None).update(cleared_at=now, cleared_by=by)
        tx.journal("alarm.cleared", "alarm", alarm_id)
