"""Say who is on call now or at another time, and what is missing in the days ahead."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core.errors import Refused
from careline.core.oncall.telling import moment
from careline.settings import from_environment

if TYPE_CHECKING:
    import argparse

    from careline.core.oncall.rules import Need


def options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="who|gaps")
    who = what.add_parser("who", help="the people to reach, in the order of calling, each with why")
    who.add_argument("--at", default="", help='a time on the practice\'s clock, "2026-12-24 22:00"; now without it')
    for name in ("specialty", "location", "role"):
        who.add_argument(f"--{name}", default="", help=f"for callers who need this {name}")
    gaps = what.add_parser("gaps", help="when nobody is on call; exit code 1 when there is such a time")
    gaps.add_argument("--days", type=int, default=14, help="how far ahead (14)")
    for each in (who, gaps):
        each.add_argument("--practice", default="demo", help="the practice's short name")


def run(arguments: argparse.Namespace) -> int:
    from careline.bootstrap import installation

    installation.connect(from_environment())
    return _who(arguments) if arguments.what == "who" else _gaps(arguments)


def _who(arguments: argparse.Namespace) -> int:
    from careline.actions.rota.ask import ask, practice_named
    from careline.storage.transactions import Actor

    here, now = practice_named(arguments.practice), datetime.now(UTC)
    at = _at(arguments.at, ZoneInfo(here.zone)) if arguments.at else now
    found = ask(here.id, Actor.service("oncall command"), now, at, _need(arguments))
    print(f"{here.name}, {moment(at.astimezone(ZoneInfo(here.zone)))} ({found.zone})")
    if found.gap:
        print("NOBODY IS ON CALL" + (" (the office is open)" if found.desk else "") + "; these stand in:")
    for one in found.people:
        until = f", until {moment(one.until.astimezone(ZoneInfo(here.zone)))}" if one.until else ""
        of = f" of {one.practice}" if one.practice else ""
        print(f"  {one.place:<12} {one.name}{of}, {one.role}{until}  ({one.why})")
    return 0


def _need(arguments: argparse.Namespace) -> Need:
    from careline.core.oncall.rules import Need

    return Need(specialty=arguments.specialty, location=arguments.location, role=arguments.role)


def _at(text: str, zone: ZoneInfo) -> datetime:
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{text!r} is not a time — write 2026-12-24 22:00") from error
    return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)


def _gaps(arguments: argparse.Namespace) -> int:
    from careline.actions.rota.ask import missing_ahead, practice_named
    from careline.storage.transactions import Actor

    here = practice_named(arguments.practice)
    found = missing_ahead(here.id, Actor.service("oncall command"), datetime.now(UTC), arguments.days)
    for line in found:
        print(line)
    if not found:
        print(f"{here.name}: somebody is on call at every minute of the next {arguments.days} days")
    return 1 if found else 0
