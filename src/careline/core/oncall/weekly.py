"""The simple rota of a practice's own file (`[[shifts]]`: who, on which days, from when to when) as rules of a calendar.

Each weekly shift is a rule of the plainest kind: the same person always, during hours of the week. They all answer for every
need, beside each other where they overlap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.oncall.rules import Calendar, Hours, Person, Rule, Standing

if TYPE_CHECKING:
    from careline.core.practice import Practice, StaffMember


def calendar_of(practice: Practice) -> Calendar:
    """The practice's weekly shifts as a calendar, with everybody on its staff, nothing overridden and nobody away."""
    return Calendar(
        practice=practice.id,
        timezone=practice.timezone,
        people=tuple(_person(member) for member in practice.staff),
        rules=tuple(
            Rule(f"shift-{number}", Standing((shift.staff,)), hours=(Hours(shift.days, shift.hours),), together=True)
            for number, shift in enumerate(practice.shifts, 1)
        ),
        backup=practice.backup,
        supervisor=practice.supervisor,
    )


def _person(member: StaffMember) -> Person:
    ways = {"phone": member.phone, "sms": member.sms, "pager": member.pager, "email": member.email}
    return Person(member.id, member.name, tuple(way for way, address in ways.items() if address), member.email)
