"""Who takes part in a contact, and the marked type that patient data is born into.

`Private` keeps a patient's words and identifiers out of logs, errors and metrics: it prints as `•••`, does not format into
strings, and gives up its text only where code says `reveal()`, which a reader (and a lint) can find.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn, final

if TYPE_CHECKING:
    from datetime import date


@final
class Private:
    """A text that belongs to a patient. Equality and hashing work; printing, formatting and pickling by accident do not leak."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for a screen or a message whose reader is entitled to it."""
        return self._text

    def __repr__(self) -> str:
        return "Private(•••)"

    def __str__(self) -> NoReturn:
        raise TypeError("patient data is not formatted by accident: call reveal() where its reader is entitled to it")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("patient data is not formatted by accident: call reveal() where its reader is entitled to it")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Private) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Private, self._text))

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> tuple[type[Private], tuple[str]]:
        # Commands cross to the actions process as pickles: the pipe is ours and never touches a disk.
        return (Private, (self._text,))


class Role(StrEnum):
    """What a signed-in person may do; rights are checked per practice. `COVERING` is another practice's clinician who takes
    shifts here: they see the pages that were sent to them, and no more."""

    OPERATOR = "operator"
    NURSE = "nurse"
    CLINICIAN = "clinician"
    MANAGER = "manager"
    COVERING = "covering"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a caller said of who they are and whom they call about. Every part may be missing; nothing here is verified."""

    caller_name: Private | None = None
    relation: str | None = None  # "self", "mother", "husband", ...: None while unknown
    patient_name: Private | None = None
    date_of_birth: date | None = None
    callback_number: Private | None = None
    location: Private | None = None  # where the patient is now, in the caller's words
    state: str | None = None  # two letters, of where the patient is now
    safe_to_call: bool | None = None
    safe_to_text: bool | None = None
    safe_to_leave_message: bool | None = None
