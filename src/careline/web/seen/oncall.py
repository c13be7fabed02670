"""Who is on call now, and the week as a sheet of paper shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class OnCallNow:
    """`starts` and `until` are in the practice's zone."""

    name: str
    role: str
    starts: datetime
    until: datetime
    number: str
    languages: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of one shift inside one day: percentages of the day, for the drawing; `label` for reading."""

    name: str
    tone: int
    left: float
    width: float
    label: str
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    today: bool
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class StepShown:
    number: int
    reach: str
    channels: str
    wait: str


@dataclass(frozen=True, slots=True)
class OnCall:
    now: datetime
    zone: str
    current: tuple[OnCallNow, ...]
    gap: bool
    backup: str
    supervisor: str
    week_start: date
    previous: str
    following: str
    days: tuple[Day, ...]
    steps: tuple[StepShown, ...]
    now_percent: float
