"""What people ask of a live call, and news for it: rows that the node which holds the call claims, carries out and answers."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions.commands import AnswerOrder, AwaitOrders, Order
from careline.actions.open_contact import VOICE
from careline.actions.perform import performs, retried
from careline.core.errors import Refused
from careline.storage.ids import new_id
from careline.storage.listening import COMMANDS, wait
from careline.storage.lookups import commands_of_node
from careline.storage.models import CallCommand, LiveCall
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

OPERATOR_WAITS = timedelta(seconds=5)


@retried
def order(
    practice_id: UUID, contact_id: UUID, by: UUID, kind: str, key: str, expected_version: int, now: datetime
) -> UUID:
    """Ask something of a live call (take_over, hold, unhold, hang_up). It is answered within 5 s or not at all; the answer is
    the row's `result`."""
    with practice(practice_id, actor=Actor.person(by), purpose="work call", now=now) as tx:
        live = LiveCall.objects.filter(practice_id=practice_id, contact_id=contact_id).first()
        if live is None:
            raise Refused("this call is over")
        row, _ = CallCommand.objects.get_or_create(
            practice_id=practice_id,
            key=key,
            defaults={
                "id": new_id(),
                "contact_id": contact_id,
                "node": live.node,
                "kind": kind,
                "expected_version": expected_version,
                "by_id": by,
                "made_at": now,
                "expires_at": now + OPERATOR_WAITS,
            },
        )
        tx.journal("call.ordered", "contact", contact_id, kind=kind)
        return row.id


@performs(AwaitOrders)
def await_orders(command: AwaitOrders) -> tuple[Order, ...]:
    began = time.monotonic()
    with wait(COMMANDS) as pokes:
        while True:
            passed = time.monotonic() - began
            found = _claim(command.node, command.at + timedelta(seconds=passed))
            if found or passed >= command.wait_s:
                return found
            while command.node not in pokes(max(0.0, command.wait_s - (time.monotonic() - began))):
                if time.monotonic() - began >= command.wait_s:
                    break


def _claim(node: str, now: datetime) -> tuple[Order, ...]:
    return tuple(taken for of, row in commands_of_node(node, now) if (taken := _take(of, row, now)) is not None)


def _take(practice_id: UUID, row: UUID, now: datetime) -> Order | None:
    with practice(practice_id, actor=VOICE, purpose="work call", now=now):
        found = CallCommand.objects.select_for_update(skip_locked=True).filter(id=row, claimed_at=None).first()
        if found is None:
            return None
        found.claimed_at = now
        found.save()
        return Order(
            practice_id, found.id, found.contact_id, found.kind, found.args, found.expected_version, found.by_id,
            found.expires_at,
        )  # fmt: skip


@performs(AnswerOrder)
def answer_order(command: AnswerOrder) -> int | None:
    """Result: the call's new version, when its state changed."""
    with practice(command.practice, actor=VOICE, purpose="work call", now=command.at) as tx:
        row = CallCommand.objects.get(practice_id=command.practice, id=command.order)
        tx.journal("call.answered", "contact", row.contact_id, kind=row.kind, result=command.result)
        if row.result:
            return None
        row.result = command.result
        row.save()
        live = LiveCall.objects.select_for_update().filter(contact_id=row.contact_id).first()
        if command.state is None or live is None:
            return None
        live.state, live.version = command.state, live.version + 1
        live.save()
        return live.version
