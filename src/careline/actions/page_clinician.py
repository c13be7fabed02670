"""Somebody must act now or soon: message, page and the promises of its first step, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.commands import DeedDone
from careline.actions.deeds import carry_out
from careline.actions.messages import take, triaged
from careline.actions.paging import raise_page
from careline.core.clinical import Disposition, most_urgent
from careline.core.dialogue.deeds import PageClinician

if TYPE_CHECKING:
    from careline.actions.commands import DoDeed
    from careline.storage.transactions import Tx


@carry_out.register(PageClinician)
def page_clinician(deed: PageClinician, tx: Tx, command: DoDeed) -> DeedDone:
    message, new = take(tx, command.contact, command.key, "clinical", deed.summary, None, {})
    if new:
        triaged(tx, command.contact, deed.triage)
    # Whoever asks for a page gets one: what is less urgent than a page is not asked for as a page.
    disposition = most_urgent(deed.summary.disposition, Disposition.WITHIN_24H)
    page = raise_page(tx, message, disposition, worse=new and deed.summary.worse)
    return DeedDone(page.reference, message.id, page.id)
