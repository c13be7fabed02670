"""iCalendar text to components, each line with its number, so that whoever exported a broken file can be told where.

Nothing is guessed: a component that is not closed, a line without a colon, more text or deeper nesting than any rota has, are
all refused. Work grows with the length of the text and no faster.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.core.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS = 1_000_000
MOST_LINES = 50_000  # a year of three shifts a day has about 12,000
_DEEPEST = 5
_NAME = re.compile(r"^[A-Za-z0-9-]{1,64}$")
_HEAD = re.compile(r'((?:[^":]++|"[^"]*+")*+):')  # up to the first colon that is not in quotes; never tried twice
_MEND = "export the calendar again as an .ics file"


@dataclass(frozen=True, slots=True)
class Line:
    """`DTSTART;TZID=Europe/London:20260302T190000`: name and parameter names in capitals, `value` as written."""

    number: int
    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value of a text property, its escapes undone."""
        return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], self.value)


@dataclass(frozen=True, slots=True)
class Component:
    """`BEGIN:VEVENT` to `END:VEVENT`."""

    name: str
    number: int
    lines: list[Line] = field(default_factory=list[Line])
    parts: list[Component] = field(default_factory=list["Component"])

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Line | None:
        return next((line for line in self.lines if line.name == name), None)


def parse(text: str, name: str) -> Component:
    """The one VCALENDAR of a file. Raises `DataFileError` with line and mend."""
    if len(text) > MOST_CHARACTERS:
        raise DataFileError(name, 1, "the file is too long for a rota", "export fewer months")
    root = Component("", 1)
    open_: list[Component] = [root]
    if text.count("\n") + text.count("\r") > 2 * MOST_LINES:
        raise DataFileError(name, MOST_LINES, "the file has too many lines for a rota", "export fewer months")
    for line in _lines(text, name):
        if line.name == "BEGIN":
            if len(open_) > _DEEPEST:
                raise DataFileError(name, line.number, "components within components within components", _MEND)
            component = Component(line.value.strip().upper(), line.number)
            open_[-1].parts.append(component)
            open_.append(component)
        elif line.name == "END":
            if open_[-1].name != line.value.strip().upper() or len(open_) == 1:
                raise DataFileError(name, line.number, f"END of something that is not open: {line.value[:40]!r}", _MEND)
            open_.pop()
        elif len(open_) == 1:
            raise DataFileError(name, line.number, "this is not an iCalendar file", "it begins with BEGIN:VCALENDAR")
        else:
            open_[-1].lines.append(line)
    if len(open_) > 1:
        raise DataFileError(name, open_[-1].number, f"{open_[-1].name} is never closed: the file is cut off", _MEND)
    if [part.name for part in root.parts] != ["VCALENDAR"]:
        raise DataFileError(name, 1, "this is not an iCalendar file with one calendar", _MEND)
    return root.parts[0]


def _lines(text: str, name: str) -> Iterator[Line]:
    """Content lines: folded ones joined, each with the number of the line it begins on."""
    joined: list[str] = []
    begun = 1
    for number, raw in enumerate(re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff")), 1):
        if raw[:1] in (" ", "\t") and joined:
            joined.append(raw[1:])
            continue
        if joined:
            yield _line("".join(joined), begun, name)
        joined, begun = ([raw] if raw.strip() else []), number
    if joined:
        yield _line("".join(joined), begun, name)


def _line(raw: str, number: int, name: str) -> Line:
    found = _HEAD.match(raw)
    parts = _outside_quotes(found[1], ";") if found else [""]
    if not found or not _NAME.match(parts[0]):
        raise DataFileError(name, number, "not a line of an iCalendar file", _MEND)
    parameters: dict[str, str] = {}
    for part in parts[1:]:
        key, _, given = part.partition("=")
        parameters[key.upper()] = given.strip('"')
    return Line(number, parts[0].upper(), parameters, raw[found.end() :])


def _outside_quotes(head: str, mark: str) -> list[str]:
    """Split at `mark`, except in quotes."""
    pieces = head.split('"')
    found = [""]
    for at, piece in enumerate(pieces):
        if at % 2:
            found[-1] += piece
        else:
            first, *rest = piece.split(mark)
            found[-1] += first
            found.extend(rest)
    return found
