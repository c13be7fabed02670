"""Reads the desk: contacts that are up, and what nobody has resolved."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Q

from careline.storage.models import Alarm, CallbackTask, Contact, ContactEvent, LiveCall, Message, Page, Triage, Turn
from careline.web.reading.common import (
    LEVEL_RANK,
    because,
    contact_named,
    flagged_turns,
    language_name,
    lines,
    red_flags,
    shown,
    tell,
)
from careline.web.reading.events import heard
from careline.web.seen.desk import Desk, LiveContact, Unresolved
from careline.web.seen.parts import channel_badge, hearing_badge, human, masked, urgency

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from careline.storage.transactions import Tx

R = TypeVar("R", Turn, ContactEvent)
_TURNS = 14
_MOST = 100
_WARN = {"emergency": 60, "urgent": 180}
_WARN_ROUTINE = 4 * 3600
_AGENTS = {"agent": "Assistant", "operator": "Operator"}


def read_desk(tx: Tx) -> Desk:
    live = _live(tx.practice)
    unresolved = sorted(
        [*_pages(tx), *_messages(tx), *_callbacks(tx), *_alarms(tx)],
        key=lambda item: (
            LEVEL_RANK.get(item.urgency.tone, 9) if item.urgency else 9, not item.late, item.acted_at
        ),
    )[:_MOST]  # fmt: skip
    tell(
        tx,
        "desk.read",
        "contact",
        ids=[*(c.id for c in live), *(item.contact_id for item in unresolved if item.contact_id)],
    )
    return Desk(tx.now, live, tuple(unresolved))


def _live(practice: UUID) -> tuple[LiveContact, ...]:
    """A handful of questions to the database however many contacts are up: the desk asks again at every poke."""
    up = LiveCall.objects.filter(practice_id=practice).select_related("contact", "contact__patient")
    calls = list(up.order_by("contact__started_at"))
    ids = [call.contact_id for call in calls]
    triages = {t.contact_id: t for t in Triage.objects.filter(contact_id__in=ids).order_by("at")}
    pages = Page.objects.filter(contact_id__in=ids).select_related("accepted_by").order_by("raised_at")
    paged = {page.contact_id: page for page in pages}
    turns = _by_contact(Turn.objects.filter(contact_id__in=ids).order_by("contact_id", "seq"))
    events = _by_contact(ContactEvent.objects.filter(contact_id__in=ids, kind="finding").order_by("contact_id", "seq"))
    seen = [
        _live_contact(call, triages.get(one), paged.get(one), turns.get(one, ()), events.get(one, ()))
        for call in calls
        for one in (call.contact_id,)
    ]
    return tuple(sorted(seen, key=lambda c: (LEVEL_RANK.get(c.urgency.tone, 9) if c.urgency else 9, c.started)))


def _by_contact(rows: Iterable[R]) -> dict[UUID, list[R]]:
    return {contact: list(group) for contact, group in groupby(rows, key=lambda row: row.contact_id)}


def _live_contact(
    call: LiveCall, triage: Triage | None, page: Page | None, turns: Sequence[Turn], findings: Sequence[ContactEvent]
) -> LiveContact:
    contact = call.contact
    named = contact_named(contact)
    record: Mapping[str, Any] = (triage.record if triage else None) or {}
    why = because(record) or heard(findings)
    first = (why[0].about if why else "Danger heard in what was said",)
    return LiveContact(
        id=contact.id,
        channel=channel_badge(contact.channel),
        hearing=hearing_badge(contact.hearing or "open"),
        language=language_name(contact.language),
        agent=_AGENTS.get(call.state, human(call.state)),
        started=contact.started_at,
        caller=named.caller,
        patient=named.patient,
        number=masked(shown(contact.caller_number)),
        urgency=urgency(contact.disposition),
        reason=shown(contact.reason),
        red_flags=red_flags(record) or (first if contact.red_flag else ()),
        because=why,
        lines=lines(turns, flagged_turns(record), newest=_TURNS),
        promised=_promised(page),
    )


def _promised(page: Page | None) -> str:
    if page is None:
        return ""
    if page.accepted_by is not None:
        return f"{page.accepted_by.name} accepted the page."
    return "The clinician is being paged." if page.state == "open" else ""


def _pages(tx: Tx) -> list[Unresolved]:
    found = Page.objects.filter(practice_id=tx.practice, state__in=("open", "accepted"))
    found = found.select_related("contact", "contact__patient", "message", "accepted_by").order_by("raised_at")[:_MOST]
    return [_page(page, tx.now) for page in found]


def _page(page: Page, now: datetime) -> Unresolved:
    accepted = page.accepted_by is not None
    acted = max(at for at in (page.raised_at, page.step_at, page.accepted_at) if at is not None)
    late = (page.outcome_due_at is not None and page.outcome_due_at < now) if accepted else page.round > 0
    warn = _seconds(acted, page.outcome_due_at) if accepted else _WARN.get(page.level, 180)
    step = f"step {page.step + 1}" + (f", round {page.round + 1}" if page.round else "")
    state = f"accepted by {page.accepted_by.name}" if page.accepted_by else "nobody has accepted"
    return _item(
        page.contact, page.id, "page", page.disposition, page.raised_at, acted,
        state=state, next_step="outcome due" if accepted else step, warn=warn, late=late,
    )  # fmt: skip


def _messages(tx: Tx) -> list[Unresolved]:
    found = Message.objects.filter(practice_id=tx.practice, pages__isnull=True).exclude(state="closed")
    found = found.filter(Q(due_at__lt=tx.now) | Q(level__in=("emergency", "urgent"))).select_related(
        "contact", "contact__patient", "accepted_by"
    )
    return [
        _item(
            message.contact, message.id, f"{human(message.kind)} message", message.disposition,
            message.taken_at, message.accepted_at or message.taken_at,
            state=f"with {message.accepted_by.name}" if message.accepted_by else "nobody has taken it",
            next_step="overdue" if message.due_at and message.due_at < tx.now else "",
            warn=_WARN.get(message.level, _WARN_ROUTINE), late=bool(message.due_at and message.due_at < tx.now),
        )
        for message in found.order_by("taken_at")[:_MOST]
    ]  # fmt: skip


def _callbacks(tx: Tx) -> list[Unresolved]:
    found = CallbackTask.objects.filter(practice_id=tx.practice, state="open").select_related(
        "contact", "contact__patient"
    )
    return [
        _item(
            task.contact, task.id, "callback",
            "clinician_now" if task.urgent else "routine", task.made_at, task.made_at,
            state=human(task.why), next_step="overdue" if task.due_at < tx.now else "ring back",
            warn=_seconds(task.made_at, task.due_at), late=task.due_at < tx.now,
        )
        for task in found.order_by("due_at")[:_MOST]
    ]  # fmt: skip


def _alarms(tx: Tx) -> list[Unresolved]:
    found = Alarm.objects.filter(practice_id=tx.practice, cleared_at__isnull=True)
    found = found.select_related("contact", "contact__patient", "page__contact", "page__contact__patient")
    return [_alarm(alarm) for alarm in found.order_by("at")[:_MOST]]


def _alarm(alarm: Alarm) -> Unresolved:
    contact = alarm.contact or (alarm.page.contact if alarm.page else None)
    return _item(
        contact, alarm.id, "alarm", "call_911" if contact is None else contact.disposition, alarm.at, alarm.at,
        state=human(alarm.kind), next_step="a person must act now", warn=1, late=True,
    )  # fmt: skip


def _item(
    contact: Contact | None, row: UUID, kind: str, disposition: str, begun: datetime, acted: datetime,
    *, state: str, next_step: str, warn: int, late: bool,
) -> Unresolved:  # fmt: skip
    named = contact_named(contact) if contact else None
    return Unresolved(
        id=row,
        contact_id=contact.id if contact else None,
        kind=kind,
        title=(named.patient or named.caller if named else "") or "Not named",
        reason=shown(contact.reason) if contact else "",
        urgency=urgency(disposition),
        called_at=contact.started_at if contact else begun,
        acted_at=acted,
        state=state,
        next_step=next_step,
        warn_after=warn,
        late=late,
    )


def _seconds(since: datetime, until: datetime | None) -> int:
    """How old a thing may grow before somebody should look: at least a second, since 0 means never."""
    return max(1, int(((until or since + timedelta(hours=4)) - since).total_seconds()))
