"""Readies Django in a process. Called once, by `bootstrap`, before anything imports the models."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from careline.ports import KeyStore


def start(app_database: str, key_store: KeyStore, owner_database: str | None = None) -> None:
    """`owner_database` is given only to the process that migrates; its children inherit the environment without it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "careline.storage.django_settings"
    os.environ["CARELINE_APP_DATABASE"] = app_database
    if owner_database is not None:
        os.environ["CARELINE_OWNER_DATABASE"] = owner_database
    django.setup()
    os.environ.pop("CARELINE_OWNER_DATABASE", None)
    from careline.storage import keys

    keys.use(key_store)
