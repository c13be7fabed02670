"""The test database: started once, copied from a migrated template for each test process, and emptied for each test."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
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


def tables() -> list[sql.Identifier]:
    """Every table but those that the migrations filled."""
    from django.apps import apps

    kept = {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}
    return [
        sql.Identifier("careline", model._meta.db_table)
        for model in apps.get_models()
        if model._meta.db_table not in kept
    ]


@contextmanager
def unbound(database: TestDatabase) -> Iterator[psycopg.Connection]:
    """The superuser, past triggers and foreign keys: quicker than TRUNCATE, and in any order."""
    with psycopg.connect(database.admin, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        yield admin


def copied(admin: psycopg.Connection, table: sql.Identifier) -> bytes:
    with admin.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(table)) as copy:
        return b"".join(bytes(part) for part in copy)


def load(path: Path, clock: MovableClock) -> UUID:
    return load_text(path.read_text(), clock)


def load_text(source: str, clock: MovableClock) -> UUID:
    from careline.actions.load_practice import load_practice
    from careline.core.practice import parse_practice
    from careline.storage.transactions import Actor

    file = parse_practice(source, "practice.toml")
    return load_practice(file, source, Actor.service("test"), clock.now()).practice


def schema_version() -> str:
    storage = ROOT / "src" / "careline" / "storage"
    files = [
        *sorted((storage / "migrations").glob("*.py")),
        *sorted((storage / "sql").glob("*.sql")),
        storage / "migrating.py",
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def build_template(admin: psycopg.Connection, url: str, template: str, names: set[str]) -> None:
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
    database = prepare(named(url, draft), None)
    point_django_at(database.owner, "owner")
    migrate()
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(template)))


def recreate(admin: psycopg.Connection, name: str, template: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def named(url: str, database: str) -> str:
    return make_conninfo(url, dbname=database)


def point_django_at(conninfo: str, alias: str = "default") -> None:
    from django.db import connections

    parts = conninfo_to_dict(conninfo)
    settings = connections[alias].settings_dict
    settings |= {"NAME": parts.pop("dbname"), "USER": parts.pop("user"), "HOST": parts.pop("host"), "OPTIONS": parts}
    if alias == "default":
        os.environ["CARELINE_APP_DATABASE"] = conninfo
