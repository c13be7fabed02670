"""A practice as its manager writes it down (`practices/*/practice.toml`), checked so that no mistake becomes a silent gap.

Every error names the file, the line and the mend. Nothing here is clinical: protocols are chosen by `packs`, not written here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from careline.core import toml
from careline.core.paging_rules import Paging, read_paging
from careline.core.people import Role
from careline.core.pronouncing import Speech, parse_speech
from careline.core.spans import WEEKDAYS, Span, read_days, read_span
from careline.core.toml import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping


FAQ_TOPICS = ("hours", "directions", "services", "insurance_accepted", "referral", "fees", "preparation")
PHONE_NUMBER = re.compile(r"^\+[1-9]\d{6,14}$")
E_MAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class CoverageMode(StrEnum):
    """When Careline answers a line: always, when the office is closed, or when nobody at the office picks up. A line for staff
    is no patient's: it tells, after a PIN, who is on call."""

    FULL_TIME = "full_time"
    AFTER_HOURS = "after_hours"
    OVERFLOW = "overflow"
    STAFF = "staff"


class CareModel(StrEnum):
    """Whether clinical advice may be spoken: never (administrative), by licensed people only (hybrid), by protocol (clinical)."""

    ADMINISTRATIVE = "administrative"
    HYBRID = "hybrid"
    CLINICAL = "clinical"


class Recording(StrEnum):
    """Announce it; ask for it; ask where the law of the call's states wants all parties to agree, else announce it; or never."""

    BY_LAW = "by_law"
    ANNOUNCE = "announce"
    ASK = "ask"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Line:
    """What the number is for may decide who is on call for its callers."""

    number: str
    mode: CoverageMode
    specialty: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class StaffMember:
    id: str
    name: str
    role: Role
    email: str
    phone: str
    pin: str
    languages: tuple[str, ...]
    sms: str = ""  # a number that takes texts; "" for none
    pager: str = ""  # the address of a pager at its network's e-mail gateway


@dataclass(frozen=True, slots=True)
class WeeklyShift:
    """`staff` is on call on each of `days` (0 = Monday) during `hours`."""

    staff: str
    days: tuple[int, ...]
    hours: Span


@dataclass(frozen=True, slots=True)
class Promises:
    callback_minutes: int = 60
    desk_callback: time = time(9, 0)
    outcome_minutes: int = 30
    unaccepted_minutes: int = 15  # nobody has accepted by then: the caller is told, and the desk
    phone_hours: int = 72  # how long what is settled stays on the phones of those who were paged


@dataclass(frozen=True, slots=True)
class DeskRules:
    """How long the desk's telephones ring for a caller, and how long a writer is asked to wait for a person, in seconds."""

    ring_seconds: int = 20
    chat_seconds: int = 60


@dataclass(frozen=True, slots=True)
class Practice:
    """All a contact needs to know of the practice it answers as."""

    id: str
    name: str
    timezone: str
    state: str
    address: str
    languages: tuple[str, ...]
    packs: tuple[str, ...]
    model: CareModel
    recording: Recording
    live: bool
    lines: tuple[Line, ...]
    hours: Mapping[int, tuple[Span, ...]]
    promises: Promises
    greeting: Mapping[str, str]
    staff: tuple[StaffMember, ...]
    shifts: tuple[WeeklyShift, ...]
    paging: Paging
    faq: Mapping[str, Mapping[str, str]]
    settings: Mapping[str, float] = field(default_factory=dict[str, float])
    desk: DeskRules = DeskRules()
    interpreter: str = ""  # telephone of the practice's interpreter service
    sentences: str = ""  # folder beside the file with the practice's own recordings of fixed sentences
    speech: Speech = field(default_factory=Speech)

    @property
    def backup(self) -> str:
        return self.paging.backup

    @property
    def supervisor(self) -> str:
        return self.paging.supervisor

    def member(self, staff_id: str) -> StaffMember:
        return next(member for member in self.staff if member.id == staff_id)


_TOP = (
    "id", "name", "timezone", "state", "address", "languages", "packs", "model", "recording", "live", "lines", "hours",
    "promises", "greeting", "staff", "shifts", "escalation", "quiet", "faq", "settings",
    "desk", "interpreter", "sentences", "speech",
)  # fmt: skip


def parse_practice(text: str, name: str) -> Practice:
    """Parse one practice file. Raises `DataFileError` with file, line and mend for the first mistake found."""
    document = toml.parse(text, name)
    document.check_keys("", document.values, _TOP)
    read = Reader(document)
    staff = tuple(_staff(read, path, table) for path, table in read.tables("staff"))
    ids = {member.id for member in staff}
    if len(ids) != len(staff):
        raise document.error("staff", "two staff members have the same id", "give each one an id of their own")
    languages = read.strings("", "languages")
    return Practice(
        id=read.match("", "id", re.compile(r"^[a-z][a-z0-9-]{1,40}$"), "lower-case letters, digits and hyphens"),
        name=read.text("", "name"),
        timezone=_zone(read),
        state=read.match("", "state", re.compile(r"^[A-Z]{2}$"), "two capital letters, as in NY"),
        address=read.text("", "address"),
        languages=languages,
        packs=read.strings("", "packs"),
        model=read.one_of("", "model", CareModel),
        recording=read.one_of("", "recording", Recording),
        live=bool(document.values.get("live", False)),
        lines=_lines(read),
        hours=_hours(read),
        promises=_promises(read),
        greeting={language: read.text("greeting", language) for language in languages},
        staff=staff,
        shifts=tuple(_shift(read, path, table, ids) for path, table in read.tables("shifts")),
        paging=read_paging(read, frozenset(ids)),
        faq=_faq(read, languages),
        settings={key: float(value) for key, value in document.values.get("settings", {}).items()},
        desk=_desk(read),
        interpreter=_interpreter(read),
        sentences=read.text("", "sentences") if "sentences" in document.values else "",
        speech=parse_speech(read, languages),
    )


