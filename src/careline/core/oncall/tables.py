"""A rota's parts as tables of plain values: what a file says, a form sends and the database keeps, in one vocabulary.

The keys are those of `oncall.toml` (`read.py`). Dates are ISO texts here, because JSON has none. A mistake is a `DataFileError`
whose `file` is the key it stands in, which a form turns into its field.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from careline.core import toml
from careline.core.errors import DataFileError
from careline.core.oncall.check import mistakes
from careline.core.oncall.holidays import read_holidays
from careline.core.oncall.read import read_hours, read_rule
from careline.core.spans import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.oncall.check import Mistake
    from careline.core.oncall.holidays import Holiday
    from careline.core.oncall.rules import Calendar, FixedShift, Hours, Rule

_DATES = ("first", "starts", "until", "date")
_PEOPLE = ("people", "turns")


@dataclass(frozen=True, slots=True)
class _Form(toml.Document):
    """A document without lines: a mistake names the key."""

    def error(self, path: str, problem: str, mend: str = "") -> DataFileError:
        return DataFileError(path.rpartition(".")[2], 1, problem, mend)


def rule_of(table: Mapping[str, Any], shifts: Sequence[FixedShift] = ()) -> Rule:
    """`shifts` are the rule's own, when it is a list of them."""
    found = _with_dates(table)
    read = toml.Reader(_Form("rules", {"rules": [found]}, ""))
    of_rule = {str(found.get("id", "")): [("shifts", shift) for shift in shifts]}
    return read_rule(read, "rules[0]", found, of_rule)


def holiday_of(table: Mapping[str, Any]) -> Holiday:
    return read_holidays(toml.Reader(_Form("holidays", {"holidays": [_with_dates(table)]}, "")))[0]


def hours_of(written: Sequence[str]) -> tuple[Hours, ...]:
    """The office's own hours, as `["mon-fri 08:00-17:00"]`; none for none."""
    return read_hours(toml.Reader(_Form("desk", {"desk": list(written)}, "")), "", "desk") if written else ()


def written_hours(hours: Sequence[Hours]) -> list[str]:
    """As a file writes them."""
    return [
        f"{','.join(WEEKDAYS[day] for day in one.days)} {one.span.start:%H:%M}-{one.span.end:%H:%M}" for one in hours
    ]


def plain(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with its dates as texts, as JSON keeps it."""
    return {key: _plain(value) for key, value in table.items()}


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(one) for one in cast("list[object]", value)]
    return value.isoformat() if isinstance(value, date) else value


def renamed(table: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The table of a rule with every person in it called otherwise (ids of a file become those of the database). A name that
    `names` does not know is left as it is."""
    return {
        key: [_renamed(key, str(one), names) for one in value] if key in _PEOPLE else value
        for key, value in table.items()
    }


def _renamed(key: str, written: str, names: Mapping[str, str]) -> str:
    if key == "people":
        return names.get(written, written)
    who, _, length = written.partition(" ")
    return "+".join(names.get(one, one) for one in who.split("+")) + f" {length}"


def _with_dates(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _dated(value) if key in _DATES else value for key, value in table.items()}


def _dated(value: object) -> object:
    """A date where the text is one; anything else stays, to be refused (or understood) by who reads it."""
    if isinstance(value, list):
        return [_dated(one) for one in cast("list[object]", value)]
    if not isinstance(value, str):
        return value.date() if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


def new_mistake(before: Calendar, after: Calendar) -> Mistake | None:
    """The first mistake of `after` that `before` does not have as well: whoever mends one thing is not stopped by another."""
    known = {(one.problem, one.mend) for one in mistakes(before)}
    return next((one for one in mistakes(after) if (one.problem, one.mend) not in known), None)
