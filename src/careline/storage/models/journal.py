"""Who did what to what, when and why; and the keys of a practice. The application may only add to the journal."""

from __future__ import annotations

from django.db import models

from careline.storage.models.base import Row, word


class JournalEntry(Row):
    """`detail` holds ids, numbers, fixed words, and HMACs where a value of a patient's must be comparable."""

    at = models.DateTimeField()
    actor_kind = word()
    actor = word(120)
    purpose = word(80)
    action = word(80)
    table = word(40)
    row = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "journal_entry"
        indexes = [
            models.Index(fields=["practice", "at"], name="journal_by_time"),
            models.Index(fields=["practice", "table", "row"], name="journal_by_row"),
        ]


class JournalPending(Row):
    """Entries the sealer has not chained yet; its `id` is the entry's."""

    class Meta:
        db_table = "journal_pending"
        indexes = [models.Index(fields=["practice"], name="pending_by_practice")]


class JournalSeal(Row):
    """The chain: `seal` is an HMAC, under the practice's key, over the seal before, `seq` and the entry's content."""

    seq = models.BigIntegerField()
    entry = models.UUIDField(unique=True)
    seal = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "journal_seal"
        constraints = [models.UniqueConstraint(fields=["practice", "seq"], name="one_seal_per_seq")]


class DataKey(Row):
    """A practice's data key, wrapped under the installation's master key. `number` counts from 1; the highest seals."""

    number = models.IntegerField()
    wrapped = models.BinaryField()

    class Meta:
        db_table = "data_key"
        constraints = [models.UniqueConstraint(fields=["practice", "number"], name="one_key_per_number")]
