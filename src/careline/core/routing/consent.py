"""Whose consent a call's recording needs: the strictest law of the states it touches. What is not known counts as all-party.

The states are the practice's, the one the caller's number was given out in (a hint), and the one they say they are in. Which law
is which stands in `consent.toml`, with its sources.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from careline.core import toml

if TYPE_CHECKING:
    from collections.abc import Mapping

_US_NUMBER = re.compile(r"^(?:\+?1)?([2-9]\d\d)[2-9]\d{6}$")


@dataclass(frozen=True, slots=True)
class Need:
    """Whether all parties must agree, and by which states' laws that was judged ("unknown" among them when nothing told)."""

    all_parties: bool
    states: tuple[str, ...]

    @property
    def words(self) -> str:
        """For the record: "all parties NY CA"."""
        return f"{'all parties' if self.all_parties else 'one party'} {' '.join(self.states)}"


@dataclass(frozen=True, slots=True)
class Law:
    """The table. `sources` says why a state counts as all-party."""

    one_party: frozenset[str]
    sources: Mapping[str, str]
    area_codes: Mapping[str, str]

    @classmethod
    def parse(cls, text: str, name: str) -> Law:
        """Raises `DataFileError` for a state in both classes or an area code in two states."""
        document = toml.parse(text, name)
        document.check_keys("", document.values, ("one", "all", "area_codes"))
        read = toml.Reader(document)
        one = frozenset(read.strings("one", "states"))
        sources = {state: read.text("all", state) for state in document.values.get("all", {})}
        if both := one & sources.keys():
            raise document.error("one.states", f"{', '.join(sorted(both))}: in both classes", "keep the stricter")
        codes: dict[str, str] = {}
        for state, row in cast("dict[str, str]", document.values.get("area_codes", {})).items():
            for code in row.split():
                if code in codes:
                    raise document.error(f"area_codes.{state}", f"{code} is {codes[code]}'s already", "keep one")
                codes[code] = state
        return cls(one, sources, codes)

    def state_of(self, number: str) -> str | None:
        """Where a telephone number was given out; None for blocked, toll-free and foreign ones."""
        found = _US_NUMBER.match(re.sub(r"[^\d+]", "", number))
        return self.area_codes.get(found.group(1)) if found else None

    def need(self, practice_state: str, number: str, said: str | None = None) -> Need:
        """`said` is where the caller says they are, once they have."""
        caller = [state for state in (self.state_of(number), said) if state is not None]
        states = tuple(dict.fromkeys([practice_state, *(caller or ["unknown"])]))
        return Need(any(state not in self.one_party for state in states), states)
