"""The rota of a practice's folder: `oncall.toml` when there is one, else the weekly shifts of `practice.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from careline.core import toml
from careline.core.errors import DataFileError
from careline.core.oncall.check import mistakes
from careline.core.oncall.holidays import parse_holidays
from careline.core.oncall.read import parse_calendar
from careline.core.oncall.weekly import calendar_of
from careline.core.people import Role
from careline.core.practice import StaffMember

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.oncall.rules import Calendar
    from careline.core.practice import Practice


@dataclass(frozen=True, slots=True)
class RotaFile:
    """`source` is empty where there is no file; `values` are its tables; `holidays` the tables of all holidays, public ones
    included; `guests` are the clinicians of other practices who cover."""

    source: str
    values: Mapping[str, Any]
    calendar: Calendar
    holidays: tuple[Mapping[str, Any], ...] = ()
    guests: tuple[StaffMember, ...] = ()

    def home_of(self, guest: str) -> str:
        """The practice a guest comes from."""
        return self.calendar.person(guest).practice


def parse_rota(text: str, name: str, practice: Practice, public: Mapping[str, str]) -> RotaFile:
    """`public` are files of public holidays by name. Raises `DataFileError` with line and mend."""
    sets = {each: parse_holidays(content, f"{each}.toml") for each, content in public.items()}
    calendar = parse_calendar(text, name, practice, public=sets)
    document = toml.parse(text, name)
    values = document.values
    if calendar.timezone != practice.timezone:
        raise document.error("timezone", "the rota keeps another time than its practice", "leave timezone out")
    chosen = public.get(values.get("public_holidays", ""), "")
    holidays = (*toml.parse(chosen, name).values.get("holidays", ()), *values.get("holidays", ()))
    return RotaFile(text, values, calendar, tuple(holidays), tuple(_guest(table) for table in values.get("guests", ())))


def weekly_rota(practice: Practice, name: str) -> RotaFile:
    """Raises `DataFileError` for shifts that make no rota: nobody may find out at night."""
    calendar = calendar_of(practice)
    for mistake in mistakes(calendar):
        raise DataFileError(name, 1, f"{mistake.where}: {mistake.problem}", mistake.mend)
    return RotaFile("", {}, calendar)


def _guest(table: Mapping[str, Any]) -> StaffMember:
    """Read once already, by `parse_calendar`."""
    languages = tuple(str(one) for one in table.get("languages", ("en",)))
    told = {key: str(table.get(key, "")) for key in ("id", "name", "email", "phone", "pin")}
    return StaffMember(**told, role=Role.COVERING, languages=languages)
