"""Browsers that show pages, and what providers of letters reported."""

from __future__ import annotations

from django.db import models

from careline.storage.encryption import sealed_json
from careline.storage.models.base import Row, link, word
from careline.storage.models.contact import blind_index


class PushSubscription(Row):
    """One browser that shows one person's pages. `browser` is what `PushSubscription.toJSON()` gave (its endpoint is a secret:
    who knows it can send to it); `endpoint_index` finds it again. `label` names the browser in a fixed word."""

    person = link("Person")
    endpoint_index = blind_index()
    browser = sealed_json()
    label = word()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "push_subscription"
        constraints = [
            models.UniqueConstraint(fields=["practice", "endpoint_index"], name="one_person_per_browser"),
        ]
        indexes = [models.Index(fields=["practice", "person"], name="push_by_person")]


class ProviderEvent(Row):
    """What a provider reported, once however often it did: what became of a letter (`promise`), or that a person wrote back
    (`person`; what they wrote is not kept). `said` is the provider's own word, `effect` what we made of it."""

    provider = word()
    reference = word(120)
    said = word()
    promise = link("Promise", null=True)
    person = link("Person", null=True)
    effect = word()
    reason = word(200)
    at = models.DateTimeField()

    class Meta:
        db_table = "provider_event"
        constraints = [
            models.UniqueConstraint(fields=["practice", "provider", "reference", "said"], name="one_event_per_report")
        ]
