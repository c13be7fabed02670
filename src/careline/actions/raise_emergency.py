"""The caller was told to call 911: the clinician is paged and the desk alarmed in parallel; nothing waits for a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.commands import DeedDone
from careline.actions.deeds import carry_out
from careline.actions.messages import take, triaged
from careline.actions.paging import raise_page, sound
from careline.core.clinical import Disposition, most_urgent
from careline.core.dialogue.deeds import RaiseEmergency
from careline.storage.models import Contact

if TYPE_CHECKING:
    from careline.actions.commands import DoDeed
    from careline.storage.transactions import Tx


@carry_out.register(RaiseEmergency)
def raise_emergency(deed: RaiseEmergency, tx: Tx, command: DoDeed) -> DeedDone:
    message, new = take(tx, command.contact, command.key, "clinical", deed.summary, None, {})
    if new:
        triaged(tx, command.contact, deed.triage)
        Contact.objects.filter(id=command.contact).update(red_flag=True)
    disposition = most_urgent(deed.summary.disposition, Disposition.ED_NOW)
    page = raise_page(tx, message, disposition, worse=new and deed.summary.worse)
    sound(tx, "emergency", f"emergency:{command.contact}", page, command.contact)
    return DeedDone(page.reference, message.id, page.id)
