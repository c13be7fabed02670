"""Finding one row that somebody named."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import ObjectDoesNotExist

from careline.core.errors import Refused

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    M = TypeVar("M", bound=Model)


def one(rows: QuerySet[M], **which: object) -> M:
    """The row, or `Refused`: of another practice and not there at all are the same answer."""
    try:
        return rows.get(**which)
    except ObjectDoesNotExist as error:
        raise Refused("there is no such thing here") from error
