"""Run an installation: web, voice and work, watched over together (or one of them alone)."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from careline.core.errors import Refused
from careline.settings import from_environment
from careline.supervisor import Supervisor, follow_supervisor, say_ready

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator
    from io import FileIO

    from careline.settings import Settings

ROLES = ("web", "voice", "work")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="load the demo practice and its sign-ins; loopback only")
    parser.add_argument("--only", choices=ROLES, help="run one process alone, against the database of the others")


def run(arguments: argparse.Namespace) -> int:
    if arguments.demo:
        os.environ["CARELINE_DEMO"] = "1"
    settings = from_environment()
    if settings.demo and settings.bind not in ("127.0.0.1", "localhost", "::1"):
        raise Refused(
            "the demo has no second factor and binds the loopback only: unset CARELINE_BIND, or leave out --demo"
        )
    if arguments.only:
        return _run_one(arguments.only, settings)
    with ExitStack() as stack:
        lock = stack.enter_context(_single(settings))
        if lock is None:
            return 0
        _ports_free(settings)
        return _run_all(settings)


def _run_one(role: str, settings: Settings) -> int:
    follow_supervisor()
    if role == "web":
        from careline.bootstrap import web

        web.run(settings, say_ready)
    elif role == "work":
        from careline.bootstrap import work

        work.run(settings, say_ready)
    else:
        from careline.bootstrap import voice

        voice.run(settings, say_ready)
    return 0


def _run_all(settings: Settings) -> int:
    from careline.bootstrap import installation

    database = installation.prepare(settings)
    supervisor = Supervisor(lambda line: print(f"careline: {line}", file=sys.stderr))
    environment = {installation.PREPARED: database.app, "CARELINE_DEMO": "1" if settings.demo else "0"}
    for role in ROLES:
        supervisor.add(role, ["careline.cli", "serve", "--only", role], environment)
    supervisor.start()
    print(_welcome(settings), flush=True)
    return supervisor.run()


def _welcome(settings: Settings) -> str:
    web = settings.public_url
    lines = ["", f"Careline is ready: {web}", ""]
    if settings.demo:
        from careline.bootstrap.installation import DEMO_PASSWORD

        lines += [
            "  sign in as   operator@cedarhill.example   (the desk)",
            "               rivera@cedarhill.example     (a clinician; her phone page: /my/)",
            "               manager@cedarhill.example    (the manager)",
            f"  password     {DEMO_PASSWORD}",
            f"  chat page    {web}/chat/demo/",
            f"  call page    {web}/call/demo/   (from the browser, with its microphone)",
            f"  ring it      sip:+12125550100@{settings.bind}:{settings.sip_port}   (any softphone)",
            '  or           .venv/bin/careline call --say "my chest feels tight"',
            "               .venv/bin/careline chat",
            "",
            "This is a demo: it listens on this machine only, asks for no second factor, and its protocols are drafts that",
            "no clinician has signed. Not for real patients.",
        ]
    return "\n".join([*lines, "", "Ctrl-C stops it; the data stays."])


@contextmanager
def _single(settings: Settings) -> Generator[FileIO | None]:
    """One installation per data folder. Yields None, and says where the first one is, when it runs already."""
    path = settings.data / "careline.lock"
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        lock = path.open("ab+", buffering=0)  # unbuffered: on a full disk closing must not fail a second time
    except OSError as error:
        raise Refused(
            f"cannot write to {settings.data} ({error.strerror}): make room there or set CARELINE_DATA"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            first = json.loads(lock.read() or "{}")
            print(f"Careline already runs here (process {first.get('pid', '?')}): {first.get('url', '')}")
            yield None
            return
        lock.seek(0)
        lock.truncate()
        try:
            lock.write(json.dumps({"pid": os.getpid(), "url": settings.public_url}).encode())
        except OSError as error:
            raise Refused(f"the disk of {settings.data} is full: make room or set CARELINE_DATA") from error
        yield lock


def _ports_free(settings: Settings) -> None:
    wanted = [
        (settings.web_port, socket.SOCK_STREAM, "CARELINE_WEB_PORT"),
        (settings.voice_port, socket.SOCK_STREAM, "CARELINE_VOICE_PORT"),
        (settings.sip_port, socket.SOCK_DGRAM, "CARELINE_SIP_PORT"),
    ]
    for port, kind, variable in wanted:
        with socket.socket(socket.AF_INET6 if ":" in settings.bind else socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.bind, port))
            except OSError as error:
                raise Refused(
                    f"port {port} is taken by another program: stop it, or set {variable} to a free one"
                ) from error
