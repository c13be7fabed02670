"""What tests share: a real PostgreSQL, empty for each test that asks for it, a practice loaded from a file, and a clock to move.

The server and its migrated template stay in `var/test` between runs, so that a run begins in half a second; each test process
works in a copy of its own. Tests connect as `careline_app`, as the product does.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

ROOT = Path(__file__).parents[1]
DATA = ROOT / "var" / "test"
os.environ |= {"CARELINE_DATA": str(DATA), "CARELINE_DEMO": "1", "CARELINE_NODE": "test-node"}
os.environ.pop("CARELINE_DATABASE_URL", None)

from careline.settings import ensure_key_file, from_environment  # noqa: E402
from careline.storage.start import start  # noqa: E402
from careline.testing.clock import MovableClock  # noqa: E402
from careline.vault.keyfile import FileKeyStore  # noqa: E402

KEY = ensure_key_file(from_environment().key_file)
start("dbname=not-started-yet", FileKeyStore(KEY), "dbname=not-started-yet")


@dataclass(frozen=True, slots=True)
class TestDatabase:
    """`app` is how the product connects; `admin` is the superuser, for what only an intruder or an administrator would do."""

    __test__ = False
    app: str
    admin: str


@pytest.fixture(scope="session")
def cluster() -> Iterator[TestDatabase]:
    """This process's own copy of the migrated database. Use `db`, which empties it first."""
    from careline.storage.cluster import prepare, start_embedded

    DATA.mkdir(parents=True, exist_ok=True)
    with (DATA / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        url = start_embedded(DATA / "postgres")
        template, mine = f"template_{_schema_version()}", f"test_{os.getpid()}"
        with psycopg.connect(url, autocommit=True) as admin:
            names = {row[0] for row in admin.execute("SELECT datname FROM pg_database")}
            if template not in names:
                _build_template(admin, url, template, names)
            _recreate(admin, mine, template)
    database = prepare(_named(url, mine), None)
    _point_django_at(database.app)
    yield TestDatabase(app=database.app, admin=_named(url, mine))
    from django.db import connections

    connections.close_all()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(mine)))


@pytest.fixture
def db(cluster: TestDatabase) -> Iterator[TestDatabase]:
    """A real, empty database."""
    from django.db import connections

    from careline.storage import keys

    with _unbound(cluster) as admin:
        for table in _tables():
            admin.execute(sql.SQL("DELETE FROM {}").format(table))
    keys.use(FileKeyStore(KEY))
    yield cluster
    connections.close_all()


_demo: dict[str, Any] = {}  # loading hashes PINs, which is slow on purpose; a second test gets the rows of the first


def _tables() -> list[sql.Identifier]:
    """Every table but those that the migrations filled."""
    from django.apps import apps

    kept = {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}
    return [
        sql.Identifier("careline", model._meta.db_table)
        for model in apps.get_models()
        if model._meta.db_table not in kept
    ]


@contextmanager
def _unbound(database: TestDatabase) -> Iterator[psycopg.Connection]:
    """The superuser, past triggers and foreign keys: quicker than TRUNCATE, and in any order."""
    with psycopg.connect(database.admin, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        yield admin


def _copied(admin: psycopg.Connection, table: sql.Identifier) -> bytes:
    with admin.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(table)) as copy:
        return b"".join(bytes(part) for part in copy)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def demo(db: TestDatabase, clock: MovableClock) -> UUID:
    """The demo practice, loaded. Saturday afternoon in New York: Dr. Okafor is on call, and is the backup too."""
    with _unbound(db) as admin:
        if not _demo:
            _demo["practice"] = load(ROOT / "practices" / "demo" / "practice.toml", clock)
            _demo["rows"] = [(table, _copied(admin, table)) for table in _tables()]
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


def load(path: Path, clock: MovableClock) -> UUID:
    return load_text(path.read_text(), clock)


def load_text(source: str, clock: MovableClock) -> UUID:
    from careline.actions.load_practice import load_practice
    from careline.core.practice import parse_practice
    from careline.storage.transactions import Actor

    file = parse_practice(source, "practice.toml")
    return load_practice(file, source, Actor.service("test"), clock.now()).practice


def _schema_version() -> str:
    storage = ROOT / "src" / "careline" / "storage"
    files = [
        *sorted((storage / "migrations").glob("*.py")),
        *sorted((storage / "sql").glob("*.sql")),
        storage / "migrating.py",
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def _build_template(admin: psycopg.Connection, url: str, template: str, names: set[str]) -> None:
    from careline.storage.cluster import prepare
    from careline.storage.migrating import migrate

    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        admin.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
    admin.execute("SELECT pg_reload_conf()")
    for name in names:
        if name.startswith(("template_", "draft_")):
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    draft = f"draft_{os.getpid()}"
    admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    database = prepare(_named(url, draft), None)
    _point_django_at(database.owner, "owner")
    migrate()
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(template)))


def _recreate(admin: psycopg.Connection, name: str, template: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def _named(url: str, database: str) -> str:
    return make_conninfo(url, dbname=database)


def _point_django_at(conninfo: str, alias: str = "default") -> None:
    from django.db import connections

    parts = conninfo_to_dict(conninfo)
    settings = connections[alias].settings_dict
    settings |= {"NAME": parts.pop("dbname"), "USER": parts.pop("user"), "HOST": parts.pop("host"), "OPTIONS": parts}
    if alias == "default":
        os.environ["CARELINE_APP_DATABASE"] = conninfo
