"""Pages: the escalation of one message until somebody has accepted it, and the alarms at the desk."""

from __future__ import annotations

from django.db import models

from careline.storage.models.base import Row, link, word


class Page(Row):
    """`policy` is the practice's escalation as it stood when the page was raised. `round` and `step` say how far it has come
    (step -1: not begun). `state`: open, accepted, done (outcome recorded), closed. `worsened_at`: called again, worse."""

    message = link("Message", related_name="pages")
    contact = link("Contact", null=True, related_name="pages")
    key = word(160)
    reference = word(16)
    policy = models.JSONField()
    state = word(default="open")
    disposition = word()
    level = word()
    raised_at = models.DateTimeField()
    round = models.IntegerField(default=0)
    step = models.IntegerField(default=-1)
    step_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    accepted_by = link("Person", null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_via = word()
    outcome = word()
    outcome_due_at = models.DateTimeField(null=True)
    raised_again = models.IntegerField(default=0)
    worsened_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "page"
        constraints = [
            models.UniqueConstraint(fields=["practice", "key"], name="one_page_per_key"),
            models.UniqueConstraint(fields=["practice", "id"], name="page_of_practice"),
        ]
        indexes = [models.Index(fields=["practice", "raised_at"], name="page_by_time")]


class PageNotice(Row):
    """That one person was to be reached on one channel in one step. The tries are those of its promise."""

    page = link("Page", related_name="notices", db_index=False)
    round = models.IntegerField()
    step = models.IntegerField()
    person = link("Person")
    channel = word()
    at = models.DateTimeField()
    promise = link("Promise", null=True)
    outcome = word()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "page_notice"
        constraints = [
            models.UniqueConstraint(fields=["page", "round", "step", "person", "channel"], name="one_notice_per_step")
        ]


class Alarm(Row):
    """Something only a person at the desk can mend now; it stays until somebody clears it. `kind` is a fixed word."""

    kind = word()
    key = word(160)
    page = link("Page", null=True)
    contact = link("Contact", null=True)
    at = models.DateTimeField()
    cleared_by = link("Person", null=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alarm"
        constraints = [models.UniqueConstraint(fields=["practice", "key"], name="one_alarm_per_key")]
