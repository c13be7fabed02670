"""Carries out a deed of the dialogue: finds the action for its type. `DoDeed` repeated gives the first result."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from careline.actions.commands import DeedDone, DoDeed
from careline.actions.open_contact import VOICE
from careline.actions.perform import performs
from careline.core.errors import Refused
from careline.storage.transactions import practice

if TYPE_CHECKING:
    from careline.storage.transactions import Tx


@performs(DoDeed)
def do_deed(command: DoDeed) -> DeedDone:
    with practice(command.practice, actor=VOICE, purpose="serve caller", now=command.at) as tx:
        tx.journal("deed.done", "contact", command.contact, deed=type(command.deed).__name__)
        return carry_out(command.deed, tx, command)


@singledispatch
def carry_out(deed: object, _tx: Tx, _command: DoDeed) -> DeedDone:
    """Each action registers itself for its deed."""
    raise Refused(f"{type(deed).__name__} is not a deed of the record")
