"""Somebody owes this caller a call by a stated time; overdue, it is raised at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.commands import DeedDone
from careline.actions.deeds import carry_out
from careline.actions.words import as_word
from careline.core.clinical import Level
from careline.core.dialogue.deeds import RequestCallback
from careline.storage import promises
from careline.storage.claims import New
from careline.storage.ids import new_id
from careline.storage.models import CallbackTask, Contact

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.actions.commands import DoDeed
    from careline.core.people import Private
    from careline.storage.transactions import Tx

DUE = "callback.due"


@carry_out.register(RequestCallback)
def request_callback(deed: RequestCallback, tx: Tx, command: DoDeed) -> DeedDone:
    summary = deed.summary
    urgent = summary.disposition.level in (Level.EMERGENCY, Level.URGENT)
    owe(tx, command.contact, command.key, deed.why, deed.due, summary.identity.callback_number, summary.reason, urgent)
    return DeedDone()


def owe(
    tx: Tx,
    contact: UUID,
    key: str,
    why: str,
    due: datetime,
    number: Private | None,
    reason: Private | None,
    urgent: bool,
) -> None:
    """A callback task, once per contact and key. Without a number of its own it takes the one the call came from."""
    if number is None:
        number = Contact.objects.get(id=contact).caller_number
    word = as_word(why)
    task = CallbackTask(
        id=new_id(),
        practice_id=tx.practice,
        contact_id=contact,
        key=f"{contact}:{key}",
        why=word,
        urgent=urgent,
        made_at=tx.now,
        due_at=due,
        number=number,
        reason=reason,
    )
    CallbackTask.objects.bulk_create([task], ignore_conflicts=True)
    made = CallbackTask.objects.only("id", "due_at").get(practice_id=tx.practice, key=task.key)
    promises.make(tx, New(DUE, str(made.id), made.due_at, {"callback": str(made.id)}))
    tx.journal("callback.owed", "callback_task", made.id, why=word, urgent=urgent)
