"""The one place that reads data files and joins adapters to ports. Everything above asks it for whole, wired parts."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from careline.core.dialogue import Words
from careline.core.errors import DataFileError
from careline.core.language import Lexicon, Lexicons
from careline.core.practice import Practice, parse_practice
from careline.core.triage import Library

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "es")


def data_folder(name: str) -> Path:
    """`protocols/` and `practices/` stand at the top of a checkout, and inside the package once installed."""
    package = Path(str(resources.files("careline")))
    checkout = package.parents[1] / name
    return checkout if checkout.is_dir() else package / "data" / name


def read_folder(folder: Path, pattern: str = "**/*.toml") -> Mapping[str, str]:
    """Texts by path relative to `folder`. An unreadable file is an error of its author, with its name."""
    files: dict[str, str] = {}
    for path in sorted(folder.glob(pattern)):
        try:
            files[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataFileError(str(path), 1, f"cannot be read: {error}", "save it as UTF-8 text") from error
    return files


@cache
def library() -> Library:
    return Library.parse(read_folder(data_folder("protocols")))


@cache
def lexicons() -> Lexicons:
    folder = Path(str(resources.files("careline.core.language")))
    return Lexicons(tuple(Lexicon.parse(code, read_folder(folder / code)) for code in LANGUAGES))


@cache
def words() -> Words:
    folder = Path(str(resources.files("careline.core.dialogue"))) / "words"
    return Words.parse({code: (folder / f"{code}.toml").read_text(encoding="utf-8") for code in LANGUAGES})


def practice(name: str = "demo") -> Practice:
    """A practice by the name of its folder in `practices/`, or by the path of its file."""
    path = Path(name) if name.endswith(".toml") else data_folder("practices") / name / "practice.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(str(path), 1, f"cannot be read: {error}", "name a practice.toml") from error
    return parse_practice(text, str(path))
