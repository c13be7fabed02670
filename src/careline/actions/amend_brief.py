"""What was learned after the page went out: whoever accepts sees the newest, and a worse turn raises the page again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.commands import DeedDone
from careline.actions.deeds import carry_out
from careline.actions.messages import amend, of_contact, pages_of_contact, triaged
from careline.actions.paging import raise_page
from careline.core.clinical import Level
from careline.core.dialogue.deeds import AmendBrief
from careline.core.errors import Refused
from careline.storage.models import Message

if TYPE_CHECKING:
    from careline.actions.commands import DoDeed
    from careline.storage.transactions import Tx


@carry_out.register(AmendBrief)
def amend_brief(deed: AmendBrief, tx: Tx, command: DoDeed) -> DeedDone:
    page = pages_of_contact(tx, command.contact).first()
    mine = Message.objects.select_for_update().filter(of_contact(tx, command.contact), practice_id=tx.practice)
    message = mine.filter(id=page.message_id).first() if page else mine.order_by("-id").first()
    if message is None:
        raise Refused("there is no message of this contact to amend")
    amend(tx, message, command.contact, deed.summary)
    triaged(tx, command.contact, deed.triage)
    if page is None:
        return DeedDone(message.reference, message.id)
    if deed.summary.disposition.level in (Level.EMERGENCY, Level.URGENT):
        page = raise_page(tx, message, deed.summary.disposition)
    return DeedDone(page.reference, message.id, page.id)
