"""Brings the schema up to date, as its owner, and states what the application may do to each table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from careline.storage.cluster import APP

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_LOCK = 0x0CA2E11E  # any number, the same in every process: two that migrate at once take turns

ADDED_TO_ONLY = frozenset(
    {
        "contact_event",
        "turn",
        "triage",
        "message_amendment",
        "journal_entry",
        "journal_seal",
        "practice_file",
        "data_key",
    }
)
DELETED_FROM = frozenset({"journal_pending", "live_call", "push_subscription"})
READ_ONLY = ("django_migrations", "django_content_type", "auth_")


def migrate() -> None:
    """Harmless to repeat; does nothing when the schema is up to date. Needs `start(..., owner_database=...)`."""
    connection = connections["owner"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", database="owner", verbosity=0, interactive=False)
        _grant(connection)
    finally:
        connection.close()


def rights(table: str) -> str:
    """What `careline_app` may do to a table: as little as its use allows."""
    if table.startswith(READ_ONLY):
        return "SELECT"
    if table in ADDED_TO_ONLY:
        return "SELECT, INSERT"
    ours = {model._meta.db_table for model in apps.get_app_config("careline").get_models()}
    if table in ours and table not in DELETED_FROM:
        return "SELECT, INSERT, UPDATE"
    return "SELECT, INSERT, UPDATE, DELETE"


def _grant(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        statements = ["REVOKE ALL ON ALL TABLES IN SCHEMA careline FROM careline_app"]
        statements += [
            f'GRANT {rights(table)} ON "{table}" TO {APP}' for table in connection.introspection.table_names(cursor)
        ]
        statements.append(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA careline TO {APP}")
        cursor.execute("BEGIN; " + "; ".join(statements) + "; COMMIT")
