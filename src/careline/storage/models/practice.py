"""Practices, the telephone lines they are reached on, and the files their managers wrote."""

from __future__ import annotations

from django.db import models

from careline.storage.ids import new_id
from careline.storage.models.base import Row, word


class Practice(models.Model):
    """`slug` is the practice file's id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = word(unique=True)
    name = word(200)
    zone = word(64)
    live = models.BooleanField(default=False)

    class Meta:
        db_table = "practice"


class PracticeFile(Row):
    """Every version of the practice's file that was ever in force; the newest is. A contact keeps which one it used."""

    sha256 = word(64)
    source = models.TextField()
    loaded_at = models.DateTimeField()

    class Meta:
        db_table = "practice_file"
        constraints = [models.UniqueConstraint(fields=["practice", "id"], name="practice_file_of_practice")]


class Line(Row):
    """A number patients ring. One number leads to one practice. Who is on call for its callers may hang on what the number is
    for: a `specialty`, a `location`."""

    number = word(64, unique=True)
    mode = word()
    specialty = word(60)
    location = word(60)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "line"
        constraints = [models.UniqueConstraint(fields=["practice", "id"], name="line_of_practice")]
