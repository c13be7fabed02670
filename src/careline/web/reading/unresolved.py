"""Reads what nobody has resolved: pages, messages, callbacks and alarms, one entry for each contact, the worst first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from careline.storage.models import Alarm, CallbackTask, Message, Page
from careline.web.reading.common import LEVEL_RANK, contact_named, shown, title
from careline.web.seen.desk import Task, Unresolved
from careline.web.seen.parts import human, spelled, urgency

if TYPE_CHECKING:
    from datetime import datetime

    from careline.storage.models import Contact
    from careline.storage.transactions import Tx

_MOST = 100
_WARN = {"emergency": 60, "urgent": 180}
_WARN_ROUTINE = 4 * 3600


def read_unresolved(tx: Tx) -> tuple[Unresolved, ...]:
    found = [*_alarms(tx), *_pages(tx), *_messages(tx), *_callbacks(tx)]
    by_contact: dict[object, Unresolved] = {}
    for number, item in enumerate(found):
        key = item.contact_id or number
        by_contact[key] = _joined(by_contact[key], item) if key in by_contact else item
    return tuple(sorted(by_contact.values(), key=_worst_first)[:_MOST])


def _worst_first(item: Unresolved) -> tuple[int, bool, bool, datetime]:
    """By level; what nobody has taken before what somebody has; what is late before what is not; the longest untouched first."""
    return (LEVEL_RANK.get(item.urgency.tone, 9) if item.urgency else 9, item.owned, not item.late, item.acted_at)


def _joined(first: Unresolved, second: Unresolved) -> Unresolved:
    """One contact, two open matters: the newer action counts, and the sooner warning."""
    worse = min(first, second, key=lambda item: item.urgency.rank if item.urgency else 99)
    newer = max(first, second, key=lambda item: item.acted_at)
    return replace(
        first,
        kinds=tuple(dict.fromkeys((*first.kinds, *second.kinds))),
        urgency=worse.urgency,
        acted_at=newer.acted_at,
        states=(*first.states, *second.states),
        warn_after=min(first.warn_after, second.warn_after),
        late=first.late or second.late,
        owned=first.owned and second.owned,
        tasks=(*first.tasks, *second.tasks),
    )


def _alarms(tx: Tx) -> list[Unresolved]:
    found = Alarm.objects.filter(practice_id=tx.practice, cleared_at__isnull=True)
    found = found.select_related("contact", "contact__patient", "page__contact", "page__contact__patient")
    return [_alarm(alarm) for alarm in found.order_by("at")[:_MOST]]


def _alarm(alarm: Alarm) -> Unresolved:
    contact = alarm.contact or (alarm.page.contact if alarm.page else None)
    disposition = contact.disposition if contact and contact.disposition else "call_911"
    task = Task("alarm", alarm.id, human(alarm.kind))
    return _item(contact, "alarm", disposition, alarm.at, alarm.at, (human(alarm.kind),), 1, late=True, tasks=(task,))


def _pages(tx: Tx) -> list[Unresolved]:
    found = Page.objects.filter(practice_id=tx.practice, state__in=("open", "accepted"))
    found = found.select_related("contact", "contact__patient", "accepted_by").order_by("raised_at")
    return [_page(page, tx.now) for page in found[:_MOST]]


def _page(page: Page, now: datetime) -> Unresolved:
    acted = max(at for at in (page.raised_at, page.step_at, page.accepted_at) if at is not None)
    if page.accepted_by is not None:
        states = (f"accepted by {page.accepted_by.name}", "outcome due")
        late = page.outcome_due_at is not None and page.outcome_due_at < now
        warn = _seconds(acted, page.outcome_due_at)
    else:
        step = f"step {page.step + 1}" + (f", round {page.round + 1}" if page.round else "")
        states, late, warn = ("nobody has accepted", step), page.round > 0, _WARN.get(page.level, 180)
    return _item(
        page.contact,
        "page",
        page.disposition,
        page.raised_at,
        acted,
        states,
        warn,
        late=late,
        owned=page.accepted_by is not None,
        tasks=(Task("page", page.id, page.reference),),
    )


def _messages(tx: Tx) -> list[Unresolved]:
    """Overdue ones, and urgent ones that are not being paged; the rest waits in the inbox."""
    found = Message.objects.filter(practice_id=tx.practice, pages__isnull=True).exclude(state="closed")
    found = found.filter(Q(due_at__lt=tx.now) | Q(level__in=("emergency", "urgent")))
    found = found.select_related("contact", "contact__patient", "accepted_by").order_by("taken_at")
    return [_message(message, tx.now) for message in found[:_MOST]]


def _message(message: Message, now: datetime) -> Unresolved:
    late = message.due_at is not None and message.due_at < now
    held = f"with {message.accepted_by.name}" if message.accepted_by else "nobody has taken it"
    return _item(
        message.contact, f"{human(message.kind).lower()} message", message.disposition, message.taken_at,
        message.accepted_at or message.taken_at, (held, "overdue") if late else (held,),
        _WARN.get(message.level, _WARN_ROUTINE), late=late, owned=message.accepted_by is not None,
    )  # fmt: skip


def _callbacks(tx: Tx) -> list[Unresolved]:
    found = CallbackTask.objects.filter(practice_id=tx.practice, state="open")
    found = found.select_related("contact", "contact__patient").order_by("due_at")
    return [_callback(task, tx.now) for task in found[:_MOST]]


def _callback(task: CallbackTask, now: datetime) -> Unresolved:
    late = task.due_at < now
    states = (
        f"call back: {human(task.why).lower()}",
        *(("overdue",) if late else ()),
        *((human(task.result).lower(),) if task.result else ()),
    )
    return _item(
        task.contact, "callback", "clinician_now" if task.urgent else "routine", task.made_at, task.made_at, states,
        _seconds(task.made_at, task.due_at), late=late, tasks=(Task("callback", task.id, spelled(shown(task.number))),),
    )  # fmt: skip


def _item(
    contact: Contact | None, kind: str, disposition: str, begun: datetime, acted: datetime, states: tuple[str, ...],
    warn: int, *, late: bool, owned: bool = False, tasks: tuple[Task, ...] = (),
) -> Unresolved:  # fmt: skip
    named = contact_named(contact) if contact else None
    return Unresolved(
        contact_id=contact.id if contact else None,
        kinds=(kind,),
        title=title(contact, named) if contact and named else "No contact",
        reason=shown(contact.reason) if contact else "",
        urgency=urgency(disposition),
        called_at=contact.started_at if contact else begun,
        acted_at=acted,
        states=states,
        warn_after=warn,
        late=late,
        owned=owned,
        tasks=tasks,
    )


def _seconds(since: datetime, until: datetime | None) -> int:
    """How old a thing may grow before somebody should look: at least a second, since 0 means never."""
    return max(1, int(((until or since + timedelta(hours=4)) - since).total_seconds()))
