"""Calls that are up now, the machine each belongs to, and what operators ask of them."""

from __future__ import annotations

from django.db import models

from careline.storage.models.base import Row, link, word


class Node(models.Model):
    """A voice process. One heartbeat serves all its calls; when it is older than a few seconds, they are lost."""

    name = models.CharField(max_length=120, primary_key=True)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()

    class Meta:
        db_table = "node"


class LiveCall(Row):
    """`version` counts changes, so that a command made for an older picture is refused; `fence` counts owners."""

    contact = models.OneToOneField("careline.Contact", on_delete=models.PROTECT, related_name="live")
    node = word(120, db_index=True)
    fence = models.BigIntegerField(default=1)
    version = models.BigIntegerField(default=1)
    state = word(default="agent")

    class Meta:
        db_table = "live_call"


class CallCommand(Row):
    """What somebody asks of a live call (take over, hold, hang up), or news for it (the page was accepted). `args` and
    `result` hold ids and fixed words only."""

    contact = link("Contact")
    node = word(120)
    kind = word()
    key = word(160)
    args = models.JSONField(default=dict)
    expected_version = models.BigIntegerField(null=True)
    by = link("Person", null=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    result = word()

    class Meta:
        db_table = "call_command"
        constraints = [models.UniqueConstraint(fields=["practice", "key"], name="one_command_per_key")]
        indexes = [
            models.Index(fields=["node"], condition=models.Q(claimed_at__isnull=True), name="command_unclaimed"),
        ]
