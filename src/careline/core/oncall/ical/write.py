"""An on-call feed as iCalendar text, for one person or the whole practice. It holds names of staff and times, no more.

Every time is written in UTC, so that no reader has to know our zones, and a shift over a clock change is as long as it really is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.oncall.cover import FIRST, holdings
from careline.core.oncall.gaps import gaps
from careline.core.oncall.overrides import OnCall, explain
from careline.core.oncall.rules import Need
from careline.core.oncall.wall import utc

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from careline.core.oncall.rules import Calendar

_LONGEST_LINE = 75  # octets, RFC 5545 3.1


@dataclass(frozen=True, slots=True)
class Event:
    """`uid` is the same for the same shift each time a feed is fetched."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    description: str = ""


def events_of(calendar: Calendar, person: str, start: datetime, end: datetime) -> tuple[Event, ...]:
    """When and why one person is on call."""
    return tuple(_events(calendar, start, end, person))


def events(calendar: Calendar, start: datetime, end: datetime) -> tuple[Event, ...]:
    """Everybody's shifts, and the gaps: whoever looks at the practice's calendar sees that nobody is there."""
    missing = (
        Event(
            _uid(calendar, gap.start, "gap"),
            gap.start,
            gap.end,
            "NOBODY ON CALL",
            "Reached instead: " + ", ".join(calendar.person(one.person).name for one in gap.reached),
        )
        for gap in gaps(calendar, start, end, [Need()])
    )
    return tuple(sorted((*_events(calendar, start, end, ""), *missing), key=lambda event: (event.start, event.uid)))


def _events(calendar: Calendar, start: datetime, end: datetime, person: str) -> Iterable[Event]:
    for held in holdings(calendar, start, end, person):
        known = calendar.person(held.person)
        rule = f" ({held.why.rule})" if held.why.rule else ""
        layer = f", layer {held.layer}" if held.layer != FIRST else ""
        of = f" of {known.practice}" if known.practice else ""
        yield Event(
            _uid(calendar, held.start, f"{held.person}-{held.layer}-{held.why.rule}-{'-'.join(held.why.overrides)}"),
            held.start,
            held.end,
            f"On call: {known.name}{of}{rule}{layer}",
            explain(calendar, OnCall(held.person, held.layer, held.why)),
        )


def _uid(calendar: Calendar, start: datetime, what: str) -> str:
    return (
        re.sub(r"[^A-Za-z0-9-]+", "-", f"{_time(start)}-{what}").strip("-") + f"@{calendar.practice}.careline.invalid"
    )


def to_ics(shifts: Iterable[Event], name: str, made: datetime) -> str:
    """The feed as text with CRLF line ends. `name` is what a reader's calendar calls it; `made` the time of making it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Careline//On call//EN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
    ]
    for event in shifts:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"DTSTAMP:{_time(made)}",
            f"DTSTART:{_time(event.start)}",
            f"DTEND:{_time(event.end)}",
            f"SUMMARY:{_escaped(event.summary)}",
            *([f"DESCRIPTION:{_escaped(event.description)}"] if event.description else []),
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _time(at: datetime) -> str:
    return f"{utc(at):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """A text value. Whatever could end the line and begin another property becomes an escape or a space."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f]+", " ", text.replace("\r\n", "\n")).replace("\n", "\\n")


def _folded(line: str) -> str:
    """Broken into lines of at most 75 octets, never within a character; a continued line begins with a space."""
    parts, room, current = [""], _LONGEST_LINE, 0
    for character in line:
        size = len(character.encode())
        if current + size > room:
            parts.append("")
            current, room = 0, _LONGEST_LINE - 1
        parts[-1] += character
        current += size
    return "\r\n ".join(parts)
