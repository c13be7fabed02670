"""Play written callers through the dialogue and report what came of them."""

from __future__ import annotations

import random
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.bootstrap import data
from careline.core.clinical import Level
from careline.core.dialogue import Setup
from careline.core.errors import DataFileError
from careline.core.rehearsal.case import parse_cases
from careline.core.rehearsal.noise import noisy
from careline.core.rehearsal.player import play
from careline.core.rehearsal.report import json_line, markdown, text
from careline.core.rehearsal.score import Share, score

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from careline.core.rehearsal.case import Case
    from careline.core.rehearsal.player import Played
    from careline.core.rehearsal.score import Score, Scored

_LANGUAGES = {"en": "English", "es": "Spanish"}
_NOISE_RATES = (5, 10, 20)

#: Rehearsals happen on a Tuesday night, so that the same callers give the same report on any day.
_NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=ZoneInfo("America/New_York"))


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE.jsonl", help="written callers, one JSON object a line")
    parser.add_argument(
        "--practice", default="demo", help="whose line they ring: a folder of practices/, or a practice.toml"
    )
    parser.add_argument(
        "--audio",
        action="store_true",
        help="speak them over real SIP calls with closed answers, to the service that runs here or to one of its own",
    )
    parser.add_argument(
        "--json", metavar="OUT", help="write one JSON line per case to this file (- for standard output)"
    )
    parser.add_argument("--report", metavar="OUT.md", help="write the safety page: figures per set, noise, every miss")
    parser.add_argument(
        "--show", metavar="ID", action="append", default=[], help="print this case's whole conversation"
    )


def run(arguments: argparse.Namespace) -> int:
    cases = [case for name in arguments.files for case in _read(name)]
    if repeated := {case.id for case in cases if sum(other.id == case.id for other in cases) > 1}:
        print(f"careline: these ids occur more than once: {', '.join(sorted(repeated))}", file=sys.stderr)
    if arguments.audio:
        return _aloud(cases)
    setup = Setup(data.practice(arguments.practice), data.library(), data.lexicons(), data.words())
    played = [play(case, setup, _NIGHT) for case in cases]
    if arguments.json:
        lines = "".join(json_line(result) + "\n" for result in played)
        _write(arguments.json, lines)
    for result in played:
        if result.id in arguments.show:
            print(f"--- {result.id}: {result.disposition}, {result.finished}, deeds: {', '.join(result.deeds)}")
            print("\n".join(f"{who:>9}: {words}" for who, words in result.transcript))
    if arguments.report:
        _write(arguments.report, _safety_page(arguments.files, played, setup))
    if arguments.json != "-":
        print(text(score(cases, played)))
    return 0


def _aloud(cases: Sequence[Case]) -> int:
    """The same report of what was understood by telephone, and how long each call took."""
    from careline.cli._aloud import call_all

    called = call_all(cases)
    print("\n".join(one.line for one in called))
    print(text(score(cases, [one.played for one in called])))
    return 0


def _safety_page(files: Sequence[str], played: Sequence[Played], setup: Setup) -> str:
    """Open and frozen sets apart, by language; noise on the open ones."""
    results = {result.id: result for result in played}
    sets: dict[str, list[Case]] = {}
    for name in files:
        kind = "frozen" if "frozen" in Path(name).name else "open"
        for case in _read(name):
            sets.setdefault(f"{kind}, {_LANGUAGES.get(case.language, case.language)}", []).append(case)
    scores = {name: score(group, [results[case.id] for case in group]) for name, group in sets.items()}
    noise = {
        f"{name}, {rate} %": _under_noise(score_of, rate, setup)
        for name, score_of in scores.items()
        if name.startswith("open")
        for rate in _NOISE_RATES
    }
    return markdown(scores, noise)


def _under_noise(clean: Score, rate: int, setup: Setup) -> Share:
    chance = random.Random(20261124 + rate).random  # noqa: S311 - a fixed seed, so that the page is the same on any day
    red = [item.case for item in clean.scored if _emergency(item)]
    heard = [play(noisy(case, rate / 100, chance), setup, _NIGHT) for case in red]
    return Share(sum(result.level is Level.EMERGENCY for result in heard), len(red))


def _emergency(item: Scored) -> bool:
    return item.case.expect.level is Level.EMERGENCY and item.played.level is Level.EMERGENCY


def _read(name: str) -> tuple[Case, ...]:
    try:
        return parse_cases(Path(name).read_text(encoding="utf-8"), name)
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(name, 1, f"cannot be read: {error}", "name a .jsonl file in UTF-8") from error


def _write(name: str, lines: str) -> None:
    if name == "-":
        sys.stdout.write(lines)
        return
    try:
        Path(name).write_text(lines, encoding="utf-8")
    except OSError as error:
        raise DataFileError(name, 1, f"cannot be written: {error}", "name another file") from error
