"""What people ask of a live call, and news for it: rows that the node which holds the call claims, carries out and answers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions.commands import AnswerOrder, AwaitOrders, Order
from careline.actions.desk import at_the_desk, call_state
from careline.actions.open_contact import VOICE
from careline.actions.perform import performs, retried
from careline.core.errors import Refused
from careline.storage.ids import new_id
from careline.storage.listening import COMMANDS, LIVE, leave, wait
from careline.storage.lookups import commands_of_node
from careline.storage.models import CallCommand, LiveCall
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.core.people import Private

OPERATOR_WAITS = timedelta(seconds=5)
KINDS = ("take_over", "listen", "hang_up", "hold", "resume", "give_back", "say")
#: done; ringing: the asker's telephone is; the rest say why nothing was done.
RESULTS = ("done", "ringing", "stale", "refused", "no_answer", "no_telephone", "no_consent", "not_yours")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an operator asks of a live call. `version` is of the picture they saw; `key` makes a repeat harmless."""

    contact: UUID
    kind: str
    key: str
    version: int
    text: Private | None = None


@retried
def order(practice_id: UUID, by: UUID, asked: Asked, now: datetime) -> UUID:
    """It is answered within 5 s or not at all; the answer is the row's `result` (`answer_of`)."""
    if asked.kind not in KINDS:
        raise Refused("there is no such order")
    with practice(practice_id, actor=Actor.person(by), purpose="work call", now=now) as tx:
        live = LiveCall.objects.filter(practice_id=practice_id, contact_id=asked.contact).first()
        if live is None:
            raise Refused("this call is over")
        row, _ = CallCommand.objects.get_or_create(
            practice_id=practice_id,
            key=asked.key,
            defaults={
                "id": new_id(),
                "contact_id": asked.contact,
                "node": live.node,
                "kind": asked.kind,
                "text": asked.text,
                "expected_version": asked.version,
                "by_id": by,
                "made_at": now,
                "expires_at": now + OPERATOR_WAITS,
            },
        )
        tx.journal("call.ordered", "contact", asked.contact, kind=asked.kind)
        return row.id


def answer_of(practice_id: UUID, by: UUID, row: UUID, now: datetime, wait_s: float) -> str:
    """The result, waited for as long as an operator may be kept; empty when the owner of the call has not answered."""
    until = time.monotonic() + wait_s
    try:
        with wait(LIVE) as pokes:
            while not (result := _result(practice_id, by, row, now)) and (left := until - time.monotonic()) > 0:
                pokes(left)
    finally:
        leave()  # a thread of the web process lives for one request
    return result


@retried
def _result(practice_id: UUID, by: UUID, row: UUID, now: datetime) -> str:
    with practice(practice_id, actor=Actor.person(by), purpose="work call", now=now) as tx:
        found = CallCommand.objects.values("result", "contact_id").get(practice_id=practice_id, id=row)
        tx.journal("call.order.read", "contact", found["contact_id"])
        return str(found["result"])


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
    with practice(practice_id, actor=VOICE, purpose="work call", now=now) as tx:
        found = CallCommand.objects.select_for_update(skip_locked=True).filter(id=row, claimed_at=None).first()
        tx.journal("call.order.claimed", "call_command", row)
        if found is None:
            return None
        found.claimed_at = now
        found.save()
        asker = at_the_desk(tx, found.by_id) if found.by_id else None
        return Order(
            practice_id, found.id, found.contact_id, found.kind, found.args, found.expected_version, found.by_id,
            found.expires_at, asker.name if asker else "", asker.number if asker else "", found.text,
        )  # fmt: skip


@performs(AnswerOrder)
def answer_order(command: AnswerOrder) -> int | None:
    """Result: the call's new version, when its state changed."""
    with practice(command.practice, actor=VOICE, purpose="work call", now=command.at) as tx:
        row = CallCommand.objects.get(practice_id=command.practice, id=command.order)
        tx.journal("call.answered", "contact", row.contact_id, kind=row.kind, result=command.result)
        if row.result not in ("", "ringing"):
            return None
        row.result = command.result
        row.save()
        if command.state is None:
            return None
        return call_state(row.contact_id, command.state, command.person)
