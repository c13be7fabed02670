"""The rota: what a secretary writes of who is on call when. `actions.rota` turns these rows into a calendar of `core.oncall`.

People are rows of `person`; tables of plain values keep their ids as texts. `source` is "file" for what the practice's file says
(a changed file replaces it) and "console" for what somebody entered. Nothing is deleted: what no longer counts is withdrawn.
"""

from __future__ import annotations

from django.db import models

from careline.storage.models.base import Row, link, word


class Rota(Row):
    """One per practice, locked by whoever changes any part of it. `desk` are the office's own hours (texts, as in a file).
    An alarm sounds `alarm_minutes` before a gap; gaps are looked for `days_ahead`. `enquiry_*` guard the telephone."""

    backup = link("Person")
    supervisor = link("Person")
    desk = models.JSONField(default=list)
    alarm_minutes = models.IntegerField(default=60)
    days_ahead = models.IntegerField(default=14)
    changed_at = models.DateTimeField()
    enquiry_salt = models.BinaryField(default=b"")
    enquiry_hash = models.BinaryField(default=b"")
    enquiry_wrong = models.IntegerField(default=0)
    enquiry_locked_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "rota"
        constraints = [models.UniqueConstraint(fields=["practice"], name="one_rota")]


class RotaRule(Row):
    """A rotation, a standing duty, or a list of shifts: `table` is its table in the words of `oncall.toml`. A changed rule is
    a new row; the old one is retired."""

    name = word(60)
    table = models.JSONField()
    source = word(default="console")
    made_at = models.DateTimeField()
    made_by = link("Person", null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rota_rule"
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "name"], condition=models.Q(retired_at=None), name="one_rule_per_name"
            )
        ]


class RotaShift(Row):
    """One shift of a rule that is a list, as imported."""

    rule = word(60)
    person = link("Person")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    source = word(default="console")
    made_at = models.DateTimeField()
    made_by = link("Person", null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rota_shift"
        indexes = [
            models.Index(
                fields=["practice", "starts_at"], condition=models.Q(withdrawn_at=None), name="rota_shift_by_time"
            )
        ]


class RotaSwap(Row):
    """`first` is offered to `colleague`, who gives `second` in return (nothing when its times are empty).
    `state`: proposed, agreed, approved, declined."""

    first_person = link("Person")
    first_rule = word(60)
    first_starts_at = models.DateTimeField()
    first_ends_at = models.DateTimeField()
    colleague = link("Person")
    second_rule = word(60)
    second_starts_at = models.DateTimeField(null=True)
    second_ends_at = models.DateTimeField(null=True)
    state = word(default="proposed")
    made_at = models.DateTimeField()
    made_by = link("Person", null=True)
    agreed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = link("Person", null=True)

    class Meta:
        db_table = "rota_swap"
        constraints = [models.UniqueConstraint(fields=["practice", "id"], name="rota_swap_of_practice")]
        indexes = [models.Index(fields=["practice", "made_at"], name="rota_swap_by_time")]


class RotaOverride(Row):
    """A change to who is on call, for a time: `change` is add, remove or replace (see `core.oncall.rules.Override`)."""

    change = word()
    person = link("Person", null=True)
    leaves = link("Person", null=True)
    rule = word(60)
    layer = models.SmallIntegerField(default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = word(200)
    swap = link("RotaSwap", null=True, db_index=False)
    source = word(default="console")
    made_at = models.DateTimeField()
    made_by = link("Person", null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = link("Person", null=True)

    class Meta:
        db_table = "rota_override"
        indexes = [
            models.Index(
                fields=["practice", "starts_at"], condition=models.Q(withdrawn_at=None), name="rota_override_by_time"
            )
        ]


class RotaAbsence(Row):
    """Somebody is away. Coming back early moves `ends_at`; `withdrawn_at` says that it never was."""

    person = link("Person")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = word(200)
    source = word(default="console")
    made_at = models.DateTimeField()
    made_by = link("Person", null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rota_absence"
        indexes = [
            models.Index(
                fields=["practice", "starts_at"], condition=models.Q(withdrawn_at=None), name="rota_absence_by_time"
            )
        ]


class RotaHoliday(Row):
    """`table` as in `oncall.toml`: name, date, where it moves when it falls on a weekend."""

    table = models.JSONField()
    source = word(default="console")
    made_at = models.DateTimeField()
    made_by = link("Person", null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rota_holiday"


class RotaKey(Row):
    """A secret address: `kind` is "feed" (a calendar program reads one person's shifts, or everybody's) or "api". Only the
    SHA-256 of the secret is kept; a revoked one opens nothing."""

    kind = word()
    person = link("Person", null=True)
    label = word(60)
    token_hash = models.BinaryField()
    made_at = models.DateTimeField()
    made_by = link("Person", null=True)
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rota_key"
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="one_rota_key_per_token")]
