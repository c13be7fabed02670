"""Look-ups for health and metrics: counts and instants over all practices, nothing else."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from django.db import migrations

_fences = import_module("careline.storage.migrations.0002_fences")

FUNCTIONS = (
    "promises_late(timestamptz)", "pages_unaccepted()", "journal_waiting()", "times_to_accept(double precision[])",
    "contacts_ended()",
)  # fmt: skip

SQL = "\n".join(
    [
        *(_fences.finder_policies(table) for table in ("page", "journal_entry")),
        (Path(__file__).parent.parent / "sql" / "health.sql").read_text(),
        "GRANT CREATE ON SCHEMA careline TO careline_finder;",
        *(_fences.hand_over(function) for function in FUNCTIONS),
        "REVOKE CREATE ON SCHEMA careline FROM careline_finder;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("careline", "0009_rota_fences")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
