"""Calendars for tests: small ones by hand, random ones by Hypothesis. Everybody in them is invented."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from careline.core.clinical import Level
from careline.core.oncall.holidays import Holiday, Moved, On, Yearly
from careline.core.oncall.rules import (
    Absence,
    Calendar,
    Change,
    FixedShift,
    Hours,
    Listed,
    Need,
    OnHolidays,
    Override,
    Person,
    Rotation,
    Rule,
    Scope,
    Standing,
    Turn,
)
from careline.core.spans import Span

DAY, WEEK = 1440, 7 * 1440
ALL_WEEK = (0, 1, 2, 3, 4, 5, 6)
NAMES = ("ana", "ben", "cleo", "dov", "eva", "finn")

# One or two nights on which the clock changes (UTC dates around them), by zone; ordinary weeks for zones without.
CLOCK_CHANGES = {
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/Los_Angeles": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/St_Johns": (date(2026, 3, 8), date(2026, 11, 1)),
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "America/Santiago": (date(2026, 4, 5), date(2026, 9, 6)),
    "America/Phoenix": (date(2026, 3, 8), date(2026, 11, 1)),
    "Asia/Kolkata": (date(2026, 3, 8), date(2026, 12, 31)),
}


def people(*ids: str) -> tuple[Person, ...]:
    return tuple(Person(one, f"Dr. {one.title()}", ("phone",), f"{one}@clinic.example") for one in ids)


def calendar(*rules: Rule, zone: str = "America/New_York", **more: Any) -> Calendar:
    return Calendar("clinic", zone, people(*NAMES, "boss", "second"), rules, "second", "boss", **more)


def weekly(rule_id: str, *names: str, first: date = date(2026, 1, 5), at: time = time(7, 0), **more: Any) -> Rule:
    return Rule(rule_id, Rotation(first, at, tuple(Turn((name,), WEEK) for name in names)), **more)


def daily(rule_id: str, *names: str, first: date = date(2026, 1, 5), at: time = time(7, 0), **more: Any) -> Rule:
    return Rule(rule_id, Rotation(first, at, tuple(Turn((name,), DAY) for name in names)), **more)


def local(zone: str, *at: int, fold: int = 0) -> datetime:
    """An instant from what a clock shows: year, month, day, hour, minute."""
    return datetime(*at, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)  # type: ignore[arg-type, misc]


def ny(*at: int, fold: int = 0) -> datetime:
    return local("America/New_York", *at, fold=fold)


# ---------------------------------------------------------------- random calendars

clock_hours = st.sampled_from((*range(24), *(1, 2) * 6, 0, 3, 23))
clock_times = st.builds(time, clock_hours, st.sampled_from((0, 0, 0, 15, 30, 59)))
some_people = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True).map(tuple)
lengths = st.sampled_from((DAY, DAY, WEEK, WEEK, 2 * WEEK, 12 * 60, 8 * 60, 3 * DAY, 90, 25 * 60))
scopes = st.builds(
    Scope,
    specialty=st.sampled_from(("", "", "", "heart")),
    location=st.sampled_from(("", "", "", "north")),
    role=st.sampled_from(("", "", "", "midwife")),
    urgency=st.sampled_from(((), (), (Level.EMERGENCY,), (Level.EMERGENCY, Level.URGENT))),
)
zones_and_nights = st.sampled_from([(zone, night) for zone, nights in CLOCK_CHANGES.items() for night in nights])
spans = st.builds(Span, clock_times, clock_times)
hours = st.lists(
    st.builds(Hours, st.sampled_from((ALL_WEEK, (5, 6), (0, 2, 4), (6,))), spans), min_size=0, max_size=2
).map(tuple)


@st.composite
def rotations(draw: st.DrawFn, night: date) -> Rotation:
    turns = draw(st.lists(st.builds(Turn, some_people, lengths), min_size=1, max_size=4))
    return Rotation(night - timedelta(days=draw(st.integers(-1, 40))), draw(clock_times), tuple(turns))


@st.composite
def stretches(draw: st.DrawFn, night: date) -> tuple[datetime, datetime]:
    """From some minute before or in the night, for up to two days."""
    start = datetime.combine(night, time(0), UTC) + timedelta(minutes=draw(st.integers(-DAY, DAY)))
    return start, start + timedelta(minutes=draw(st.integers(1, 2 * DAY)))


@st.composite
def random_rules(draw: st.DrawFn, night: date, number: int) -> Rule:
    kind = draw(st.sampled_from(("rotation", "rotation", "standing", "listed")))
    rule_id, scope, layer = f"r{number}", draw(scopes), draw(st.sampled_from((1, 1, 2)))
    if kind == "listed":
        listed = [
            FixedShift(draw(st.sampled_from(NAMES)), *draw(stretches(night))) for _ in range(draw(st.integers(1, 3)))
        ]
        return Rule(rule_id, Listed(tuple(listed)), scope=scope, layer=layer, together=True)
    return Rule(
        rule_id,
        draw(rotations(night)) if kind == "rotation" else Standing(draw(some_people)),
        hours=draw(hours),
        scope=scope,
        layer=layer,
        holidays=draw(st.sampled_from((OnHolidays.AS_USUAL, OnHolidays.AS_USUAL, OnHolidays.ONLY, OnHolidays.NEVER))),
        starts=draw(st.sampled_from((None, None, night, night - timedelta(days=3)))),
        until=draw(st.sampled_from((None, None, night, night + timedelta(days=1)))),
        together=True,
    )


@st.composite
def overrides(draw: st.DrawFn, night: date, number: int, rules: tuple[Rule, ...]) -> Override:
    change = draw(st.sampled_from(Change))
    someone = st.sampled_from(NAMES)
    return Override(
        f"o{number}",
        change,
        *draw(stretches(night)),
        person="" if change is Change.REMOVE else draw(someone),
        leaves=""
        if change is Change.ADD
        else draw(st.sampled_from(("", *NAMES)) if change is Change.REPLACE else someone),
        rule=draw(st.sampled_from(("", *(rule.id for rule in rules)))),
        layer=draw(st.sampled_from((1, 2))),
    )


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, date]:
    """A calendar with everything in it, and the night around which it is worth looking at."""
    zone, night = draw(zones_and_nights)
    rules = tuple(draw(random_rules(night, number)) for number in range(draw(st.integers(2, 5))))
    changes = tuple(draw(overrides(night, number, rules)) for number in range(draw(st.integers(0, 5))))
    gone = tuple(
        Absence(f"a{number}", draw(st.sampled_from((*NAMES, "second", "boss"))), *draw(stretches(night)))
        for number in range(draw(st.integers(0, 3)))
    )
    off = (
        Holiday("that night", On((night,))),
        Holiday(
            "the day after", Yearly((night + timedelta(days=1)).month, (night + timedelta(days=1)).day), Moved.NEAREST
        ),
    )
    return calendar(
        *rules, zone=zone, overrides=changes, absences=gone, holidays=draw(st.sampled_from(((), off)))
    ), night


@st.composite
def asked(draw: st.DrawFn) -> tuple[Calendar, date, Need]:
    """A calendar, its night, and a need that some of its rules are for."""
    made, night = draw(calendars())
    scope = draw(st.sampled_from([rule.scope for rule in made.rules]))
    urgency = draw(st.sampled_from(scope.urgency or (Level.URGENT, Level.EMERGENCY)))
    specialty, location = scope.specialty or draw(st.sampled_from(("", "heart"))), scope.location or "north"
    return made, night, Need(urgency, specialty, location, scope.role or "midwife")
