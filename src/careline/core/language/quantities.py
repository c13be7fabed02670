"""Numbers that mean something: ages, weeks of pregnancy, days since an operation, temperatures, pressures, sugars.

What a number means is told by patterns (`[quantities.CONCEPT.UNIT]`); this brings it to the concept's own unit and drops what
cannot be ("pregnant 60 weeks"), so that the dialogue asks again instead of believing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.language.matching import Match
    from careline.core.language.numbers import Number
    from careline.core.language.times import Time
    from careline.core.language.tokens import Tokens

_FACTORS = {
    ("age", "years"): 1.0,
    ("age", "months"): 1 / 12,
    ("age", "weeks"): 7 / 365.25,
    ("age", "days"): 1 / 365.25,
    ("age", "hours"): 1 / 8766,
    ("pregnant_weeks", "months"): 4.345,
    ("postpartum_days", "weeks"): 7.0,
    ("postpartum_days", "months"): 30.4,
    ("postop_days", "weeks"): 7.0,
    ("postop_days", "months"): 30.4,
    ("weight_gain_day", "kg"): 2.205,
    ("weight_gain_week", "kg"): 2.205,
    ("pads_per_hour", "hours"): 1.0,
    ("symptom_hours", "days"): 24.0,
}
UNITS = {
    "age": "years", "pregnant_weeks": "weeks", "postpartum_days": "days", "postop_days": "days",
    "temperature": "celsius", "systolic": "mmhg", "diastolic": "mmhg", "glucose": "mg_dl", "pads_per_hour": "pads",
    "weight_gain_day": "lb", "weight_gain_week": "lb", "icd_shocks": "count", "spo2": "percent", "inr": "ratio",
    "heart_rate": "bpm", "symptom_hours": "hours",
}  # fmt: skip
BOUNDS = {
    "age": (0, 120), "pregnant_weeks": (1, 44), "postpartum_days": (0, 400), "postop_days": (0, 400),
    "temperature": (30, 44), "systolic": (40, 300), "diastolic": (20, 200), "glucose": (10, 1500),
    "pads_per_hour": (0, 20), "weight_gain_day": (0, 60), "weight_gain_week": (0, 90), "icd_shocks": (0, 50),
    "spo2": (40, 100), "inr": (0, 20), "heart_rate": (10, 300), "symptom_hours": (0, 100000),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """A quantity in its concept's unit, and the match that told."""

    concept: str
    value: float
    match: Match


def find_quantities(
    tokens: Tokens, matches: Sequence[Match], numbers: Sequence[Number], times: Sequence[Time]
) -> list[Measured]:
    """Every number is used once, by the pattern that explains most of what stands around it."""
    by_place = {(number.start, number.end): number for number in numbers}
    by_time = {(time.start, time.end): time for time in times}
    taken: set[tuple[str, tuple[int, int]]] = (
        set()
    )  # a number means one thing, a day may date two ("my C-section last week")
    found: list[Measured] = []
    candidates = [match for match in matches if match.target.kind == "quantity"]
    for match in sorted(candidates, key=lambda one: (one.start - one.end, one.start)):
        used = [span for span in match.spans if span in by_place]
        clocks = [span for span in match.spans if span in by_time]
        told = {(match.target.name, span) for span in clocks} | {("", span) for span in used}
        if told & taken or not _fits(tokens, match, times, used):
            continue
        values = [by_place[span].value for span in used] or [by_time[span].hours for span in clocks]
        measured = _measure(match, values)
        if measured:
            found.extend(measured)
            taken |= told
    return found


def _fits(tokens: Tokens, match: Match, times: Sequence[Time], used: Sequence[tuple[int, int]]) -> bool:
    for start, end in used:
        for time in times:
            inside = time.start <= start and end <= time.end
            if inside and not (match.start <= time.core[0] and time.core[1] <= match.end):
                return False
    return "end" not in match.target.options or stops(tokens, match.end)


def stops(tokens: Tokens, at: int) -> bool:
    """Whether nothing that could be a unit follows: the end, a comma, a new sentence."""
    return at >= len(tokens) or tokens.comma[at] or tokens.sentence[at] != tokens.sentence[at - 1]


def _measure(match: Match, values: Sequence[float]) -> list[Measured]:
    options = match.target.options
    concept, unit = match.target.name, options["unit"]
    if "value" in options:
        return _bounded(concept, float(options["value"]), match)
    if not values or not _allowed(options, values[0]):
        return []
    if unit == "pair":
        if len(values) < 2 or values[0] <= values[1]:
            return []
        return [*_bounded("systolic", values[0], match), *_bounded("diastolic", values[1], match)]
    value = convert(concept, unit, values[0])
    return [] if value is None else _bounded(concept, value, match)


def _allowed(options: Mapping[str, str], value: float) -> bool:
    whole = value == int(value)
    if ("whole" in options and not whole) or ("frac" in options and whole and value <= 100):
        return False
    return float(options.get("min", value)) <= value <= float(options.get("max", value))


def _bounded(concept: str, value: float, match: Match) -> list[Measured]:
    low, high = BOUNDS.get(concept, (0, 1e9))
    return [Measured(concept, value, match)] if low <= value <= high else []


def convert(concept: str, unit: str, value: float) -> float | None:
    """To the unit of the concept; None when the number makes no sense. Temperatures choose their scale themselves."""
    if concept == "temperature":
        return _celsius(value)
    if unit == "time":
        return value if concept == "symptom_hours" else value / 24
    if unit == "trimester":
        return {1: 8.0, 2: 20.0, 3: 32.0}.get(int(value))
    if concept == "glucose" and unit == "mmol":
        return value * 18.0
    if concept == "glucose" and value < 30 and value != int(value):
        return value * 18.0
    return value * _FACTORS.get((concept, unit), 1.0)


def _celsius(value: float) -> float | None:
    if 30 <= value <= 44:
        return value
    if 86 <= value <= 112:
        return round((value - 32) / 1.8, 2)
    if 950 <= value <= 1090:  # "one oh two five"
        return round((value / 10 - 32) / 1.8, 2)
    return None
