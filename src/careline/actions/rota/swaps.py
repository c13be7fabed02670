"""Swaps: one offers a shift, the colleague agrees, somebody else approves; only then the rota changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from careline.actions.perform import retried
from careline.actions.rota.calendar import must_be_reachable
from careline.actions.rota.changing import changing, looking
from careline.actions.rota.overrides import Changed, Wanted, write
from careline.core.errors import Refused
from careline.core.oncall import changes
from careline.core.oncall.changes import Part, Swap, SwapState
from careline.storage.ids import new_id
from careline.storage.models import RotaSwap
from careline.storage.rows import one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from careline.actions.rota.changing import Changing, Who
    from careline.core.oncall.rules import Override


@retried
def propose_swap(who: Who, first: Part, colleague: UUID, second: Part | None = None) -> Changed:
    """Whoever proposes offers their own shift, or writes down what another has asked for."""
    ends = [part.end for part in (first, second) if part]
    with changing(replace(who, despite_gaps=True), who.now, max(ends)) as change:
        must_be_reachable(change.calendar, str(colleague))
        row = new_id()
        changes.propose(change.calendar, Swap(str(row), first, str(colleague), second), who.now)
        RotaSwap.objects.create(
            id=row,
            practice_id=who.practice,
            first_person_id=UUID(first.person),
            first_rule=first.rule,
            first_starts_at=first.start,
            first_ends_at=first.end,
            colleague_id=colleague,
            second_rule=second.rule if second else "",
            second_starts_at=second.start if second else None,
            second_ends_at=second.end if second else None,
            made_at=who.now,
            made_by_id=who.person,
        )
        change.tx.journal("rota.swap.proposed", "rota_swap", row, colleague=colleague)
    return Changed(row)


@retried
def agree_to_swap(who: Who, row: UUID) -> None:
    with changing(who) as change:
        found = _locked(change, row)
        agreed = changes.agree(value_of(found), str(who.person))
        found.state, found.agreed_at = agreed.state.value, who.now
        found.save()
        change.tx.journal("rota.swap.agreed", "rota_swap", row)


@retried
def decline_swap(who: Who, row: UUID, *, anybodys: bool) -> None:
    """By one of the two; by whoever keeps the rota, `anybodys`."""
    with changing(who) as change:
        found = _locked(change, row)
        if not anybodys and who.person not in (found.first_person_id, found.colleague_id):
            raise Refused("only the two who swap can take this back")
        found.state = changes.decline(value_of(found)).state.value
        found.ended_at, found.ended_by_id = who.now, who.person
        found.save()
        change.tx.journal("rota.swap.declined", "rota_swap", row)


@retried
def approve_swap(who: Who, row: UUID) -> Changed:
    with looking(who) as tx:
        swap = one(RotaSwap.objects.all(), practice_id=tx.practice, id=row)
    with changing(who, who.now, max(end for end in (swap.first_ends_at, swap.second_ends_at) if end)) as change:
        found = _locked(change, row)
        approved, overrides = changes.approve(change.calendar, value_of(found), str(who.person), who.now)
        found.state, found.ended_at, found.ended_by_id = approved.state.value, who.now, who.person
        found.save()
        _make(change, overrides, who, found.id)
        change.tx.journal("rota.swap.approved", "rota_swap", row)
    return Changed(row, change.gaps)


def _make(change: Changing, overrides: Sequence[Override], who: Who, swap: UUID) -> None:
    for each in overrides:
        wanted = Wanted(
            each.change, each.start, each.end, UUID(each.person), UUID(each.leaves), each.rule, reason="swapped"
        )
        write(change, new_id(), wanted, who.person, swap)


def value_of(row: RotaSwap) -> Swap:
    first = Part(str(row.first_person_id), row.first_rule, row.first_starts_at, row.first_ends_at)
    second = None
    if row.second_starts_at is not None and row.second_ends_at is not None:
        second = Part(str(row.colleague_id), row.second_rule, row.second_starts_at, row.second_ends_at)
    return Swap(str(row.id), first, str(row.colleague_id), second, SwapState(row.state))


def _locked(change: Changing, row: UUID) -> RotaSwap:
    return one(RotaSwap.objects.select_for_update(), practice_id=change.tx.practice, id=row)
