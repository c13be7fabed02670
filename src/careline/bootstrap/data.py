"""Protocols, lexicons, sentences and practices, read from files once per process."""

from __future__ import annotations

import gc
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from careline.core.dialogue import Words
from careline.core.errors import DataFileError
from careline.core.language import Lexicons
from careline.core.oncall.file import RotaFile, parse_rota, weekly_rota
from careline.core.practice import Practice, parse_practice
from careline.core.routing.consent import Law
from careline.core.triage import Library

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "es")


def data_folder(name: str) -> Path:
    """`protocols/` and `practices/` stand at the top of a checkout, and inside the package once installed."""
    package = Path(str(resources.files("careline")))
    checkout = package.parents[1] / name
    return checkout if checkout.is_dir() else package / "data" / name


def read_folder(folder: Path, pattern: str = "**/*.*") -> Mapping[str, str]:
    """Texts by path relative to `folder`. An unreadable file is an error of its author, with its name."""
    return {
        path.relative_to(folder).as_posix(): read_file(path) for path in sorted(folder.glob(pattern)) if path.is_file()
    }


def read_file(path: Path, mend: str = "save it as UTF-8 text") -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(str(path), 1, f"cannot be read: {error}", mend) from error


@cache
def library() -> Library:
    return Library.parse(read_folder(data_folder("protocols")))


@cache
def lexicons() -> Lexicons:
    folder = Path(str(resources.files("careline.core.language")))
    shared = {**read_folder(folder, "*.toml"), **read_folder(folder, "*.tsv")}
    files = {code: read_folder(folder / code, "*.toml") for code in LANGUAGES}
    gc.disable()  # a hundred thousand small tuples are made and all are kept: collecting among them costs a third of the time
    try:
        return Lexicons.parse(files, shared)
    finally:
        gc.enable()


@cache
def consent_law() -> Law:
    path = Path(str(resources.files("careline.core.routing"))) / "consent.toml"
    return Law.parse(read_file(path), path.name)


@cache
def words() -> Words:
    folder = Path(str(resources.files("careline.core.dialogue"))) / "words"
    return Words.parse({code: read_file(folder / f"{code}.toml") for code in LANGUAGES})


def practice_source(name: str = "demo") -> tuple[str, str]:
    """Path and text of a practice: the name of its folder in `practices/`, or the path of its file."""
    path = Path(name) if name.endswith(".toml") else data_folder("practices") / name / "practice.toml"
    return str(path), read_file(path, "name a folder of practices/, or a practice.toml")


@cache
def public_holidays() -> Mapping[str, str]:
    """Files of public holidays, by their name ("us")."""
    folder = Path(str(resources.files("careline.core.oncall"))) / "public_holidays"
    return {path.removesuffix(".toml"): text for path, text in read_folder(folder, "*.toml").items()}


def rota(name: str = "demo") -> RotaFile:
    """The rota of a practice: the `oncall.toml` beside its file, else its weekly shifts."""
    path, text = practice_source(name)
    beside = Path(path).with_name("oncall.toml")
    practice = parse_practice(text, path)
    if not beside.exists():
        return weekly_rota(practice, path)
    return parse_rota(read_file(beside), str(beside), practice, public_holidays())


def practice(name: str = "demo") -> Practice:
    path, text = practice_source(name)
    return parse_practice(text, path)
