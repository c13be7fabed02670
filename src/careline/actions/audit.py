"""Checks every practice's journal, for `careline audit` and for whoever is asked to prove that nothing was changed."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from careline.storage.journal import Verdict, head, verify
from careline.storage.models import Practice
from careline.storage.transactions import practice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from careline.storage.transactions import Actor


@dataclass(frozen=True, slots=True)
class Checked:
    practice: str
    verdict: Verdict


def verify_all(
    actor: Actor, now: datetime, only: str = "", known: Mapping[int, str] = MappingProxyType({})
) -> list[Checked]:
    """Every practice here, or the one with this short name. `known` are seals of that one by number, kept elsewhere."""
    practices = Practice.objects.order_by("slug").values_list("slug", "id")
    wanted = [(slug, practice_id) for slug, practice_id in practices if only in ("", slug)]
    return [Checked(slug, verify(practice_id, now, actor, known)) for slug, practice_id in wanted]


def heads(actor: Actor, now: datetime, only: str = "") -> list[dict[str, Any]]:
    """The end of every practice's chain, for keeping elsewhere."""
    found: list[dict[str, Any]] = []
    for slug, practice_id in Practice.objects.order_by("slug").values_list("slug", "id"):
        if only in ("", slug):
            with practice(practice_id, actor=actor, purpose="export journal head", now=now) as tx:
                tx.journal("journal.head.taken", "journal_seal")
                found.append(head(tx, slug))
    return found
