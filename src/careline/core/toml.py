"""Reads TOML that people write (practices, protocols, lexicons) and can say on which line a mistake stands.

`tomllib` gives values without positions; this finds the line of a key by scanning for table headers and keys, which is enough
for the flat files of this project (no multi-line inline tables).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar, cast

from careline.core.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

E = TypeVar("E", bound=StrEnum)
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


class Reader:
    """Typed access to a document: every wrong or missing value becomes an error that names its line."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def value(self, path: str, key: str, default: object = None) -> Any:
        table: Any = self.document.values
        for part in re.findall(r"[^.\[\]]+", path):
            table = table[int(part)] if part.isdigit() else table.get(part, {})
        if key not in table and default is not None:
            return default
        if key not in table:
            raise self.document.error(path, f"{key} is missing", f"add {key} = … here")
        return table[key]

    def at(self, path: str, key: str) -> str:
        return f"{path}.{key}" if path else key

    def text(self, path: str, key: str) -> str:
        value = self.value(path, key)
        if not isinstance(value, str) or not value.strip():
            raise self.document.error(self.at(path, key), f"{key} must be a text that is not empty")
        return value

    def strings(self, path: str, key: str) -> tuple[str, ...]:
        value: object = self.value(path, key)
        items = cast(list[object], value) if isinstance(value, list) else []
        texts = tuple(item for item in items if isinstance(item, str))
        if not items or len(texts) != len(items):
            raise self.document.error(self.at(path, key), f"{key} must be a list of texts, not empty")
        return texts

    def number(self, path: str, key: str, low: int, high: int) -> int:
        value = self.value(path, key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.document.error(self.at(path, key), f"{key} must be a whole number from {low} to {high}")
        return value

    def flag(self, path: str, key: str, *, default: bool) -> bool:
        value = self.value(path, key, default)
        if not isinstance(value, bool):
            raise self.document.error(self.at(path, key), f"{key} must be true or false, without quotes")
        return value

    def match(self, path: str, key: str, pattern: re.Pattern[str], wanted: str) -> str:
        value = self.text(path, key)
        if not pattern.match(value):
            raise self.document.error(self.at(path, key), f"{key} = {value!r} is not valid", f"write {wanted}")
        return value

    def one_of(self, path: str, key: str, kind: type[E]) -> E:
        value = self.text(path, key)
        if value not in [member.value for member in kind]:
            allowed = ", ".join(member.value for member in kind)
            raise self.document.error(self.at(path, key), f"{key} = {value!r} is not known", f"one of: {allowed}")
        return kind(value)

    def tables(self, path: str) -> list[tuple[str, dict[str, Any]]]:
        """The `[[tables]]` of this name, each with its path; at least one."""
        table: Any = self.document.values
        for part in path.split("."):
            table = cast(dict[str, Any], table).get(part, {}) if isinstance(table, dict) else {}
        entries = cast(list[object], table) if isinstance(table, list) else []
        if not entries or not all(isinstance(entry, dict) for entry in entries):
            raise self.document.error(path, f"no [[{path}]] in this file", f"add at least one [[{path}]]")
        return [(f"{path}[{index}]", cast(dict[str, Any], entry)) for index, entry in enumerate(entries)]

    def check(self, path: str, table: Mapping[str, Any], *allowed: str) -> None:
        self.document.check_keys(path, table, allowed)


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
