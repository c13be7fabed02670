"""Check, print and list the clinical protocols."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from careline.bootstrap import data
from careline.core.triage import lint_files, tables

if TYPE_CHECKING:
    import argparse


def options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="lint|tables|list")
    what.add_parser("lint", help="refuse mistakes, missing cases, missing words and stale tables")
    what.add_parser("tables", help="write each protocol's table.md anew, for clinicians to read and sign")
    what.add_parser("list", help="every protocol with version, state and title")


def run(arguments: argparse.Namespace) -> int:
    if arguments.what == "lint":
        return _lint()
    if arguments.what == "tables":
        return _write_tables()
    for protocol in data.library().protocols.values():
        print(f"{protocol.id:<34}{protocol.version:<8}{protocol.status:<10}{protocol.title}")
    return 0


def _lint() -> int:
    files = data.read_folder(data.data_folder("protocols"))
    mistakes = lint_files(files, datetime.now(UTC).date())
    for mistake in mistakes:
        print(mistake)
    print(f"{sum(name.endswith('/protocol.toml') for name in files)} protocols, {len(mistakes)} mistakes")
    return 1 if mistakes else 0


def _write_tables() -> int:
    folder = data.data_folder("protocols")
    for name, text in tables(data.library()).items():
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)
    return 0
