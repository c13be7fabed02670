"""Check a practice's file, and put it into force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.bootstrap import data, sentences, speech
from careline.core.routing.readiness import alone_on_closed_ears, mend
from careline.settings import from_environment

if TYPE_CHECKING:
    import argparse

    from careline.core.practice import Practice


def options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="check|load")
    for name, words in (("check", "read it, name every mistake by its line"), ("load", "put it into force here")):
        each = what.add_parser(name, help=words)
        each.add_argument("practice", help="a practice.toml, or the name of a folder of practices/")


def run(arguments: argparse.Namespace) -> int:
    practice = data.practice(arguments.practice)
    print(
        f"{practice.name}: {len(practice.lines)} lines, {len(practice.staff)} people, {len(practice.shifts)} weekly shifts"
    )
    _tell_of_sentences(arguments.practice, practice)
    lines = alone_on_closed_ears(practice, speech.hearing())
    if lines and arguments.what == "check":
        print(f"MEND  not live: {mend(lines)}")
        return 1
    if arguments.what == "check":
        return 0
    from careline.bootstrap import installation

    installation.prepare(from_environment())
    changed = installation.load_practice(arguments.practice)
    print("in force from now on" if changed else "exactly this file is in force already")
    return 0


def _tell_of_sentences(name: str, practice: Practice) -> None:
    """Which of the practice's own recordings are there, missing (the synthetic voice speaks those) or of no use."""
    found = sentences.beside(name, practice)
    if found is None:
        return
    print(f"{len(found.sounds)} sentences recorded, {len(found.missing)} spoken by the synthetic voice")
    for line in found.wrong:
        print(f"MEND  {line}")
    for missing in found.missing:
        print(f"      missing: {missing}")
