"""The shipped lexicons, read once, and the tables of utterances that stand beside these tests."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import careline.core.language

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
DATA = Path(careline.core.language.__file__).parent
VOCABULARY = tomllib.loads((HERE.parents[2] / "protocols" / "concepts.toml").read_text())


def data_files() -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """The texts of every language, and what they share."""
    languages = [folder for folder in sorted(DATA.iterdir()) if folder.is_dir() and any(folder.glob("*.toml"))]
    files = {one.name: {f"{one.name}/{p.name}": p.read_text() for p in one.glob("*.toml")} for one in languages}
    return files, {path.name: path.read_text() for path in DATA.glob("*.toml")}


def table(name: str) -> Mapping[str, Any]:
    """A table of utterances, by file name."""
    return tomllib.loads((HERE / name).read_text())
