"""How a practice wants to be paged, as its file says it: steps, policies by urgency and time of day, quiet hours.

[[escalation.policies]]        which steps, when: the most specific one that fits is the one in force
id = "night-emergency"
for = ["emergency"]            dispositions, or levels; none for all
days = ["sat", "sun"]          none for every day
hours = "21:00-07:00"          none for the whole day

[[escalation.steps]]
policy = "night-emergency"     steps without one are for everything else
…

[[quiet]]                      who is not woken, when and for what; never for an emergency
staff = "okafor"
for = ["within_4h"]
hours = "22:00-07:00"
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from careline.core.clinical import Disposition, Level
from careline.core.spans import Span, read_days, read_span
from careline.core.ways import WAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.toml import Reader

LAYERS = frozenset({"on_call", "second_call", "third_call", "backup", "supervisor"})
_LEVELS = {level.value for level in Level}
_EVERY_DAY = tuple(range(7))
#: What a page can be raised for, the most urgent first.
PAGED = (
    Disposition.CALL_911, Disposition.ED_NOW, Disposition.CLINICIAN_NOW, Disposition.WITHIN_4H, Disposition.WITHIN_24H,
)  # fmt: skip
#: Nobody's quiet hours cover these.
NEVER_QUIET = (Disposition.CALL_911, Disposition.ED_NOW)


class Telephone(StrEnum):
    """What rings people: the SIP trunk, or a carrier's own protocol."""

    SIP = "sip"
    TWILIO = "twilio"


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """Whom to reach (a layer or a staff id), how, and how many seconds before the next step."""

    reach: tuple[str, ...]
    channels: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class PagingPolicy:
    """`id` is empty for the steps that name no policy. `of` are the dispositions it is for."""

    id: str
    of: frozenset[Disposition]
    days: tuple[int, ...]
    hours: Span | None
    steps: tuple[EscalationStep, ...]


@dataclass(frozen=True, slots=True)
class Quiet:
    """`staff` is not woken for these dispositions in these hours of these days, until a whole round has found nobody."""

    staff: str
    of: frozenset[Disposition]
    days: tuple[int, ...]
    hours: Span


@dataclass(frozen=True, slots=True)
class Paging:
    """All of `[escalation]` and `[[quiet]]`. `owner` is reached after the supervisor; "" when nobody else is. `telephone` rings
    the practice's people; "" is whatever the installation uses."""

    backup: str
    supervisor: str
    owner: str
    policies: tuple[PagingPolicy, ...]
    quiet: tuple[Quiet, ...]
    telephone: str = ""

    @property
    def steps(self) -> tuple[EscalationStep, ...]:
        """Those for everything that no policy of its own covers."""
        return next(policy.steps for policy in self.policies if not policy.id)


def read_paging(read: Reader, ids: frozenset[str]) -> Paging:
    """Raises `DataFileError` with line and mend: a policy with no step, a step with nobody, quiet hours for an emergency."""
    values = read.document.values
    table = values.get("escalation", {})
    read.check("escalation", table, "backup", "supervisor", "owner", "telephone", "steps", "policies")
    steps = _steps(read, ids)
    if "" not in steps:
        raise read.document.error(
            "escalation.steps", "every step belongs to a policy", "add steps without a policy, for everything else"
        )
    policies = [_policy(read, path, one, steps) for path, one in _tables(read, "escalation.policies")]
    named = {policy.id for policy in policies}
    for name in steps:
        if name and name not in named:
            mend = "add it under [[escalation.policies]]"
            raise read.document.error("escalation.steps", f"no policy is called {name!r}", mend)
    _refuse_twins(read, policies)
    return Paging(
        backup=_person(read, "escalation", "backup", ids),
        supervisor=_person(read, "escalation", "supervisor", ids),
        owner=_person(read, "escalation", "owner", ids) if "owner" in table else "",
        policies=(*policies, PagingPolicy("", frozenset(PAGED), _EVERY_DAY, None, tuple(steps[""]))),
        quiet=tuple(_quiet(read, path, one, ids) for path, one in _tables(read, "quiet")),
        telephone=read.one_of("escalation", "telephone", Telephone).value if "telephone" in table else "",
    )


