"""Fast enough to ask at every step of every page, and to draw any month. Times are of this process alone, the best of a few."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from datetime import date, time, timedelta

from oncall_rotas import DAY, WEEK, ny

from careline.core.oncall.check import checked
from careline.core.oncall.cover import shifts, who
from careline.core.oncall.gaps import gaps
from careline.core.oncall.month import month
from careline.core.oncall.rules import Absence, Calendar, Change, Hours, Override, Person, Rotation, Rule, Turn
from careline.core.spans import Span

PEOPLE = tuple(Person(f"p{n}", f"Dr. {n}", ("phone",)) for n in range(20))
START = ny(2026, 1, 1)


def big() -> Calendar:
    """Five layers of twenty people each, one of them nights only, 200 overrides and 40 absences in a year."""
    turns = [tuple(Turn((person.id,), minutes) for person in PEOPLE) for minutes in (DAY, WEEK, 2 * WEEK, 12 * 60, DAY)]
    rules = [Rule(f"r{n}", Rotation(date(2026, 1, 1), time(7), turn), layer=n + 1) for n, turn in enumerate(turns[:4])]
    nights = (Hours(tuple(range(7)), Span(time(19), time(7))),)
    rules.append(Rule("nights", Rotation(date(2026, 1, 1), time(7), turns[4]), hours=nights, layer=5))
    changes = tuple(
        Override(
            f"o{n}", Change.REPLACE, START + timedelta(hours=40 * n), START + timedelta(hours=40 * n + 50), f"p{n % 20}"
        )
        for n in range(200)
    )
    absences = tuple(
        Absence(f"a{n}", f"p{n % 20}", START + timedelta(days=9 * n), START + timedelta(days=9 * n + 5))
        for n in range(40)
    )
    return checked(Calendar("clinic", "America/New_York", PEOPLE, tuple(rules), "p0", "p1", changes, absences))


def best(of: int, what: Callable[[], object]) -> float:
    taken: list[float] = []
    for _ in range(of):
        before = clock.process_time()
        what()
        taken.append(clock.process_time() - before)
    return min(taken)


def test_who_is_on_call_is_known_within_a_millisecond() -> None:
    rota = big()
    times = iter(START + timedelta(hours=7 * n) for n in range(10_000))
    assert best(20, lambda: [who(rota, next(times)) for _ in range(20)]) / 20 < 0.001


def test_ten_years_of_shifts_take_less_than_two_seconds() -> None:
    rota = big()
    found = best(2, lambda: shifts(rota, START, START + timedelta(days=3653)))
    assert found < 2


def test_gaps_a_quarter_ahead_and_a_months_page_are_quick() -> None:
    rota = big()
    assert best(3, lambda: gaps(rota, START, START + timedelta(days=92))) < 0.5
    assert best(3, lambda: month(rota, 2026, 3)) < 0.2
