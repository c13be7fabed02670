"""Prove that no entry of a practice's journal was changed, removed or reordered, and that its end was not cut off."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from careline.core.errors import Refused
from careline.settings import from_environment

if TYPE_CHECKING:
    import argparse


def options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="verify|head")
    verify = what.add_parser(
        "verify", help="walk the whole chain; exit code 1 and the first bad number when it does not fit"
    )
    verify.add_argument(
        "--known", default="", help="a head or proof kept elsewhere (JSON): its seals must still be there"
    )
    head = what.add_parser("head", help="print the end of each practice's chain as JSON, to be kept on another machine")
    head.add_argument("--practice", default="", help="only this practice (its short name)")
    verify.add_argument("--practice", default="", help="only this practice (its short name); all of them otherwise")


def run(arguments: argparse.Namespace) -> int:
    from careline.bootstrap import installation

    installation.connect(from_environment())
    from careline.actions.audit import heads, verify_all
    from careline.storage.transactions import Actor

    actor, now = Actor.service("audit"), datetime.now(UTC)
    if arguments.what == "head":
        print("\n".join(json.dumps(one) for one in heads(actor, now, arguments.practice)))
        return 0
    of, known = seals_in(Path(arguments.known)) if arguments.known else ("", {})
    only = arguments.practice or of
    if known and not only:
        raise Refused("say whose proof this is: --practice NAME")
    checked = verify_all(actor, now, only, known)
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


def seals_in(path: Path) -> tuple[str, dict[int, str]]:
    """The practice (if the file names it) and the seals by number that a head or a proof holds."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        if found["schema"] == "careline.journal-head/1":
            return found["practice"], {int(found["entry"]): found["seal"]} if found["entry"] else {}
        seals = {int(one["number"]): str(one["seal"]) for one in found["journal"] if one["number"] is not None}
        end = found["head"]
        return "", seals | ({int(end["number"]): str(end["seal"])} if end else {})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path} is neither a head nor a proof as Careline writes them") from error
