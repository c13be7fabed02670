"""Readies the database of an installation: roles, schema, the demo practice. Every process starts here, with what it may know."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from careline.bootstrap import data, watch
from careline.core.errors import Refused
from careline.core.routing.readiness import alone_on_closed_ears, mend
from careline.settings import ensure_key_file, from_environment
from careline.vault.keyfile import FileKeyStore

if TYPE_CHECKING:
    from careline.settings import Settings
    from careline.storage.cluster import Database

#: Set by the supervisor for the processes it starts, which then need not prepare the database themselves.
PREPARED = "CARELINE_APP_DATABASE"
DEMO_PASSWORD = "careline demo only"  # noqa: S105 - printed at every start; the demo binds the loopback only


def prepare(settings: Settings) -> Database:
    """Start or reach the database, bring its schema up to date, load the demo practice when this is the demo."""
    from careline.storage.cluster import open_database
    from careline.storage.start import start

    database = open_database(settings)
    start(database.app, FileKeyStore(ensure_key_file(settings.key_file)), database.owner)
    from careline.storage.migrating import migrate

    migrate()
    if settings.demo:
        _load_demo()
    watch.set_up(settings.operator, datetime.now(UTC))
    return database


def connect(settings: Settings) -> None:
    """Ready Django in a process that does the installation's work as `careline_app`."""
    from careline.storage.start import start

    app = os.environ.get(PREPARED)
    if app is None:
        from careline.storage.cluster import open_database

        app = open_database(settings).app
    start(app, FileKeyStore(ensure_key_file(settings.key_file)))


def load_practice(name: str) -> bool:
    """Put a practice's file into force. False when exactly this file already is."""
    from careline.actions.load_practice import load_practice as load
    from careline.bootstrap import sentences, speech
    from careline.core.practice import parse_practice
    from careline.storage.transactions import Actor

    path, source = data.practice_source(name)
    file, rota = parse_practice(source, path), data.rota(name)
    if lines := alone_on_closed_ears(file, speech.hearing()):
        raise Refused(f"{path}: this practice may not go live: {mend(lines)}")
    sentences.install(name, file, from_environment().data / sentences.FOLDER)
    return load(file, source, Actor.service("load practice"), datetime.now(UTC), rota).changed


def _load_demo() -> None:
    from careline.actions.load_practice import give_first_passwords

    load_practice("demo")
    give_first_passwords(DEMO_PASSWORD)
