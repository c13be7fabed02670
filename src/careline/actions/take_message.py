"""A message for staff: it goes to the inbox and wakes nobody; not seen to by its time, it is raised at the desk.

What is urgent but can wait stands in a queue that opens when the office does: what nobody has taken from it by then is paged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.commands import DeedDone
from careline.actions.deeds import carry_out
from careline.actions.in_force import in_force
from careline.actions.messages import take, triaged
from careline.core.clinical import Level
from careline.core.dialogue.deeds import TakeMessage
from careline.core.routing.hours import is_open, next_opening
from careline.storage import promises
from careline.storage.claims import New

if TYPE_CHECKING:
    from datetime import datetime

    from careline.actions.commands import DoDeed
    from careline.storage.transactions import Tx

DUE, QUEUE = "message.due", "message.queue"


@carry_out.register(TakeMessage)
def take_message(deed: TakeMessage, tx: Tx, command: DoDeed) -> DeedDone:
    message, new = take(tx, command.contact, command.key, deed.kind.value, deed.summary, deed.due, dict(deed.details))
    if new:
        triaged(tx, command.contact, deed.triage)
    if new and message.contact_id == command.contact:  # one that was joined has its time already
        promises.make(tx, New(DUE, str(message.id), deed.due, {"message": str(message.id)}))
        if message.level == Level.URGENT:
            promises.make(tx, New(QUEUE, str(message.id), _opens(tx, deed.due), {"message": str(message.id)}))
    return DeedDone(message.reference, message.id)


def _opens(tx: Tx, due: datetime) -> datetime:
    file = in_force()
    opening = None if is_open(file, tx.now) else next_opening(file, tx.now)
    return min(due, opening or due)
