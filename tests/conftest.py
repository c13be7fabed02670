"""What tests share: a real PostgreSQL, empty for each test that asks for it, a practice loaded from a file, and a clock to move.

The server and its migrated template stay in `var/test` between runs, so that a run begins in half a second; each test process
works in a copy of its own. Tests connect as `careline_app`, as the product does.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from careline.testing.clock import MovableClock
from careline.vault.keyfile import FileKeyStore
from database import (
    DATA,
    KEY,
    ROOT,
    TestDatabase,
    build_template,
    copied,
    load,
    load_text,
    named,
    point_django_at,
    recreate,
    schema_version,
    tables,
    unbound,
)  # fmt: skip

_demo: dict[str, Any] = {}  # loading hashes PINs, which is slow on purpose; a second test gets the rows of the first


@pytest.fixture(scope="session")
def cluster() -> Iterator[TestDatabase]:
    """This process's own copy of the migrated database. Use `db`, which empties it first."""
    from careline.storage.cluster import prepare, start_embedded

    DATA.mkdir(parents=True, exist_ok=True)
    with (DATA / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        url = start_embedded(DATA / "postgres")
        template, mine = f"template_{schema_version()}", f"test_{os.getpid()}"
        with psycopg.connect(url, autocommit=True) as admin:
            names = {row[0] for row in admin.execute("SELECT datname FROM pg_database")}
            if template not in names:
                build_template(admin, url, template, names)
            recreate(admin, mine, template)
    database = prepare(named(url, mine), None)
    point_django_at(database.app)
    yield TestDatabase(app=database.app, admin=named(url, mine))
    from django.db import connections

    connections.close_all()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(mine)))


@pytest.fixture
def db(cluster: TestDatabase) -> Iterator[TestDatabase]:
    """A real, empty database."""
    from django.db import connections

    from careline.storage import keys, listening

    with unbound(cluster) as admin:
        for table in tables():
            admin.execute(sql.SQL("DELETE FROM {}").format(table))
    keys.use(FileKeyStore(KEY))
    yield cluster
    listening.leave()
    connections.close_all()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def demo(db: TestDatabase, clock: MovableClock) -> UUID:
    """The demo practice, loaded. Saturday afternoon in New York: Dr. Okafor is on call, and is the backup too."""
    with unbound(db) as admin:
        if not _demo:
            _demo["practice"] = load(ROOT / "practices" / "demo" / "practice.toml", clock)
            _demo["rows"] = [(table, copied(admin, table)) for table in tables()]
        else:
            for table, rows in _demo["rows"]:
                with admin.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
                    copy.write(rows)
    practice: UUID = _demo["practice"]
    return practice


@pytest.fixture
def other(db: TestDatabase, clock: MovableClock) -> UUID:
    """A second practice beside the demo, with lines and people of its own."""
    source = (ROOT / "practices" / "demo" / "practice.toml").read_text()
    for old, new in (('id = "demo"', 'id = "other"'), ("+121255501", "+131255501"), ("cedarhill", "mapleton")):
        source = source.replace(old, new)
    return load_text(source, clock)
