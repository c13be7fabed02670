"""Promises: what must happen later or outside, as rows. This module owns the table and its SQL (house rule 5).

A promise is made in the transaction of the fact that caused it and is unique by (practice, kind, key). A worker claims what is
due, under a lease and a fence that grows with each claim; it finishes only while its fence is the newest. Whoever is killed, or
frozen past its lease, loses the promise to the next; the next learns from `repeat` that the effect may happen again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from django.db import connection

from careline.storage.claims import Again, Claimed, GiveUpLoudly, Kept, New, Overtaken, Result, Standing
from careline.storage.ids import new_id
from careline.storage.models import Promise
from careline.storage.transactions import Actor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from careline.storage.transactions import Tx

KEEPER = Actor.service("keeper")


def make(tx: Tx, promise: New) -> UUID:
    """Promise something in this transaction. The same kind and key again is the same promise, untouched."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO promise (id, practice_id, kind, key, payload, state, due_at, wake_at, fence, attempts, made_at) "
            "VALUES (%s, %s, %s, %s, %s, 'waiting', %s, %s, 0, 0, %s) "
            "ON CONFLICT (practice_id, kind, key) DO NOTHING RETURNING id",
            [
                new_id(), tx.practice, promise.kind, promise.key, json.dumps(dict(promise.payload)), promise.due_at,
                promise.due_at, tx.now,
            ],
        )  # fmt: skip
        made = cursor.fetchone()
    if made is not None:
        return cast("UUID", made[0])
    found = Promise.objects.filter(practice_id=tx.practice, kind=promise.kind, key=promise.key)
    return found.values_list("id", flat=True).get()


def cancel(tx: Tx, kind: str, key_prefix: str) -> int:
    """Nobody need keep these any more. One in flight may still take effect, but cannot finish."""
    waiting = Promise.objects.filter(practice_id=tx.practice, kind=kind, key__startswith=key_prefix, state="waiting")
    return waiting.update(state="cancelled", finished_at=tx.now)


def bring_forward(tx: Tx, kind: str, key: str, at: datetime) -> None:
    """Let a promise fall due sooner, unless a worker has it in hand already."""
    waiting = Promise.objects.filter(practice_id=tx.practice, kind=kind, key=key, state="waiting", wake_at__gt=at)
    waiting.filter(attempts=0).update(due_at=at, wake_at=at)


def claim(kinds: Sequence[str], worker: str, now: datetime, lease: timedelta, most: int) -> list[Claimed]:
    """Take up to `most` due promises of these kinds, of any practice, the longest due first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT practice, promise, kind, key, payload, due_at, fence, n, repeat FROM claim_promises(%s, %s, %s, %s, %s)",
            [list(kinds), worker, now, now + lease, most],
        )
        return [
            Claimed(of, id_, kind, key, json.loads(payload), due_at, fence, n, repeat)
            for of, id_, kind, key, payload, due_at, fence, n, repeat in cursor.fetchall()
        ]


def renew(held: Sequence[Claimed], lease_until: datetime) -> set[UUID]:
    """Lengthen leases. What is missing from the result is no longer ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT renew_promises(%s, %s, %s)",
            [[one.promise for one in held], [one.fence for one in held], lease_until],
        )
        return {row[0] for row in cursor.fetchall()}


def next_due(kinds: Sequence[str]) -> datetime | None:
    """When the next promise of these kinds falls due (or a lease ends)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT next_promise_at(%s)", [list(kinds)])
        found: datetime | None = cursor.fetchone()[0]
        return found


def finish(tx: Tx, claimed: Claimed, result: Result) -> Standing:
    """Report what became of a claim, in the transaction of its effects. Unless OURS, the caller must have no further effect;
    `hold` at the transaction's begin says so earlier."""
    standing = report([(claimed, result)], tx.now)[claimed.promise]
    if standing is Standing.OURS and isinstance(result, GiveUpLoudly):
        _alarm(tx, claimed)
    return standing


def report(results: Sequence[tuple[Claimed, Result]], now: datetime) -> dict[UUID, Standing]:
    """What became of many claims, of any practices, in one statement. `GiveUpLoudly` wants its alarm in the same transaction, so
    it goes through `finish`."""
    rows = [
        (one.promise, one.fence, one.attempt, *_becomes(result), result.outcome, result.reference, _why(result))
        for one, result in results
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT promise, standing FROM finish_promises(%s, %s, %s, %s, %s::timestamptz[], %s, %s, %s, %s)",
            [*(list(column) for column in zip(*rows, strict=True)), now],
        )
        found = {row[0]: Standing(row[1]) for row in cursor.fetchall()}
    return {one.promise: found.get(one.promise, Standing.CANCELLED) for one, _ in results}


def _becomes(result: Result) -> tuple[str, datetime | None]:
    """The promise's state while it is ours, and when it falls due again."""
    match result:
        case Kept():
            return "kept", None
        case Again(at=at):
            return "waiting", at
        case GiveUpLoudly():
            return "given_up", None


def _why(result: Result) -> str:
    return "" if isinstance(result, Kept) else result.why


def hold(claimed: Claimed) -> None:
    """Lock the promise for this transaction, or raise `Overtaken`. For handlers whose effects are rows: lock, act, finish."""
    if _standing(claimed) is not Standing.OURS:
        raise Overtaken("this promise is no longer ours to keep")


def _standing(claimed: Claimed) -> Standing:
    row = Promise.objects.select_for_update().get(id=claimed.promise)
    if row.fence != claimed.fence:
        return Standing.OVERTAKEN
    return Standing.OURS if row.state == "waiting" else Standing.CANCELLED


def _alarm(tx: Tx, claimed: Claimed) -> None:
    from careline.storage.models import Alarm

    alarm = Alarm(
        practice_id=tx.practice, kind=f"given_up:{claimed.kind}"[:40], key=f"promise:{claimed.promise}", at=tx.now
    )
    Alarm.objects.bulk_create([alarm], ignore_conflicts=True)
    tx.journal("promise.given_up", "promise", claimed.promise, kind=claimed.kind)
