"""What must happen later or outside, and every try at it (see `storage.promises`)."""

from __future__ import annotations

from django.db import models

from careline.storage.models.base import Row, link, word


class Promise(Row):
    """`due_at` is when it should happen; `wake_at` when a worker may (next) take it: its due time, or the end of its lease.
    `payload` holds ids and fixed words only. `state`: waiting, kept, given_up, cancelled."""

    kind = word()
    key = word(200)
    payload = models.JSONField(default=dict)
    state = word(default="waiting")
    due_at = models.DateTimeField()
    wake_at = models.DateTimeField()
    fence = models.BigIntegerField(default=0)
    attempts = models.IntegerField(default=0)
    made_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "promise"
        constraints = [
            models.UniqueConstraint(fields=["practice", "kind", "key"], name="promised_once"),
            models.UniqueConstraint(fields=["practice", "id"], name="promise_of_practice"),
        ]
        indexes = [
            models.Index(fields=["kind", "wake_at"], condition=models.Q(state="waiting"), name="promise_waiting"),
        ]


class PromiseAttempt(Row):
    """One try. `outcome` stays empty until the try's own worker has reported; `repeat` marks a try that follows one which
    never reported, and may therefore happen a second time."""

    promise = link("Promise", related_name="tries", db_index=False)
    n = models.IntegerField()
    fence = models.BigIntegerField()
    worker = word(120)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = word()
    provider_ref = word(200)
    reason = word(200)
    repeat = models.BooleanField(default=False)

    class Meta:
        db_table = "promise_attempt"
        constraints = [models.UniqueConstraint(fields=["promise", "n"], name="one_attempt_per_n")]
