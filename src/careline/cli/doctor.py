"""Check this machine and installation, and say the mend for whatever is wrong."""

from __future__ import annotations

import shutil
import socket
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from careline.core.contact import Hearing
from careline.core.errors import CarelineError
from careline.core.routing.readiness import alone_on_closed_ears, mend
from careline.settings import from_environment

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from careline.settings import Settings

_ROOM = 1024**3
_MOST_SKEW_S = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `mend` is what to do; empty when all is well."""

    what: str
    well: bool
    found: str
    mend: str = ""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="print only what is wrong")
    parser.add_argument(
        "--send",
        metavar="CHANNEL=ADDRESS",
        help="send a test letter: email=name@example.com, sms=+12125550100 or pager=name@example.com",
    )


def run(arguments: argparse.Namespace) -> int:
    settings = from_environment()
    checks: list[Callable[[Settings], Finding]] = [
        _python, _disk, _web_port, _voice_port, _sip_port, _database, _clock, _voice, _ears, _protocols,
    ]  # fmt: skip
    findings = [check(settings) for check in checks] + _channels(settings)
    if arguments.send:
        findings = [_sent(settings, arguments.send)]
    for finding in findings:
        if not finding.well or not arguments.quiet:
            sign = "ok  " if finding.well else "MEND"
            print(f"{sign}  {finding.what:<12}{finding.found}" + (f"\n      → {finding.mend}" if finding.mend else ""))
    return 0 if all(finding.well for finding in findings) else 1


def _python(_settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    well = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding("python", well, version, "" if well else "use Python 3.11, 3.12 or 3.13")


def _disk(settings: Settings) -> Finding:
    folder = settings.data if settings.data.exists() else settings.data.parent
    free = shutil.disk_usage(folder).free
    mend = "" if free > _ROOM else f"make room in {settings.data}, or set CARELINE_DATA"
    return Finding("disk", free > _ROOM, f"{free / 1024**3:.1f} GB free for {settings.data}", mend)


def _port(settings: Settings, port: int, kind: socket.SocketKind, name: str, variable: str) -> Finding:
    """A port taken by the running service is as well as a free one; doctor cannot tell whose it is, and says so."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.bind, port))
        except OSError:
            running = (settings.data / "careline.lock").exists()
            found = f"{port} is in use" + (" (by the running service, if that is what runs)" if running else "")
            return Finding(name, running, found, "" if running else f"stop the other program, or set {variable}")
    return Finding(name, True, f"{port} is free")


def _web_port(settings: Settings) -> Finding:
    return _port(settings, settings.web_port, socket.SOCK_STREAM, "web port", "CARELINE_WEB_PORT")


def _voice_port(settings: Settings) -> Finding:
    return _port(settings, settings.voice_port, socket.SOCK_STREAM, "voice port", "CARELINE_VOICE_PORT")


def _sip_port(settings: Settings) -> Finding:
    return _port(settings, settings.sip_port, socket.SOCK_DGRAM, "SIP port", "CARELINE_SIP_PORT")


def _database(settings: Settings) -> Finding:
    from careline.storage.cluster import open_database

    try:
        began = time.monotonic()
        open_database(settings)
    except CarelineError as error:
        return Finding("database", False, "not reachable", str(error))
    where = "embedded" if settings.database_url is None else "CARELINE_DATABASE_URL"
    return Finding("database", True, f"{where}, answers in {1000 * (time.monotonic() - began):.0f} ms")


def _clock(settings: Settings) -> Finding:
    """The database's clock against ours: promises made on one machine fall due on another."""
    import psycopg

    from careline.storage.cluster import open_database

    try:
        with psycopg.connect(open_database(settings).app, connect_timeout=3) as connection:
            row = connection.execute("SELECT extract(epoch FROM clock_timestamp())").fetchone()
    except (CarelineError, psycopg.Error):
        return Finding("clock", False, "not compared: the database is not reachable", "mend the database first")
    skew = abs(time.time() - float(row[0])) if row else _MOST_SKEW_S
    mend = "" if skew < _MOST_SKEW_S else "set both clocks by NTP (for example: apt install chrony)"
    return Finding("clock", not mend, f"{1000 * skew:.0f} ms from the database's", mend)


def _voice(_settings: Settings) -> Finding:
    try:
        import espeakng_loader

        path = espeakng_loader.get_library_path()
    except (ImportError, OSError) as error:
        return Finding("voice", False, "the embedded voice does not load", f"run `make setup` again ({error})")
    return Finding("voice", True, f"espeak-ng embedded ({path.rsplit('/', 1)[-1]}), English and Spanish")


def _ears(settings: Settings) -> Finding:
    """What can be heard, and whether a live practice is answered on less than it may be."""
    from careline.bootstrap import installation, speech

    try:
        hearing = speech.hearing()
        installation.connect(settings)
        from careline.actions.in_force import every_practice

        practices = every_practice(datetime.now(UTC))
    except CarelineError as error:
        return Finding("ears", False, "not known", str(error))
    alone = tuple(number for practice in practices for number in alone_on_closed_ears(practice, hearing))
    found = (
        "free speech" if hearing is Hearing.OPEN else "yes, no and keys (free speech is recorded for a person to hear)"
    )
    return Finding("ears", not alone, found, mend(alone) if alone else "")


def _protocols(_settings: Settings) -> Finding:
    from careline.bootstrap import data

    try:
        protocols = data.library().protocols.values()
    except CarelineError as error:
        return Finding("protocols", False, "do not load", str(error))
    drafts = sum(protocol.status == "draft" for protocol in protocols)
    return Finding("protocols", True, f"{len(protocols)} loaded, {drafts} of them drafts no clinician has signed")


def _channels(settings: Settings) -> list[Finding]:
    """How people can be reached beside the telephone. A provider that is not set up is no mistake; one that is half set up is."""
    from careline.bootstrap import notify

    given, findings = notify.means(settings), list[Finding]()
    for provider in notify.providers():
        try:
            ready = provider.build(given) is not None
        except CarelineError as error:
            findings.append(Finding(provider.channel, False, f"{provider.name} is set up wrongly", str(error)))
            continue
        found = f"by {provider.name}" if ready else f"not set up ({provider.mend})"
        findings.append(Finding(provider.channel, True, found))
    return findings


def _sent(settings: Settings, wanted: str) -> Finding:
    """A test letter over the real provider; what it answers is what a page would get."""
    import asyncio

    from careline.bootstrap import notify
    from careline.ports import Letter, Outcome

    channel, _, address = wanted.partition("=")
    if channel == "push" or not address:
        return Finding(channel, False, "nothing was sent", "write CHANNEL=ADDRESS; push is tried on the page My phone")
    words = "This is a test of Careline. Nobody needs you."
    letter = Letter(address, "Careline: test", words, f"doctor:{time.time_ns()}", channel, seconds=60)
    attempt = asyncio.run(notify.post(notify.means(settings)).send(letter, 20.0))
    well = attempt.outcome is Outcome.DELIVERED
    found = f"taken by the provider ({attempt.reference})" if well else attempt.reason
    return Finding(channel, well, found, "" if well else "mend what the provider says, then send again")
