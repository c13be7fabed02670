"""The journal: who did what, chained so that a later change to it shows.

Business transactions only add entries. One sealer per practice then chains them in the order it finds them, within a second, so
that writers never queue for the head of the chain. A seal is an HMAC under the practice's key over the seal before, its
number and the entry's whole content: whoever can change the tables but lacks the key cannot make the chain fit again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db import connection

from careline.storage import keys
from careline.storage.ids import new_id
from careline.storage.models import JournalEntry, JournalPending, JournalSeal
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from careline.storage.transactions import Entry, Tx

_FIRST = "0" * 64
_BATCH = 1000
SEALER = Actor.service("sealer")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found. `first_bad` is the first number in the chain that does not fit, with `why`; `unsealed` counts
    entries the sealer has not reached yet, which is normal for a second and a sign of a stopped sealer after that."""

    sealed: int
    unsealed: int
    head: str
    first_bad: int | None = None
    why: str = ""


def write(tx: Tx, practice_id: UUID, entries: Sequence[Entry]) -> None:
    """Called as a transaction commits; a trigger lists the entries for the sealer."""
    JournalEntry.objects.bulk_create(
        [
            JournalEntry(
                id=new_id(),
                practice_id=practice_id,
                at=tx.now,
                actor_kind=tx.actor.kind,
                actor=tx.actor.id,
                purpose=tx.purpose,
                action=entry.action,
                table=entry.table,
                row=entry.row,
                detail=entry.detail,
            )
            for entry in entries
        ]
    )


def practices_to_seal() -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT practices_unsealed()")
        return [row[0] for row in cursor.fetchall()]


def seal(practice_id: UUID, now: datetime) -> int:
    """Chain what is pending, up to a thousand entries; returns how many. Does nothing while another sealer is at it."""
    with practice(practice_id, actor=SEALER, purpose="seal journal", now=now):
        if not _alone(practice_id):
            return 0
        pending = list(JournalPending.objects.order_by("id").values_list("id", flat=True)[:_BATCH])
        entries = {entry.id: entry for entry in JournalEntry.objects.filter(id__in=pending)}
        last = JournalSeal.objects.filter(practice_id=practice_id).order_by("-seq").first()
        seq, head = (last.seq, last.seal) if last else (0, _FIRST)
        seals: list[JournalSeal] = []
        for entry_id in pending:
            seq, head = seq + 1, _chain(practice_id, head, seq + 1, entries[entry_id])
            seals.append(
                JournalSeal(id=new_id(), practice_id=practice_id, seq=seq, entry=entry_id, seal=head, sealed_at=now)
            )
        JournalSeal.objects.bulk_create(seals)
        JournalPending.objects.filter(id__in=pending).delete()
        return len(seals)


def head(tx: Tx, slug: str) -> dict[str, Any]:
    """The end of the chain as it stands, to be kept where nobody who can change the tables can reach it."""
    last = JournalSeal.objects.filter(practice_id=tx.practice).order_by("-seq").first()
    number, found = (last.seq, last.seal) if last else (0, _FIRST)
    return {
        "schema": "careline.journal-head/1",
        "practice": slug,
        "entry": number,
        "seal": found,
        "at": tx.now.isoformat(),
    }


def verify(practice_id: UUID, now: datetime, actor: Actor, known: Mapping[int, str] = MappingProxyType({})) -> Verdict:
    """Walk the whole chain. Finds entries deleted, changed, put in another order, added beside the chain or hidden from it; and,
    by the seals that are `known` by number from proofs and heads kept elsewhere, a chain that was cut short or made anew."""
    with practice(practice_id, actor=actor, purpose="verify journal", now=now) as tx:
        total = JournalEntry.objects.filter(practice_id=practice_id).count()
        pending = JournalPending.objects.filter(practice_id=practice_id).count()
        seq, end = 0, _FIRST
        for found, entry in _walk(practice_id):
            seq += 1
            why = _misfit(practice_id, seq, end, found, entry)
            if why:
                return Verdict(seq - 1, pending, end, seq, why)
            if known.get(seq, found.seal) != found.seal:
                return Verdict(seq - 1, pending, end, seq, "it had another seal when a copy of that was taken")
            end = found.seal
        if known and max(known) > seq:
            return Verdict(seq, pending, end, seq + 1, f"the chain ends here, and once had {max(known)} entries")
        tx.journal("journal.verified", "journal_seal", sealed=seq)
        if total != seq + pending:
            return Verdict(seq, pending, end, seq + 1, f"{abs(total - seq - pending)} entries stand outside the chain")
        return Verdict(seq, pending, end)


def _walk(practice_id: UUID) -> Any:
    seals = JournalSeal.objects.filter(practice_id=practice_id).order_by("seq")
    batch: list[JournalSeal] = []
    for one in seals.iterator(chunk_size=_BATCH):
        batch.append(one)
        if len(batch) == _BATCH:
            yield from _with_entries(batch)
            batch = []
    yield from _with_entries(batch)


def _with_entries(batch: list[JournalSeal]) -> list[tuple[JournalSeal, JournalEntry | None]]:
    entries = JournalEntry.objects.in_bulk([one.entry for one in batch])
    return [(one, entries.get(one.entry)) for one in batch]


def _misfit(practice_id: UUID, seq: int, head: str, found: JournalSeal, entry: JournalEntry | None) -> str:
    if found.seq != seq:
        return f"seal {seq} is missing"
    if entry is None:
        return "its entry was deleted"
    if _chain(practice_id, head, seq, entry) != found.seal:
        return "its entry was changed or put in another order"
    return ""


def _chain(practice_id: UUID, before: str, seq: int, entry: JournalEntry) -> str:
    content = [
        str(entry.id), entry.at.isoformat(), entry.actor_kind, entry.actor, entry.purpose, entry.action, entry.table,
        str(entry.row), entry.detail,
    ]  # fmt: skip
    text = json.dumps([before, seq, content], sort_keys=True, separators=(",", ":"))
    return keys.of(practice_id).fingerprint("journal-seal", text)


def _alone(practice_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 7))", [str(practice_id)])
        return bool(cursor.fetchone()[0])
