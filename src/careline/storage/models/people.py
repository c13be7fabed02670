"""The people who work with Careline, and where they do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from careline.storage.ids import new_id
from careline.storage.models.base import Row, link, word


class PersonManager(BaseUserManager["Person"]):
    """What Django's and allauth's sign-in code asks of a user table."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """One login for one human being."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = word(200)
    language = word(8, default="en")
    is_active = models.BooleanField(default=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        db_table = "person"

    def __str__(self) -> str:
        return self.name or self.email


class Membership(Row):
    """That a person works for a practice, as what, and how this practice reaches them: no practice can change how another's
    clinicians are reached or prove who they are.

    `staff_id` is their id in the practice's file. `channels` lists ways in order of preference,
    `{"kind": "phone", "address": "+12125550111"}`; one with `"blocked"` is left alone (texts, after STOP). `wrong_codes` counts
    wrong reply codes in a row; five lock that way until somebody unlocks it. `pin_salt` and `pin_hash` are as in `PageScript`.
    `of_practice` names the other practice of a clinician who covers for this one; empty for its own people.
    """

    person = link("Person", related_name="memberships")
    role = word()
    staff_id = word()
    channels = models.JSONField(default=list)
    pin_salt = models.BinaryField(default=b"")
    pin_hash = models.BinaryField(default=b"")
    pin_locked_at = models.DateTimeField(null=True)
    wrong_codes = models.IntegerField(default=0)
    codes_locked_at = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    of_practice = word(200)

    class Meta:
        db_table = "membership"
        constraints = [
            models.UniqueConstraint(fields=["practice", "person"], name="one_membership"),
            models.UniqueConstraint(fields=["practice", "staff_id"], name="one_staff_id"),
        ]
