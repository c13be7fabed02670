"""The dead-man's switch: test contacts that go the whole way, and how many of them have failed in a row.

Every turn a test contact is made, in a practice of its own that no patient rings and nobody works in; it pages a telephone number
that the product answers itself. A turn fails when that page was not accepted in time, whatever stood still.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

#: The practice of the test contacts, and the one whose only clinician is the operator of this installation.
TESTS, OPERATOR = "careline-watch", "careline-operator"
INTERNAL = (TESTS, OPERATOR)
#: No such area code is assigned; calls to it never leave the product, which answers them with "accepted".
NUMBER = "+19995550199"
LINES = ("+19995550198", "+19995550197")
EVERY = timedelta(minutes=5)
GRACE = timedelta(minutes=2)
ENOUGH = 2
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def turn_of(now: datetime) -> datetime:
    """When the turn began that `now` is in: the same on every machine."""
    return now - (now - _EPOCH) % EVERY


def failed_in_a_row(accepted: Collection[datetime], since: datetime, now: datetime) -> int:
    """The newest turns that failed, back to the last one in `accepted`. Turns that began before `since` (when the installation
    was started) do not count, nor does one whose time is not up."""
    turn = turn_of(now - GRACE)
    failed = 0
    while turn >= since and turn not in accepted:
        failed, turn = failed + 1, turn - EVERY
    return failed
