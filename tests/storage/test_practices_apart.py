from __future__ import annotations

from uuid import UUID

from careline.storage.models import Line, Membership
from careline.storage.transactions import Actor, practice
from careline.testing.clock import MovableClock


def test_a_practice_sees_its_own(demo: UUID, other: UUID, clock: MovableClock) -> None:
    with practice(demo, actor=Actor.service("test"), purpose="test", now=clock.now()):
        assert Line.objects.count() == 2
        assert Membership.objects.count() == 4
    assert Line.objects.count() == 0
