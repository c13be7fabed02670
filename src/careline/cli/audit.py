"""Prove that no entry of a practice's journal was changed, removed or reordered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from careline.core.errors import Refused
from careline.settings import from_environment

if TYPE_CHECKING:
    import argparse


def options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="verify")
    verify = what.add_parser(
        "verify", help="walk the whole chain; exit code 1 and the first bad number when it does not fit"
    )
    verify.add_argument("--practice", default="", help="only this practice (its short name); all of them otherwise")


def run(arguments: argparse.Namespace) -> int:
    from careline.bootstrap import installation

    installation.connect(from_environment())
    from careline.actions.audit import verify_all
    from careline.storage.transactions import Actor

    checked = verify_all(Actor.service("audit"), datetime.now(UTC), arguments.practice)
    if not checked:
        raise Refused("no such practice here; without --practice all of them are verified")
    for one in checked:
        verdict = one.verdict
        if verdict.first_bad is None:
            waiting = f"{verdict.unsealed} not sealed yet"
            print(f"{one.practice}: {verdict.sealed} entries verified, {waiting}, head {verdict.head[:16]}")
        else:
            print(f"{one.practice}: entry {verdict.first_bad} does not fit: {verdict.why}")
    return 1 if any(one.verdict.first_bad is not None for one in checked) else 0
