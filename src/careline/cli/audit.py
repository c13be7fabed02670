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
    from careline.storage.journal import verify
    from careline.storage.models import Practice
    from careline.storage.transactions import Actor

    practices = Practice.objects.order_by("slug")
    if arguments.practice:
        practices = practices.filter(slug=arguments.practice)
    found = list(practices)
    if not found:
        raise Refused("no such practice here; without --practice all of them are verified")
    broken = False
    for practice in found:
        verdict = verify(practice.id, datetime.now(UTC), Actor.service("audit"))
        if verdict.first_bad is None:
            print(
                f"{practice.slug}: {verdict.sealed} entries verified, {verdict.unsealed} not sealed yet, head {verdict.head[:16]}"
            )
        else:
            broken = True
            print(f"{practice.slug}: entry {verdict.first_bad} does not fit: {verdict.why}")
    return 1 if broken else 0
