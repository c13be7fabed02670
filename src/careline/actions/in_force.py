"""The practice's file as it stands, inside a transaction."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from careline.core.errors import Refused
from careline.core.practice import Practice, parse_practice
from careline.storage.models import Practice as PracticeRow
from careline.storage.models import PracticeFile
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime

READER = Actor.service("doctor")


def newest_file() -> PracticeFile:
    """Of the practice whose transaction is open."""
    found = PracticeFile.objects.order_by("-id").first()
    if found is None:
        raise Refused("this practice has no file in force: load one")
    return found


def in_force() -> Practice:
    found = newest_file()
    return _parsed(found.sha256, found.source)


def every_practice(now: datetime) -> list[Practice]:
    """The files in force of all practices here that have one."""
    found: list[Practice] = []
    for row in PracticeRow.objects.all():
        with practice(row.id, actor=READER, purpose="check installation", now=now):
            newest = PracticeFile.objects.order_by("-id").first()
            if newest is not None:
                found.append(_parsed(newest.sha256, newest.source))
    return found


@lru_cache(maxsize=64)
def _parsed(sha256: str, source: str) -> Practice:
    return parse_practice(source, f"practice.toml {sha256[:12]}")
