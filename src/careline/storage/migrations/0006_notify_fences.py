"""Row level security under what providers report and which browsers show pages; finds the practices of a number that texts."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from django.db import migrations

fences = import_module("careline.storage.migrations.0002_fences")

TIED = {"provider_event.promise_id": "promise"}
SCOPED = ("push_subscription", "provider_event")
FUNCTION = "practices_of_texting(text)"

SQL = "\n".join(
    [
        *(fences.tie(reference, target) for reference, target in TIED.items()),
        *(fences.policies(table) for table in SCOPED),
        (Path(__file__).parent.parent / "sql" / "notify.sql").read_text(),
        "GRANT CREATE ON SCHEMA careline TO careline_finder;",
        fences.hand_over(FUNCTION),
        "REVOKE CREATE ON SCHEMA careline FROM careline_finder;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("careline", "0005_notify")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
