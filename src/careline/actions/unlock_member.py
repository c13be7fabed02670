"""A manager lets somebody be rung and texted again, after wrong PINs or codes had closed those ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.perform import retried
from careline.core.errors import Refused
from careline.core.people import Role
from careline.storage.models import Membership
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@retried
def unlock_member(practice_id: UUID, member_id: UUID, by: UUID, now: datetime) -> None:
    """Raises `Refused` for whoever is no manager here, and for a person who is not of this practice."""
    with practice(practice_id, actor=Actor.person(by), purpose="operations", now=now) as tx:
        tx.journal("membership.unlocked", "membership", member_id)
        here = Membership.objects.filter(practice_id=practice_id)
        if not here.filter(person_id=by, role=Role.MANAGER.value).exists():
            raise Refused("only a manager can unlock somebody")
        opened = {"pin_locked_at": None, "codes_locked_at": None, "wrong_codes": 0}
        if not here.filter(id=member_id).update(**opened):
            raise Refused("nobody here has that id")
