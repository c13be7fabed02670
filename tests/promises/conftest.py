from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from night import Night

from careline.testing.clock import MovableClock


@pytest.fixture
def night(demo: UUID, clock: MovableClock) -> Iterator[Night]:
    from django.db import connections

    with ThreadPoolExecutor(1) as threads:
        yield Night(demo, clock, threads)
        threads.submit(connections.close_all).result()
