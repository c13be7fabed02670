"""Messages for staff, what was changed in them, and callbacks somebody owes."""

from __future__ import annotations

from django.db import models

from careline.storage.encryption import sealed_json, sealed_text
from careline.storage.models.base import Row, link, word


class Message(Row):
    """`state` goes taken, sent, accepted, outcome, closed. `reason` is the caller's own words; `reference` is what mails and
    spoken sentences call it. What was taken stays as it was: changes are amendments."""

    contact = link("Contact", null=True, related_name="messages")
    patient = link("Patient", null=True)
    key = word(160)
    reference = word(16)
    kind = word()
    state = word(default="taken")
    disposition = word()
    level = word()
    language = word(8)
    taken_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    identity = sealed_json()
    reason = sealed_text()
    brief = sealed_text()
    details = sealed_json()
    accepted_by = link("Person", null=True)
    accepted_at = models.DateTimeField(null=True)
    outcome = word()
    outcome_by = link("Person", null=True)
    outcome_at = models.DateTimeField(null=True)
    closed_by = link("Person", null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "message"
        constraints = [
            models.UniqueConstraint(fields=["practice", "key"], name="one_message_per_key"),
            models.UniqueConstraint(fields=["practice", "id"], name="message_of_practice"),
        ]
        indexes = [
            models.Index(fields=["practice", "taken_at"], name="message_by_time"),
            models.Index(fields=["practice"], condition=~models.Q(state="closed"), name="message_unresolved"),
        ]


class MessageAmendment(Row):
    """What was added to a message later, by whom. Append-only. `kind` is a fixed word: note, correction, outcome, closed."""

    message = link("Message", related_name="amendments")
    at = models.DateTimeField()
    by = link("Person", null=True)
    kind = word()
    body = sealed_json()

    class Meta:
        db_table = "message_amendment"


class CallbackTask(Row):
    """Somebody must ring this caller back by `due_at`. `why` is a fixed word; `state` is open or done."""

    contact = link("Contact", null=True, related_name="callbacks")
    message = link("Message", null=True)
    key = word(160)
    why = word()
    urgent = models.BooleanField(default=False)
    state = word(default="open")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    number = sealed_text()
    reason = sealed_text()
    done_by = link("Person", null=True)
    done_at = models.DateTimeField(null=True)
    result = word()

    class Meta:
        db_table = "callback_task"
        constraints = [models.UniqueConstraint(fields=["practice", "key"], name="one_callback_per_key")]
        indexes = [models.Index(fields=["practice", "due_at"], condition=models.Q(state="open"), name="callback_open")]
