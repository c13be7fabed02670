"""Reads TOML that people write (practices, protocols, lexicons) and can say on which line a mistake stands.

`tomllib` gives values without positions; this finds the line of a key by scanning for table headers and keys, which is enough
for the flat files of this project (no multi-line inline tables).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from careline.core.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEADER = re.compile(r"^\s*(\[\[|\[)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_.-]+)\s*=""")


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. `line("rules[2].then")` is where that key stands (1-based); the table's line when the key is missing."""

    name: str
    values: Mapping[str, Any]
    text: str = field(repr=False)

    def line(self, path: str) -> int:
        lines = _line_numbers(self.text)  # only mistakes ask for lines, so a good file never pays for them
        while path:
            if path in lines:
                return lines[path]
            path = re.sub(r"(\.[^.\[]+|\[\d+\]|^[^.\[]+)$", "", path)
        return 1

    def error(self, path: str, problem: str, mend: str = "") -> DataFileError:
        return DataFileError(self.name, self.line(path), problem, mend)

    def check_keys(self, path: str, table: Mapping[str, Any], allowed: Sequence[str]) -> None:
        """Refuse a key nobody reads: a misspelt key must not silently mean nothing."""
        for key in table:
            if key not in allowed:
                where = f"{path}.{key}" if path else key
                raise self.error(where, f"unknown key {key!r}", f"known here: {', '.join(sorted(allowed))}")


def parse(text: str, name: str) -> Document:
    """Parse, or raise `DataFileError` naming the file, the line and what TOML expected."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found.group(1)) if found else max(1, text.count("\n"))
        raise DataFileError(name, line, f"not valid TOML: {error}") from error
    return Document(name, values, text)


def _line_numbers(text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _plain(header.group(2))
            if header.group(1) == "[[":
                index = counts.get(table, 0)
                counts[table] = index + 1
                table = f"{table}[{index}]"
            else:
                head = table.split(".", 1)[0]
                if head in counts and head != table:  # [rules.extra] below [[rules]] belongs to the latest of them
                    table = table.replace(head, f"{head}[{counts[head] - 1}]", 1)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            path = f"{table}.{_plain(key.group(1))}" if table else _plain(key.group(1))
            lines.setdefault(path, number)
    return lines


def _plain(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))
