"""Calls that are up now, the machine each belongs to, who can take them, and what operators ask of them."""

from __future__ import annotations

from django.db import models

from careline.storage.encryption import sealed_text
from careline.storage.models.base import Row, link, word


class Node(models.Model):
    """A voice process. One heartbeat serves all its calls; when it is older than a few seconds, they are lost."""

    name = models.CharField(max_length=120, primary_key=True)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()

    class Meta:
        db_table = "node"


class LiveCall(Row):
    """`version` counts changes, so that a command made for an older picture is refused; `fence` counts owners. `state` is
    agent, ringing (the desk is), waiting (for a person, in writing), person or held; `with_person` then says with whom."""

    contact = models.OneToOneField("careline.Contact", on_delete=models.PROTECT, related_name="live")
    node = word(120, db_index=True)
    fence = models.BigIntegerField(default=1)
    version = models.BigIntegerField(default=1)
    state = word(default="agent")
    with_person = link("Person", null=True)

    class Meta:
        db_table = "live_call"


class CallCommand(Row):
    """What somebody asks of a live call (take over, hold, hang up), or news for it (the page was accepted). `args` and
    `result` hold ids and fixed words only; `text` is what a person writes to a patient."""

    contact = link("Contact")
    node = word(120)
    kind = word()
    key = word(160)
    args = models.JSONField(default=dict)
    text = sealed_text()
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


class DeskPresence(Row):
    """That somebody at the desk takes calls, and on which telephone. `missed` counts calls in a row that rang there unanswered:
    whoever has missed a few is away, whatever they once said."""

    person = link("Person")
    available = models.BooleanField(default=False)
    number = word(64)
    since = models.DateTimeField()
    missed = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "desk_presence"
        constraints = [models.UniqueConstraint(fields=["practice", "person"], name="one_presence")]


class PatchedCall(Row):
    """A clinician and a patient on one call through Careline, for a page. `via` is live (the caller was still on the line) or
    relay (rung back, the practice's number shown). `state`: asked, ringing, talking, no_answer, failed, ended. Times are when it
    was asked for, when both were on the line, and when that ended."""

    contact = link("Contact", related_name="patched")
    page = link("Page", related_name="patched")
    person = link("Person")
    key = word(160)
    via = word()
    state = word(default="asked")
    asked_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    interpreter = models.BooleanField(default=False)
    outcome = word()

    class Meta:
        db_table = "patched_call"
        constraints = [models.UniqueConstraint(fields=["practice", "key"], name="one_patch_per_key")]
        indexes = [models.Index(fields=["practice", "page"], name="patched_by_page")]
