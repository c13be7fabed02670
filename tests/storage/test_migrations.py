"""The migrations say what the models say, and every practice's table is behind the fences."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from django.apps import apps
from django.core.management import call_command

from careline.storage import migrations
from careline.storage.models import GLOBAL
from careline.storage.models.base import Row
from database import TestDatabase


def test_no_model_was_changed_without_a_migration(db: TestDatabase) -> None:
    call_command("makemigrations", "careline", check=True, dry_run=True, verbosity=0)


def test_every_reference_between_rows_of_a_practice_is_tied_to_it() -> None:
    """A plain foreign key would let a row of one practice hang on a row of another."""
    found = [import_module(one.name) for one in iter_modules(migrations.__path__, f"{migrations.__name__}.")]
    tied = {reference for migration in found for reference in getattr(migration, "TIED", ())}
    models = [model for model in apps.get_app_config("careline").get_models() if issubclass(model, Row)]
    references = {
        f"{model._meta.db_table}.{field.column}"
        for model in models
        for field in model._meta.local_fields
        if field.is_relation and field.related_model._meta.db_table not in GLOBAL  # type: ignore[union-attr]
    }
    assert references == tied
