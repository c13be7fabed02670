"""Core's values as JSON, for sealed columns only: patient data is written out in clear here, to be sealed at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from careline.core.people import Private


def to_json(value: Any) -> Any:
    """Dataclasses become objects by field name, `Private` its text, enums their values, dates ISO 8601."""
    match value:
        case Private():
            return value.reveal()
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case Mapping():
            return {str(to_json(key)): to_json(item) for key, item in value.items()}
        case tuple() | list() | set() | frozenset():
            return [to_json(item) for item in value]
        case _ if is_dataclass(value):
            return {part.name: to_json(getattr(value, part.name)) for part in fields(value)}
        case None | bool() | int() | float() | str():
            return value
    raise TypeError(f"{type(value).__name__} has no form in JSON here")
