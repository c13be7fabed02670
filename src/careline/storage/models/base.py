"""What every practice's row has: an id that sorts by time, and the practice it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from careline.storage.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID


class Row(models.Model):
    """`practice` is what row level security compares, so it stands in every table, however deep below a contact."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("careline.Practice", on_delete=models.PROTECT, related_name="+", db_index=False)

    practice_id: UUID

    class Meta:
        abstract = True


def link(to: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """A reference to another row of the same practice (a migration makes the database insist on that)."""
    return models.ForeignKey(f"careline.{to}", **{"on_delete": models.PROTECT, "related_name": "+", **options})


def word(length: int = 40, **options: Any) -> models.CharField[str, str]:
    """A fixed word of the product's own (a state, a kind), never a patient's text."""
    return models.CharField(**{"max_length": length, "default": "", **options})
