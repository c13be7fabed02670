"""The practice's file as it stands, inside a transaction."""

from __future__ import annotations

from functools import lru_cache

from careline.core.errors import Refused
from careline.core.practice import Practice, parse_practice
from careline.storage.models import PracticeFile


def newest_file() -> PracticeFile:
    """Of the practice whose transaction is open."""
    found = PracticeFile.objects.order_by("-id").first()
    if found is None:
        raise Refused("this practice has no file in force: load one")
    return found


def in_force() -> Practice:
    found = newest_file()
    return _parsed(found.sha256, found.source)


@lru_cache(maxsize=64)
def _parsed(sha256: str, source: str) -> Practice:
    return parse_practice(source, f"practice.toml {sha256[:12]}")
