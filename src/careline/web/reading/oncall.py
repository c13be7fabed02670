"""Reads who is on call: now, and day by day through a week or a month of the practice's wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from careline.actions.in_force import in_force
from careline.actions.rota.ask import who_is_on_call
from careline.actions.rota.calendar import calendar_between, rota_of
from careline.core.errors import DataFileError, Refused
from careline.core.oncall.cover import shifts_of
from careline.core.oncall.month import month, week
from careline.core.oncall.rules import Need
from careline.core.oncall.telling import clock, missing, told
from careline.storage.models import Membership
from careline.web.reading.ahead import read_ahead
from careline.web.reading.common import language_name
from careline.web.reading.sheet import Sheet, day_shown
from careline.web.seen.oncall import PLACES, Choice, OnCall, OnCallNow, StepShown
from careline.web.seen.parts import human, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from careline.actions.rota.ask import OnCallAt, Standing
    from careline.core.oncall.month import Page
    from careline.core.oncall.rules import Calendar, Person
    from careline.storage.transactions import Tx

_DAY = timedelta(days=1)
_STAND_INS = ("backup", "supervisor")


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the calendar is wanted: the week or month of `day` (today, when None), for everything or for one `need`, written
    as in addresses: "specialty:cardiology"."""

    view: str = "week"
    day: date | None = None
    need: str = ""


def read_oncall(tx: Tx, wish: Wish, person: UUID, *, may_change: bool) -> OnCall:
    rota = rota_of(tx)
    calendar, near = _calendars(tx, wish, rota.days_ahead)
    zone = ZoneInfo(calendar.timezone)
    local = tx.now.astimezone(zone)
    day = wish.day or local.date()
    needs = needs_of(calendar)
    need = needs.get(wish.need, Need())
    page = month(calendar, day.year, day.month, need, 6) if wish.view == "month" else week(calendar, day, need)
    tones = {one.id: tone % 4 for tone, one in enumerate(_turned(calendar))}
    now = who_is_on_call(tx, tx.now, need, near) if near else None
    first, last = _bounds(page)
    sheet = Sheet(zone, local.date(), tones, str(person), drawn=wish.view == "week")
    return OnCall(
        now=tx.now,
        zone=calendar.timezone.replace("_", " "),
        current=_now(tx, now) if now else (),
        standing_by=(
            ("back-up", calendar.person(calendar.backup).name),
            ("supervisor", calendar.person(calendar.supervisor).name),
        ),
        gap=now is not None and now.gap and not now.desk,
        missing=_missing(near, tx.now, rota.days_ahead) if near else (),
        days_ahead=rota.days_ahead,
        view=wish.view,
        title=f"{day:%B %Y}" if wish.view == "month" else f"Week of {first:%B} {first.day}, {first.year}",
        day=day.isoformat(),
        previous=(first - _DAY if wish.view == "week" else day.replace(day=1) - _DAY).isoformat(),
        following=(last + _DAY if wish.view == "week" else (day.replace(day=28) + 4 * _DAY).replace(day=1)).isoformat(),
        weeks=tuple(tuple(day_shown(each, sheet) for each in row) for row in page.weeks),
        needs=tuple(Choice(key, _called(one), key == wish.need) for key, one in needs.items()),
        need=wish.need if wish.need in needs else "",
        need_query=quote(wish.need) if wish.need in needs else "",
        ahead=read_ahead(tx, near, person, may_change=may_change) if near else (),
        steps=_steps(_names(tx)),
        now_percent=100 * _seconds(local) / 86400,
        may_change=may_change,
    )


def _calendars(tx: Tx, wish: Wish, days_ahead: int) -> tuple[Calendar, Calendar | None]:
    """What is shown, and the days ahead of now: one reading serves both. A page of long ago or far ahead shows nothing of now."""
    begin, end = tx.now - _DAY, tx.now + max(days_ahead, 31) * _DAY
    middle = datetime.combine(wish.day, time(12), UTC) if wish.day else tx.now
    first, last = middle - 40 * _DAY, middle + 40 * _DAY
    if abs(middle - tx.now) > 90 * _DAY:
        return calendar_between(tx, first, last), None
    both = calendar_between(tx, min(begin, first), max(end, last))
    return both, both


