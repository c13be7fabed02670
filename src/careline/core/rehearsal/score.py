"""Scores played cases against what was expected, with 95 % Wilson intervals. A miss is always listed, never only counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.clinical import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from careline.core.rehearsal.case import Case
    from careline.core.rehearsal.player import Played

_ORDER = tuple(Level)


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, with the 95 % Wilson score interval (E. B. Wilson 1927): honest for small numbers and near 0 or 1."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return (0.0, 1.0)
        z, n, p = 1.959964, self.of, self.value
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (max(0.0, middle - half), min(1.0, middle + half))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.hits}/{self.of} = {100 * self.value:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


@dataclass(frozen=True, slots=True)
class Scored:
    """One case and what came of it. `kind` of miss: missed emergency, under, over, late, administrative; empty when none."""

    case: Case
    played: Played

    @property
    def acceptable(self) -> bool:
        return self.played.level in self.case.expect.acceptable

    @property
    def under(self) -> bool:
        """Less urgent than every acceptable level: the unsafe direction."""
        most_lenient = max(_ORDER.index(level) for level in self.case.expect.acceptable)
        return _ORDER.index(self.played.level) > most_lenient

    @property
    def escalated_administrative(self) -> bool:
        return self.case.expect.administrative and self.played.level in (Level.EMERGENCY, Level.URGENT)

    @property
    def late(self) -> bool:
        due, turn = self.case.expect.by_turn, self.played.turn
        return due is not None and turn is not None and turn > due

    @property
    def miss(self) -> str:
        if self.case.expect.level is Level.EMERGENCY and self.played.level is not Level.EMERGENCY:
            return "missed emergency" if self.under else "emergency taken as urgent"
        if self.escalated_administrative:
            return "administrative escalated"
        if self.under:
            return "under"
        if not self.acceptable:
            return "over"
        return "late" if self.late else ""


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one set of cases."""

    scored: tuple[Scored, ...]

    def share(self, hit: Callable[[Scored], bool], among: Callable[[Scored], bool] = lambda _: True) -> Share:
        chosen = [item for item in self.scored if among(item)]
        return Share(sum(hit(item) for item in chosen), len(chosen))

    @property
    def sensitivity(self) -> Share:
        """Emergencies recognised as such, among all that are (whatever else would have been acceptable)."""
        return self.share(lambda s: s.played.level is Level.EMERGENCY, lambda s: s.case.expect.level is Level.EMERGENCY)

    @property
    def unsafe(self) -> Share:
        return self.share(lambda s: s.under)

    @property
    def acceptable(self) -> Share:
        return self.share(lambda s: s.acceptable)

    @property
    def administrative_escalated(self) -> Share:
        return self.share(lambda s: s.escalated_administrative, lambda s: s.case.expect.administrative)

    @property
    def in_time(self) -> Share:
        return self.share(
            lambda s: not s.late, lambda s: s.played.turn is not None and s.case.expect.by_turn is not None
        )

    @property
    def matrix(self) -> dict[tuple[Level, Level], int]:
        """Counts by (expected, given)."""
        counts = {(wanted, given): 0 for wanted in Level for given in Level}
        for item in self.scored:
            counts[item.case.expect.level, item.played.level] += 1
        return counts

    @property
    def misses(self) -> tuple[Scored, ...]:
        return tuple(item for item in self.scored if item.miss)

    def only(self, language: str) -> Score:
        return Score(tuple(item for item in self.scored if item.case.language == language))


def score(cases: Sequence[Case], played: Sequence[Played]) -> Score:
    return Score(tuple(Scored(case, result) for case, result in zip(cases, played, strict=True)))
