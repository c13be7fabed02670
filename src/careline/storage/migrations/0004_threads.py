"""A later contact goes on about an open message; a page may be marked as having become worse."""

from __future__ import annotations

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

TIED = {"contact.thread_id": "message"}

SQL = "\n".join(import_module("careline.storage.migrations.0002_fences").tie(*one) for one in TIED.items())


class Migration(migrations.Migration):
    dependencies = [("careline", "0003_batches")]
    operations = [
        migrations.AddField(
            model_name="contact",
            name="thread",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="careline.message"
            ),
        ),
        migrations.AddField(model_name="page", name="worsened_at", field=models.DateTimeField(null=True)),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