def _zone(read: Reader) -> str:
    name = read.text("", "timezone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # "America" is a folder, which is no zone
        raise read.document.error(
            "timezone", f"no time zone is called {name!r}", "use a name such as America/New_York"
        ) from error
    return name


def _lines(read: Reader) -> tuple[Line, ...]:
    lines: list[Line] = []
    for path, table in read.tables("lines"):
        read.check(path, table, "number", "mode", "specialty", "location")
        number = read.match(path, "number", PHONE_NUMBER, "the full number with + and country, as in +12125550100")
        if number in [line.number for line in lines]:
            raise read.document.error(f"{path}.number", f"{number} is listed twice", "keep one of them")
        for_what = {key: read.text(path, key) for key in ("specialty", "location") if key in table}
        lines.append(Line(number, read.one_of(path, "mode", CoverageMode), **for_what))
    return tuple(lines)


def _hours(read: Reader) -> dict[int, tuple[Span, ...]]:
    table = read.document.values.get("hours", {})
    read.check("hours", table, *WEEKDAYS)
    return {
        WEEKDAYS.index(day): tuple(read_span(read, f"hours.{day}", part.strip()) for part in str(value).split(","))
        for day, value in table.items()
    }


def _promises(read: Reader) -> Promises:
    table = read.document.values.get("promises", {})
    read.check(
        "promises", table, "callback_minutes", "desk_callback", "outcome_minutes", "unaccepted_minutes", "phone_hours"
    )
    at = read_span(read, "promises.desk_callback", f"{table.get('desk_callback', '09:00')}-23:59").start

    def minutes(key: str, default: int) -> int:
        return read.number("promises", key, 1, 24 * 60) if key in table else default

    return Promises(
        callback_minutes=minutes("callback_minutes", 60),
        desk_callback=at,
        outcome_minutes=minutes("outcome_minutes", 30),
        unaccepted_minutes=minutes("unaccepted_minutes", 15),
        phone_hours=read.number("promises", "phone_hours", 1, 24 * 90) if "phone_hours" in table else 72,
    )


def _desk(read: Reader) -> DeskRules:
    table = read.document.values.get("desk", {})
    read.check("desk", table, "ring_seconds", "chat_seconds")
    usual = DeskRules()
    return DeskRules(
        ring_seconds=read.number("desk", "ring_seconds", 5, 120) if "ring_seconds" in table else usual.ring_seconds,
        chat_seconds=read.number("desk", "chat_seconds", 10, 600) if "chat_seconds" in table else usual.chat_seconds,
    )


def _interpreter(read: Reader) -> str:
    if "interpreter" not in read.document.values:
        return ""
    return read.match("", "interpreter", PHONE_NUMBER, "the full number with + and country, as in +12125550150")


def _staff(read: Reader, path: str, table: Mapping[str, Any]) -> StaffMember:
    read.check(path, table, "id", "name", "role", "email", "phone", "pin", "languages", "sms", "pager")
    number = "the full number with + and country, as in +12125550111"
    address = "an address such as name@example.com"
    return StaffMember(
        id=read.match(path, "id", re.compile(r"^[a-z][a-z0-9-]*$"), "lower-case letters, digits and hyphens"),
        name=read.text(path, "name"),
        role=read.one_of(path, "role", Role),
        email=read.match(path, "email", E_MAIL, address),
        phone=read.match(path, "phone", PHONE_NUMBER, number),
        pin=read.match(path, "pin", re.compile(r"^\d{4,8}$"), "4 to 8 digits, in quotes"),
        languages=read.strings(path, "languages"),
        sms=read.match(path, "sms", PHONE_NUMBER, number) if "sms" in table else "",
        pager=read.match(path, "pager", E_MAIL, address) if "pager" in table else "",
    )


def _known(read: Reader, path: str, name: str, ids: set[str]) -> str:
    if name not in ids:
        raise read.document.error(path, f"nobody here is called {name!r}", f"one of: {', '.join(sorted(ids))}")
    return name


def _shift(read: Reader, path: str, table: Mapping[str, Any], ids: set[str]) -> WeeklyShift:
    read.check(path, table, "staff", "days", "hours")
    return WeeklyShift(
        staff=_known(read, f"{path}.staff", read.text(path, "staff"), ids),
        days=read_days(read, f"{path}.days", read.strings(path, "days")),
        hours=read_span(read, f"{path}.hours", read.value(path, "hours")),
    )


def _faq(read: Reader, languages: tuple[str, ...]) -> dict[str, dict[str, str]]:
    answers: dict[str, dict[str, str]] = {}
    if not read.document.values.get("faq"):
        return answers
    for path, table in read.tables("faq"):
        read.check(path, table, "topic", *languages)
        topic = read.text(path, "topic")
        if topic not in FAQ_TOPICS:
            raise read.document.error(
                f"{path}.topic", f"no topic is called {topic!r}", f"one of: {', '.join(FAQ_TOPICS)}"
            )
        answers[topic] = {language: read.text(path, language) for language in languages}
    return answers
