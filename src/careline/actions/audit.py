"""Checks every practice's journal, for `careline audit` and for whoever is asked to prove that nothing was changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.storage.journal import Verdict, verify
from careline.storage.models import Practice

if TYPE_CHECKING:
    from datetime import datetime

    from careline.storage.transactions import Actor


@dataclass(frozen=True, slots=True)
class Checked:
    practice: str
    verdict: Verdict


def verify_all(actor: Actor, now: datetime, only: str = "") -> list[Checked]:
    """Every practice here, or the one with this short name."""
    practices = Practice.objects.order_by("slug").values_list("slug", "id")
    wanted = [(slug, practice_id) for slug, practice_id in practices if only in ("", slug)]
    return [Checked(slug, verify(practice_id, now, actor)) for slug, practice_id in wanted]
