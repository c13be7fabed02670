"""A page's time is up and nobody has accepted: begin its next step."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from careline.actions import paging
from careline.actions.commands import AdvancePage
from careline.actions.perform import performs
from careline.storage import promises
from careline.storage.claims import Kept, Standing
from careline.storage.models import Page
from careline.storage.rows import one
from careline.storage.transactions import practice

if TYPE_CHECKING:
    from careline.storage.transactions import Tx


@performs(AdvancePage)
def advance_page(command: AdvancePage) -> None:
    claim = command.claim
    with practice(claim.practice, actor=promises.KEEPER, purpose="page clinician", now=command.at) as tx:
        page = locked(tx, claim.payload["page"])
        if promises.finish(tx, claim, Kept("step")) is Standing.OURS and claim.key == paging.step_key(page):
            page.next_at = None  # its time is up, whatever this machine's clock says
            paging.advance(tx, page)


def locked(tx: Tx, page: str | UUID) -> Page:
    """A page's row, locked before anything that hangs on it, always in this order."""
    return one(Page.objects.select_for_update(), practice_id=tx.practice, id=UUID(str(page)))
