"""Typed reading of one TOML document: whatever is missing or of the wrong shape becomes a `DataFileError` at its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.clinical import Disposition
    from careline.core.toml import Document


class Fields:
    """Reads values by path. `where` is the path of the table that `table` is ("" at the top), for the line of a mistake."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.top: Mapping[str, Any] = document.values

    def table(self, path: str) -> dict[str, Any]:
        """The table at a dotted path; empty when it is not there."""
        value: object = self.top
        for step in path.split("."):
            value = cast("dict[str, Any]", value).get(step, {})
            if not isinstance(value, dict):
                raise self.document.error(path, f"{path} is not a table", f"write [{path}] and its keys below it")
        return cast("dict[str, Any]", value)

    def tables(self, key: str) -> list[dict[str, Any]]:
        value = self.top.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in cast("list[object]", value)):
            raise self.document.error(key, f"{key} is not a list of tables", f"write [[{key}]] above each")
        return cast("list[dict[str, Any]]", value)

    def text(self, where: str, key: str, table: Mapping[str, Any]) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value:
            raise self.document.error(_path(where, key), f"{key} is missing", f'write {key} = "…"')
        return value

    def texts(self, where: str, key: str, table: Mapping[str, Any]) -> list[str]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in cast("list[object]", value)):
            raise self.document.error(_path(where, key), f"{key} is not a list of texts", f'write {key} = ["…"]')
        return cast("list[str]", value)

    def one_of(self, where: str, key: str, table: Mapping[str, Any], allowed: type[Disposition]) -> Disposition:
        word = self.text(where, key, table)
        if word not in tuple(allowed):
            raise self.document.error(_path(where, key), f"unknown {key} {word!r}", f"one of: {', '.join(allowed)}")
        return allowed(word)


def _path(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
