"""Watches a rota ahead of time: gaps are told days before, and an alarm sounds before an empty shift begins.

One promise per practice waits for the next moment at which anything is due: an alarm, or the morning's look at the days ahead.
Whatever changes the rota replaces it by one that is due at once.

    rota.watch ──due──► alarms that are due: at the desk, and a mail to each manager
                  ├──► in the morning, when anything is missing in the days ahead: a mail to each manager
                  └──► promised again for the next alarm, or the next morning
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.actions.paging import sound
from careline.actions.perform import performs
from careline.actions.rota.calendar import calendar_between, rota_of
from careline.actions.rota.commands import KeepRotaWatch
from careline.core.oncall.gaps import Gap
from careline.core.oncall.telling import missing
from careline.core.people import Role
from careline.storage import promises
from careline.storage.claims import Kept, New, Standing
from careline.storage.ids import new_id
from careline.storage.models import Membership
from careline.storage.transactions import practice

if TYPE_CHECKING:
    from careline.core.oncall.rules import Calendar
    from careline.core.oncall.telling import Missing
    from careline.storage.models import Rota
    from careline.storage.transactions import Tx

WATCH, MAIL = "rota.watch", "rota.mail"
ALARM, DIGEST = "alarm", "digest"
MORNING = time(9)
_BACK = 2  # days


def look_again(tx: Tx, at: datetime | None = None) -> None:
    """Promise the next look, in place of the one that was promised."""
    promises.cancel(tx, WATCH, "")
    promises.make(tx, New(WATCH, str(new_id()), at or tx.now))


@performs(KeepRotaWatch)
def keep_rota_watch(command: KeepRotaWatch) -> None:
    claim = command.claim
    with practice(claim.practice, actor=promises.KEEPER, purpose="watch rota", now=command.at) as tx:
        rota = rota_of(tx, lock=True)
        if promises.finish(tx, claim, Kept("looked")) is not Standing.OURS:
            return
        calendar = calendar_between(tx, *_around(tx, rota))
        due = _alarm(tx, rota, calendar)
        _digest(tx, rota, calendar)
        morning = _next_morning(tx.now, ZoneInfo(calendar.timezone))
        tx.journal("rota.watched", "rota", rota.id)
        look_again(tx, min(due or morning, morning))


def _around(tx: Tx, rota: Rota) -> tuple[datetime, datetime]:
    return tx.now - timedelta(days=_BACK + 1), tx.now + timedelta(days=rota.days_ahead + 1)


def _alarm(tx: Tx, rota: Rota, calendar: Calendar) -> datetime | None:
    """Sound what is due; returns when the next alarm is. A gap under way for days is told again each morning."""
    ahead = timedelta(minutes=rota.alarm_minutes)
    begin = _midnight(tx.now, ZoneInfo(calendar.timezone))
    coming: list[datetime] = []
    for one in missing(calendar, begin, tx.now + ahead + timedelta(days=1)):
        if one.end <= tx.now:
            continue
        if one.start - ahead > tx.now:
            coming.append(one.start - ahead)
            continue
        key = f"{one.start:%Y%m%dT%H%MZ}:{_about(one)}"[:140]
        sound(tx, "on_call_gap", f"gap:{key}")
        payload = {"what": ALARM, "start": one.start.isoformat(), "end": one.end.isoformat()}
        _mail_managers(tx, rota, f"{ALARM}:{key}", payload)
    return min(coming, default=None)


def _about(one: Missing) -> str:
    if isinstance(one, Gap):
        return "-".join(dict.fromkeys(f"{need.specialty}{need.location}{need.role}" or "any" for need in one.needs))
    return one.rule


def _digest(tx: Tx, rota: Rota, calendar: Calendar) -> None:
    """In the morning, the days ahead."""
    local = tx.now.astimezone(ZoneInfo(calendar.timezone))
    if local.time() >= MORNING and missing(calendar, tx.now, tx.now + timedelta(days=rota.days_ahead)):
        _mail_managers(tx, rota, f"{DIGEST}:{local.date()}", {"what": DIGEST})


def _mail_managers(tx: Tx, rota: Rota, key: str, payload: dict[str, str]) -> None:
    """Once for each key and person. Where nobody manages the practice, its supervisor is told."""
    managers = Membership.objects.filter(practice_id=tx.practice, role=Role.MANAGER.value, active=True)
    people = list(managers.values_list("person_id", flat=True)) or [rota.supervisor_id]
    for person in people:
        promises.make(tx, New(MAIL, f"{key}:{person}"[:200], tx.now, {**payload, "person": str(person)}))


def _next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= MORNING)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    """Two nights ago, so that what is missing is known by its true beginning, or by the same one all day."""
    return datetime.combine(now.astimezone(zone).date() - timedelta(days=_BACK), time(0), zone).astimezone(UTC)
