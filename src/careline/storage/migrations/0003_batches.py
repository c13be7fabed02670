"""Claims and finishes promises in batches: one statement for many, of whatever practices."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from django.db import migrations

hand_over = import_module("careline.storage.migrations.0002_fences").hand_over

FUNCTIONS = (
    "claim_promises(text[], text, timestamptz, timestamptz, integer)",
    "finish_promises(uuid[], bigint[], integer[], text[], timestamptz[], text[], text[], text[], timestamptz)",
)

SQL = "\n".join(
    [
        (Path(__file__).parent.parent / "sql" / "batches.sql").read_text(),
        "GRANT CREATE ON SCHEMA careline TO careline_finder;",
        *(hand_over(function) for function in FUNCTIONS),
        "REVOKE CREATE ON SCHEMA careline FROM careline_finder;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("careline", "0002_fences")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
