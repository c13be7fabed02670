"""A contact and everything heard, said, decided and recorded in it."""

from __future__ import annotations

from django.db import models

from careline.storage.encryption import sealed_bytes, sealed_json, sealed_text
from careline.storage.models.base import Row, link, word


def blind_index() -> models.CharField[str, str]:
    """An HMAC of a normalised value under the practice's key: equal values find each other, and that is all it tells."""
    return models.CharField(max_length=64, default="", blank=True)


class Patient(Row):
    """A patient as callers named them; matched only when two identifiers agree."""

    name = sealed_text()
    date_of_birth = sealed_text()
    phone = sealed_text()
    name_index = blind_index()
    birth_index = blind_index()
    phone_index = blind_index()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "patient"
        constraints = [models.UniqueConstraint(fields=["practice", "id"], name="patient_of_practice")]
        indexes = [
            models.Index(fields=["practice", "birth_index", "name_index"], name="patient_by_birth"),
            models.Index(fields=["practice", "phone_index"], name="patient_by_phone"),
        ]


class Contact(Row):
    """`state` is open, closed, or lost (its node died). `key` is the opener's idempotency key. `outcome` is a fixed word:
    completed, left, failed, lost. `level` is kept beside `disposition` for ordering. `thread` is the open message of an earlier
    contact that this one goes on about."""

    key = word(120)
    channel = word()
    line = link("Line", null=True)
    practice_file = link("PracticeFile", null=True)
    patient = link("Patient", null=True)
    thread = link("Message", null=True)
    state = word(default="open")
    language = word(8)
    hearing = word()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    disposition = word()
    level = word()
    outcome = word()
    red_flag = models.BooleanField(default=False)
    caller_number = sealed_text()
    caller_index = blind_index()
    identity = sealed_json()
    reason = sealed_text()

    class Meta:
        db_table = "contact"
        constraints = [
            models.UniqueConstraint(fields=["practice", "key"], name="one_contact_per_key"),
            models.UniqueConstraint(fields=["practice", "id"], name="contact_of_practice"),
        ]
        indexes = [
            models.Index(fields=["practice", "started_at"], name="contact_by_time"),
            models.Index(fields=["practice"], condition=models.Q(state="open"), name="contact_open"),
            models.Index(fields=["practice", "caller_index"], name="contact_by_caller"),
        ]


class ContactEvent(Row):
    """One line of the timeline, `at_ms` milliseconds after the contact began. `seq` counts per contact and makes a repeated
    batch harmless."""

    contact = link("Contact", related_name="events", db_index=False)
    seq = models.IntegerField()
    at_ms = models.BigIntegerField()
    kind = word()
    body = sealed_json()

    class Meta:
        db_table = "contact_event"
        constraints = [models.UniqueConstraint(fields=["contact", "seq"], name="one_event_per_seq")]


class Turn(Row):
    """What was said, by the caller, the agent or an operator. Times in milliseconds since the contact began."""

    contact = link("Contact", related_name="turns", db_index=False)
    seq = models.IntegerField()
    who = word()
    text = sealed_text()
    language = word(8)
    started_ms = models.BigIntegerField()
    ended_ms = models.BigIntegerField()
    confidence = models.FloatField(default=1.0)

    class Meta:
        db_table = "turn"
        constraints = [models.UniqueConstraint(fields=["contact", "seq"], name="one_turn_per_seq")]


class Triage(Row):
    """Why a contact ended as it did. The protocol columns name the rule that decided; `record` holds them all, with findings,
    questions and answers."""

    contact = link("Contact", related_name="triages")
    at = models.DateTimeField()
    disposition = word()
    complete = models.BooleanField(default=False)
    protocol = word(80)
    protocol_version = word()
    protocol_hash = word(80)
    rule = word(80)
    source = word()
    record = sealed_json()

    class Meta:
        db_table = "triage"


class Recording(Row):
    """`chunks` one-second pieces lie in the Vault, sealed under `key` (see `storage.sealing`). `starts_ms` after the contact
    began, channel 0 the caller, 1 the service. `state`: recording, complete, lost, deleted."""

    contact = link("Contact", related_name="recordings")
    key = sealed_bytes()
    started_at = models.DateTimeField()
    starts_ms = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    chunks = models.IntegerField(default=0)
    channels = models.SmallIntegerField(default=2)
    state = word(default="recording")
    consent = word()

    class Meta:
        db_table = "recording"
