"""Model fields whose values rest sealed under the practice's key, bound to their row, table and column.

A fetched value stays sealed until the attribute is read; then it opens with the keys of the transaction's practice and
is `Private` (text), `PrivateObject` (JSON) or bytes. Writing goes through `save()` or `bulk_create()`: an `update()` knows
no row id and is refused. Searching is by blind index columns only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, cast, overload

from django.db import models

from careline.core.people import Private
from careline.storage import transactions

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")
S = TypeVar("S")
G = TypeVar("G")
Form = Literal["text", "json", "bytes"]

if TYPE_CHECKING:
    _Field = models.Field
else:

    class _Field(models.Field):
        """Django's fields cannot be subscripted when the program runs, only when its types are checked."""

        def __class_getitem__(cls, _item):
            return cls


class Sealed(bytes):
    """What the database holds. It says nothing and opens only through its field."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Sealed(…)"


class PrivateObject(dict[str, Any]):
    """A JSON object that belongs to a patient: it prints as `•••`, so that a log or an error page says nothing of it. What
    is taken out of it is plain, and its taker's to guard."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "PrivateObject(•••)"


class _Opened(Generic[T]):
    """The attribute on a row: opens a sealed value when read, and remembers it."""

    def __init__(self, field: SealedField[T, T]) -> None:
        self.field = field

    @overload
    def __get__(self, row: None, owner: type[models.Model]) -> Self: ...
    @overload
    def __get__(self, row: models.Model, owner: type[models.Model]) -> T | None: ...
    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> Self | T | None:
        if row is None:
            return self
        name = self.field.attname
        if name not in row.__dict__:
            row.refresh_from_db(fields=[name])
        value = row.__dict__[name]
        if isinstance(value, Sealed):
            content = transactions.keys_of(_practice(row)).unseal(value, self.field.bound_to(row))
            value = row.__dict__[name] = self.field.decode(content)
        return cast("T | None", value)

    def __set__(self, row: models.Model, value: T | Sealed | None) -> None:
        row.__dict__[self.field.attname] = value


class SealedField(_Field[S, G], Generic[S, G]):
    """`form` says how a value becomes bytes: a patient's text (`Private`), JSON, or bytes as they are."""

    descriptor_class = _Opened

    def __init__(self, form: Form = "text", **options: Any) -> None:
        self.form: Form = form
        super().__init__(**{**options, "editable": False, "null": True})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _, options = super().deconstruct()
        kept = {key: value for key, value in options.items() if key not in ("editable", "null")}
        return str(name), path, [self.form], kept

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 - Django's signature
        return "bytea"

    def encode(self, value: Any) -> bytes:
        if self.form == "text":
            return cast("Private", value).reveal().encode()
        if self.form == "json":
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        return cast("bytes", value)

    def decode(self, content: bytes) -> Any:
        if self.form == "text":
            return Private(content.decode())
        return PrivateObject(json.loads(content)) if self.form == "json" else content

    def bound_to(self, row: models.Model) -> bytes:
        return f"{row._meta.db_table}:{self.column}:{row.pk}".encode()

    def from_db_value(self, value: memoryview | bytes | None, *_: object) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:  # noqa: ARG002 - Django's signature
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return Sealed(
            transactions.keys_of(_practice(model_instance)).seal(self.encode(value), self.bound_to(model_instance))
        )

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002 - Django's
        if value is not None and not isinstance(value, Sealed):
            raise TypeError(f"{self.name} is sealed: change it through save(), look it up through its blind index")
        return None if value is None else connection.Database.Binary(value)


def sealed_text() -> SealedField[Private | None, Private | None]:
    """A patient's text. Given as `Private`, read as `Private`."""
    return SealedField("text")


def sealed_json() -> SealedField[Any, Any]:
    """A JSON object, read back as `PrivateObject`."""
    return SealedField("json")


def sealed_bytes() -> SealedField[bytes | None, bytes | None]:
    """A key or another secret of a row."""
    return SealedField("bytes")


def _practice(row: models.Model) -> Any:
    return row.practice_id  # type: ignore[attr-defined]


def sealed_tables() -> frozenset[str]:
    """The tables that hold patient data: those with a sealed column."""
    from django.apps import apps

    return frozenset(
        model._meta.db_table
        for model in apps.get_app_config("careline").get_models()
        if any(isinstance(field, SealedField) for field in model._meta.local_fields)
    )
