"""Whose shift an imported one is: told by an attendee's address, or by a name in the title. Nobody is guessed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from careline.core.errors import DataFileError
from careline.core.oncall.rules import FixedShift

if TYPE_CHECKING:
    from collections.abc import Sequence

    from careline.core.oncall.ical.read import Imported
    from careline.core.oncall.rules import Person


def shifts_from(imported: Sequence[Imported], people: Sequence[Person], name: str) -> tuple[FixedShift, ...]:
    """Shifts for a rule of kind `Listed`. Raises `DataFileError` at the first shift that names nobody known here, or that
    could be two people's."""
    return tuple(
        FixedShift(person, shift.start, shift.end) for shift in imported for person in _people(shift, people, name)
    )


def _people(shift: Imported, people: Sequence[Person], name: str) -> tuple[str, ...]:
    """By address first; else by full name or id in the title; else by a surname that only one person here has."""
    title = _words(shift.summary)
    by_address = [person for person in people if person.email and person.email.lower() in shift.people]
    by_name = [one for one in people if _within(_words(one.name), title) or _within(_words(one.id), title)]
    by_surname = [person for person in people if _within(_words(person.name)[-1:], title)]
    found = by_address or by_name or by_surname
    if not found:
        known = ", ".join(person.name for person in people)
        problem = f"nobody known here is on call in {shift.summary[:60]!r}"
        raise DataFileError(name, shift.line, problem, f"name one of: {known}")
    if found is by_surname and len({_words(person.name)[-1] for person in found}) < len(found):
        raise DataFileError(name, shift.line, f"{shift.summary[:60]!r} could be two people's", "write the full name")
    return tuple(person.id for person in found)


def _words(text: str) -> list[str]:
    """Words in small letters; titles such as "Dr." are left out."""
    return [word for word in re.findall(r"[^\W_]+", text.casefold()) if word not in ("dr", "md", "np", "pa")]


def _within(words: list[str], title: list[str]) -> bool:
    """Whether the words stand in the title, one after the other."""
    return bool(words) and any(title[at : at + len(words)] == words for at in range(len(title)))
