"""Who is on call, asked by telephone keys and told in a sentence: names of staff and what they are, nothing of a patient.

PIN # ──► 1 now · 2 tonight · 3 tomorrow · 4 another time (month, day, hour) ──► names, in the order of calling ──► again
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from careline.core.oncall.wall import instant, wall

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

TONIGHT, TOMORROW = time(22), time(12)
OTHER = "4"


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody, as the telephone names them: `place` and `role` are fixed words."""

    name: str
    role: str
    place: str
    practice: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    opening: str
    wrong: str
    locked: str
    menu: str
    when: str
    not_a_time: str
    goodbye: str
    first: str
    then: str
    places: dict[str, str]
    roles: dict[str, str]
    times: dict[str, str]


_ENGLISH = Words(
    opening="This is Careline for the staff of {practice}. Please enter your PIN, then the pound key.",
    wrong="That PIN is not right.",
    locked="Too many wrong PINs. Please try again later, or ask a manager.",
    menu="Who is on call? Press 1 for now, 2 for tonight, 3 for tomorrow at noon, or 4 for another time.",
    when="Key month, day and hour as six digits, the hour from 00 to 23. For December 24, 5 PM: 1 2 2 4 1 7.",
    not_a_time="That is not a time.",
    goodbye="Goodbye.",
    first="{time}: {who}.",
    then="After that: {who}.",
    places={"backup": "back-up", "supervisor": "supervisor", "on_call": "", "second_call": "", "third_call": ""},
    roles={"clinician": "clinician", "nurse": "nurse", "operator": "operator", "manager": "manager",
           "covering": "clinician who covers"},
    times={"1": "On call now", "2": "On call tonight", "3": "On call tomorrow at noon", OTHER: "On call then"},
)  # fmt: skip
_SPANISH = Words(
    opening="Le habla Careline, línea del personal de {practice}. Marque su clave y luego la tecla numeral.",
    wrong="Esa clave no es correcta.",
    locked="Demasiadas claves incorrectas. Inténtelo más tarde o hable con un gerente.",
    menu="¿Quién está de guardia? Oprima 1 para ahora, 2 para esta noche, 3 para mañana al mediodía o 4 para otra hora.",
    when="Marque mes, día y hora con seis dígitos, la hora de 00 a 23. Para el 24 de diciembre a las 5 de la tarde: 1 2 2 4 1 7.",
    not_a_time="Esa no es una hora.",
    goodbye="Hasta luego.",
    first="{time}: {who}.",
    then="Después: {who}.",
    places={"backup": "suplente", "supervisor": "supervisión", "on_call": "", "second_call": "", "third_call": ""},
    roles={"clinician": "médico", "nurse": "enfermería", "operator": "operador", "manager": "gerencia",
           "covering": "médico que cubre"},
    times={"1": "De guardia ahora", "2": "De guardia esta noche", "3": "De guardia mañana al mediodía",
           OTHER: "De guardia a esa hora"},
)  # fmt: skip


def words(language: str) -> Words:
    return _SPANISH if language == "es" else _ENGLISH


def moment_of(key: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant a key of the menu asks about; None for a key that asks nothing. "Tonight" after 22:00, or before 6 in the
    morning, is now."""
    local = now.astimezone(zone)
    if key == "1":
        return now
    if key == "2":
        return now if not time(6) <= local.time() < TONIGHT else _instant(zone, local.date(), TONIGHT)
    return _instant(zone, local.date() + timedelta(days=1), TOMORROW) if key == "3" else None


def keyed(digits: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next time that is keyed as MMDDHH: within the last day or the year to come. None when it is no time."""
    if len(digits) != 6 or not digits.isdigit() or int(digits[4:]) > 23:
        return None
    today = now.astimezone(zone).date()
    for year in (today.year, today.year + 1, today.year + 2, today.year + 3, today.year + 4):
        try:
            day = date(year, int(digits[:2]), int(digits[2:4]))
        except ValueError:
            continue
        if day >= today - timedelta(days=1):
            return _instant(zone, day, time(int(digits[4:])))
    return None


def _instant(zone: ZoneInfo, day: date, at: time) -> datetime:
    return instant(zone, wall(day, at))


def answer(language: str, key: str, people: Sequence[Told]) -> str:
    """Who is called first, together with whom, and who after them, in one or two sentences."""
    said = words(language)
    place = people[0].place if people else ""
    first = [one for one in people if one.place == place]
    rest = [one for one in people if one.place != place]
    told = said.first.format(time=said.times[key], who=_named(first, said))
    return f"{told} {said.then.format(who=_named(rest, said))}" if rest else told


def _named(people: Sequence[Told], said: Words) -> str:
    parts: list[str] = []
    for one in people:
        as_what = (said.places.get(one.place, ""), said.roles.get(one.role, ""), one.practice)
        parts.append(", ".join(part for part in (one.name, *as_what) if part))
    return "; ".join(parts)
