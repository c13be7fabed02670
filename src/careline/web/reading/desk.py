"""Reads the desk: contacts that are up, and what nobody has resolved."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from careline.actions.on_call import reachable
from careline.storage.models import ContactEvent, LiveCall, Page, Triage, Turn
from careline.web.reading.calls import controls, read_presence, who_speaks
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
    title,
)
from careline.web.reading.events import heard
from careline.web.reading.unresolved import read_unresolved
from careline.web.seen.desk import Desk, LiveContact
from careline.web.seen.parts import channel_badge, hearing_badge, masked, urgency

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any
    from uuid import UUID

    from careline.storage.transactions import Tx

R = TypeVar("R", Turn, ContactEvent)
_TURNS = 14


def read_desk(tx: Tx, viewer: UUID) -> Desk:
    live = _live(tx.practice, viewer)
    unresolved = read_unresolved(tx)
    tell(
        tx,
        "desk.read",
        "contact",
        ids=[*(c.id for c in live), *(item.contact_id for item in unresolved if item.contact_id)],
    )
    people = sorted(((one.person, one.name) for one in reachable(tx).values()), key=lambda one: one[1])
    return Desk(tx.now, live, unresolved, read_presence(tx, viewer), tuple(people))


def _live(practice: UUID, viewer: UUID) -> tuple[LiveContact, ...]:
    """A handful of questions to the database however many contacts are up: the desk asks again at every poke."""
    up = LiveCall.objects.filter(practice_id=practice).select_related("contact", "contact__patient", "with_person")
    calls = list(up.order_by("contact__started_at"))
    ids = [call.contact_id for call in calls]
    triages = {t.contact_id: t for t in Triage.objects.filter(contact_id__in=ids).order_by("at")}
    pages = Page.objects.filter(contact_id__in=ids).select_related("accepted_by").order_by("raised_at")
    paged = {page.contact_id: page for page in pages}
    turns = _by_contact(Turn.objects.filter(contact_id__in=ids).order_by("contact_id", "seq"))
    events = _by_contact(ContactEvent.objects.filter(contact_id__in=ids, kind="finding").order_by("contact_id", "seq"))
    seen = [
        _live_contact(call, viewer, triages.get(one), paged.get(one), turns.get(one, ()), events.get(one, ()))
        for call in calls
        for one in (call.contact_id,)
    ]
    return tuple(sorted(seen, key=lambda c: (LEVEL_RANK.get(c.urgency.tone, 9) if c.urgency else 9, c.started)))


def _by_contact(rows: Iterable[R]) -> dict[UUID, list[R]]:
    return {contact: list(group) for contact, group in groupby(rows, key=lambda row: row.contact_id)}


def _live_contact(
    call: LiveCall,
    viewer: UUID,
    triage: Triage | None,
    page: Page | None,
    turns: Sequence[Turn],
    findings: Sequence[ContactEvent],
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
        agent=who_speaks(call),
        controls=controls(call, viewer),
        started=contact.started_at,
        title=title(contact, named),
        caller=named.caller if named.patient and named.caller != named.patient else "",
        number=masked(shown(contact.caller_number)),
        urgency=urgency(contact.disposition) if contact.reason or contact.level in ("emergency", "urgent") else None,
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