def _tables(read: Reader, path: str) -> list[tuple[str, dict[str, Any]]]:
    """Those there are; none is no mistake."""
    found: Any = read.document.values
    for part in path.split("."):
        found = found.get(part, {})
    return read.tables(path) if found else []


def _steps(read: Reader, ids: frozenset[str]) -> dict[str, list[EscalationStep]]:
    found: dict[str, list[EscalationStep]] = {}
    for path, table in read.tables("escalation.steps"):
        read.check(path, table, "policy", "reach", "channels", "seconds")
        reach, channels = read.strings(path, "reach"), read.strings(path, "channels")
        for who in reach:
            _known(read, f"{path}.reach", who, ids | LAYERS)
        for channel in channels:
            if channel not in WAYS:
                mend = f"one of: {', '.join(WAYS)}"
                raise read.document.error(f"{path}.channels", f"no channel is called {channel!r}", mend)
        policy = read.text(path, "policy") if "policy" in table else ""
        found.setdefault(policy, []).append(EscalationStep(reach, channels, read.number(path, "seconds", 15, 3600)))
    return found


def _policy(
    read: Reader, path: str, table: Mapping[str, Any], steps: Mapping[str, list[EscalationStep]]
) -> PagingPolicy:
    read.check(path, table, "id", "for", "days", "hours")
    name = read.text(path, "id")
    if name not in steps:
        mend = f'add [[escalation.steps]] with policy = "{name}"'
        raise read.document.error(path, f"the policy {name!r} has no step", mend)
    hours = read_span(read, f"{path}.hours", table["hours"]) if "hours" in table else None
    of = _dispositions(read, path, table, PAGED)
    return PagingPolicy(name, of, _days(read, path, table), hours, tuple(steps[name]))


def _quiet(read: Reader, path: str, table: Mapping[str, Any], ids: frozenset[str]) -> Quiet:
    read.check(path, table, "staff", "for", "days", "hours")
    of = _dispositions(read, path, table, tuple(one for one in PAGED if one not in NEVER_QUIET))
    if of.intersection(NEVER_QUIET):
        raise read.document.error(
            f"{path}.for", "an emergency wakes everybody it is for", "leave out emergency, call_911 and ed_now"
        )
    hours = read_span(read, f"{path}.hours", read.value(path, "hours"))
    return Quiet(_person(read, path, "staff", ids), of, _days(read, path, table), hours)


def _days(read: Reader, path: str, table: Mapping[str, Any]) -> tuple[int, ...]:
    return read_days(read, f"{path}.days", read.strings(path, "days")) if "days" in table else _EVERY_DAY


def _dispositions(
    read: Reader, path: str, table: Mapping[str, Any], default: tuple[Disposition, ...]
) -> frozenset[Disposition]:
    if "for" not in table:
        return frozenset(default)
    found: set[Disposition] = set()
    for name in read.strings(path, "for"):
        meant = {one for one in PAGED if name in (one.value, one.level.value)}
        if not meant:
            known = ", ".join([*(one.value for one in PAGED), Level.EMERGENCY.value, Level.URGENT.value])
            wrong = "is not paged for" if name in _LEVELS | {one.value for one in Disposition} else "is not known"
            raise read.document.error(f"{path}.for", f"{name!r} {wrong}", f"one of: {known}")
        found |= meant
    return frozenset(found)


def _refuse_twins(read: Reader, policies: list[PagingPolicy]) -> None:
    seen: set[object] = set()
    for number, policy in enumerate(policies):
        same = (policy.of, policy.days, policy.hours)
        if policy.id in {one.id for one in policies[:number]} or same in seen:
            path = f"escalation.policies[{number}]"
            raise read.document.error(path, "another policy says the same", "change its id, for, days or hours")
        seen.add(same)


def _person(read: Reader, path: str, key: str, ids: frozenset[str]) -> str:
    return _known(read, f"{path}.{key}", read.text(path, key), ids)


def _known(read: Reader, path: str, name: str, ids: frozenset[str]) -> str:
    if name not in ids:
        raise read.document.error(path, f"nobody here is called {name!r}", f"one of: {', '.join(sorted(ids))}")
    return name