def needs_of(calendar: Calendar) -> dict[str, Need]:
    """What the rules of this rota tell apart, beside "anything"; none when they tell nothing apart."""
    found = {
        f"{key}:{value}": Need(**{key: value})
        for rule in calendar.rules
        for key in ("specialty", "location", "role")
        if (value := getattr(rule.scope, key))
    }
    return {"": Need(), **found} if found else {}


def _called(need: Need) -> str:
    return need.specialty or need.location or need.role or "anything"


def on_call_line(tx: Tx, zone_name: str, person: UUID) -> str:
    """One sentence for somebody's own page: whether they are on call, and until when."""
    calendar = calendar_between(tx, tx.now, tx.now + 31 * _DAY)
    mine = shifts_of(calendar, str(person), tx.now, tx.now + 31 * _DAY)
    zone = ZoneInfo(zone_name)
    if mine and mine[0][0] == tx.now:
        ends = mine[0][1].astimezone(zone)
        return f"You are on call until {ends:%a} {clock(ends)}."
    if mine:
        begins = mine[0][0].astimezone(zone)
        return f"You are not on call now; next from {begins:%a %b} {begins.day}, {clock(begins)}."
    return "You are not on call now."


def _turned(calendar: Calendar) -> list[Person]:
    """People in the order in which the rules name them: each keeps a colour of their own from page to page."""
    named = dict.fromkeys(person for rule in calendar.rules for person in rule.people)
    return [calendar.person(person) for person in named]


def _bounds(page: Page) -> tuple[date, date]:
    return page.weeks[0][0].date, page.weeks[-1][-1].date


def _missing(calendar: Calendar, now: datetime, days: int) -> tuple[str, ...]:
    return tuple(told(calendar, one) for one in missing(calendar, now, now + days * _DAY))


def _now(tx: Tx, found: OnCallAt) -> tuple[OnCallNow, ...]:
    """Who is on call; where nobody is, whoever stands in."""
    members = {
        member.person_id: member
        for member in Membership.objects.filter(
            practice_id=tx.practice, person_id__in=[one.person for one in found.people]
        ).select_related("person")
    }
    people = tuple(_person(one, members[one.person]) for one in found.people)
    return tuple(one for one in people if one.on_call) or people


def _person(one: Standing, member: Membership) -> OnCallNow:
    phone = next((c["address"] for c in member.channels if c.get("kind") == "phone"), "")
    return OnCallNow(
        person=one.person,
        place=PLACES.get(one.place, human(one.place).lower()),
        on_call=one.place not in _STAND_INS,
        name=one.name,
        role=human(one.role),
        of_practice=one.practice,
        until=one.until,
        number=spelled(phone),
        languages=language_name(member.person.language),
        why=one.why,
    )


def _seconds(local: datetime) -> float:
    """Wall-clock seconds since midnight: a drawing of the day keeps its 24 hours on clock-change days."""
    return local.hour * 3600 + local.minute * 60 + local.second


def _names(tx: Tx) -> dict[str, str]:
    members = Membership.objects.filter(practice_id=tx.practice).select_related("person")
    return {member.staff_id: member.person.name for member in members}


def _steps(names: Mapping[str, str]) -> tuple[StepShown, ...]:
    try:
        file = in_force()
    except (DataFileError, Refused):  # a file of an older release, or none: the page shows the rest
        return ()
    return tuple(
        StepShown(
            number,
            ", ".join(names.get(one, human(one)) for one in step.reach),
            ", ".join(human(channel) for channel in step.channels),
            f"{step.seconds // 60} min" if step.seconds % 60 == 0 else f"{step.seconds} s",
        )
        for number, step in enumerate(file.paging.steps, 1)
    )
