"""Reads a person's own pages. What concerns the patient is read only once that person has accepted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import Http404

from careline.actions.in_force import in_force
from careline.storage.models import Message, Page, PageNotice, PatchedCall, Triage
from careline.web.reading.common import because, language_name, shown, tell, who
from careline.web.reading.oncall import on_call_line
from careline.web.seen.pages import OUTCOMES, Brief, MyPages, OpenPage, PageRow
from careline.web.seen.parts import Because, clock, human, spelled, urgency

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from careline.storage.transactions import Tx

_WARN = {"emergency": 60, "urgent": 180}
_LABELS = dict(OUTCOMES)
_PATCHED = {
    "ringing": "Ringing the patient", "no_answer": "The patient did not answer", "failed": "Your telephone was not answered",
    "ended": "Not connected",
}  # fmt: skip


def read_my_pages(tx: Tx, person: UUID, zone: str) -> MyPages:
    mine = (
        Page.objects.filter(practice_id=tx.practice)
        .filter(Q(notices__person_id=person) | Q(accepted_by_id=person))
        .distinct()
    )
    found = (
        mine.filter(Q(state__in=("open", "accepted")) | Q(message__outcome_at__gt=_expires(tx)))
        .order_by("-raised_at")
        .select_related("accepted_by")
    )
    pages = list(found[:50])
    rows = [(page, _row(page, person)) for page in pages]
    tell(tx, "pages.read", "page", ids=[page.id for page in pages])
    return MyPages(
        now=tx.now,
        waiting=tuple(row for page, row in rows if page.state == "open"),
        accepted=tuple(row for page, row in rows if page.state == "accepted" and page.accepted_by_id == person),
        past=tuple(
            row for page, row in rows
            if page.state not in ("open", "accepted") or (page.state == "accepted" and page.accepted_by_id != person)
        ),
        on_call=on_call_line(tx, zone, person),
    )  # fmt: skip


def read_page(tx: Tx, page_id: UUID, person: UUID, *, may_accept: bool) -> OpenPage:
    """Who may accept any page can open any that still waits; everybody else only what was sent to them."""
    page = Page.objects.filter(id=page_id, practice_id=tx.practice).select_related("accepted_by").first()
    if page is None:
        raise Http404
    mine = page.accepted_by_id == person
    sent = PageNotice.objects.filter(page=page, person_id=person).exists()
    can_accept = page.state == "open" and (may_accept or sent)
    if (not mine and not sent and not can_accept) or _expired(tx, page):
        raise Http404
    tx.journal("page.read" if mine else "page.seen", "page", page.id)
    return OpenPage(
        row=_row(page, person),
        now=tx.now,
        reference=page.reference,
        contact_id=page.contact_id,
        accepted_by=page.accepted_by.name if page.accepted_by else "",
        accepted_at=page.accepted_at,
        outcome=f"Outcome: {outcome_label(page.outcome)}" if page.outcome else "",
        outcome_due=page.outcome_due_at,
        brief=_brief(page, tx.now) if mine else None,
        can_accept=can_accept,
        can_report=mine and page.state == "accepted",
        patched=_patched(page) if mine else (),
    )


def _expires(tx: Tx) -> datetime:
    """What was settled before this is no longer on anybody's phone; it stands in the record."""
    return tx.now - timedelta(hours=in_force().promises.phone_hours)


def _expired(tx: Tx, page: Page) -> bool:
    settled = Message.objects.filter(id=page.message_id).values_list("outcome_at", flat=True).get()
    return page.state not in ("open", "accepted") and settled is not None and settled <= _expires(tx)


def _patched(page: Page) -> tuple[str, ...]:
    """ "Talked 4:12 with the patient", newest last."""
    return tuple(
        _PATCHED.get(one.state, "Asked for") if one.joined_at is None else f"Talked {_length(one)} with the patient"
        for one in PatchedCall.objects.filter(page=page).order_by("asked_at")
    )


def _length(call: PatchedCall) -> str:
    if call.joined_at is None or call.ended_at is None:
        return "(still on the line)"
    return clock((call.ended_at - call.joined_at).total_seconds())


def exists_here(tx: Tx, page_id: UUID) -> None:
    """Raises Http404 for a page of another practice, or of none."""
    if not Page.objects.filter(id=page_id, practice_id=tx.practice).exists():
        raise Http404


def message_of(tx: Tx, page_id: UUID, person: UUID) -> UUID:
    """The message a page is about, for the one who accepted it; for everybody else there is no such page."""
    found = Page.objects.filter(id=page_id, practice_id=tx.practice, accepted_by_id=person).values_list(
        "message_id", flat=True
    )
    message_id = found.first()
    if message_id is None:
        raise Http404
    return message_id


def held_page(tx: Tx, contact: UUID, person: UUID) -> UUID | None:
    """The page about a contact that this person has accepted and not yet reported on."""
    mine = Page.objects.filter(practice_id=tx.practice, contact_id=contact, accepted_by_id=person, state="accepted")
    return mine.order_by("-raised_at").values_list("id", flat=True).first()


def outcome_label(outcome: str) -> str:
    return _LABELS.get(outcome, human(outcome))


def _row(page: Page, person: UUID) -> PageRow:
    mine = page.accepted_by_id == person
    if page.state == "open":
        label = "Waiting for acceptance"
    elif page.state == "accepted":
        label = "Outcome due" if mine else f"Accepted by {page.accepted_by.name if page.accepted_by else 'a colleague'}"
    else:
        label = outcome_label(page.outcome) if page.outcome else "Closed"
    warn = _WARN.get(page.level, 180) if page.state == "open" else 0
    return PageRow(page.id, urgency(page.disposition), page.raised_at, page.state, label, mine, warn)


def _brief(page: Page, now: datetime) -> Brief:
    message = Message.objects.get(id=page.message_id)
    triage = Triage.objects.filter(contact_id=page.contact_id).order_by("-at").first() if page.contact_id else None
    record: Mapping[str, Any] = (triage.record if triage else None) or {}
    told = who(message.identity)
    identity: Mapping[str, Any] = message.identity or {}
    weeks = identity.get("pregnant_weeks")
    return Brief(
        age=_age(identity.get("age_years"), told.birth, now),
        pregnant=f"{float(weeks):.0f} weeks pregnant" if weeks else "",
        patient=told.patient,
        caller=f"{told.caller} ({told.relation})" if told.caller and told.relation not in ("", "Self") else "",
        reason=shown(message.reason),
        brief=shown(message.brief),
        dangers=(*because(record), *_answers(record)),
        number=spelled(told.number),
        dial=told.number,
        location=", ".join(part for part in (told.location, told.state) if part),
        language=language_name(message.language),
        safe=told.safe,
    )


def _answers(record: Mapping[str, Any]) -> tuple[Because, ...]:
    """What was asked and answered yes or "not sure", in the order asked: a no stands on the contact's page."""
    return tuple(
        Because(asked["words"], human(str(asked["reply"])), quoted=False)
        for asked in record.get("asked", ())
        if asked.get("reply") in ("yes", "unsure")
    )[:6]


def _age(years: Any, birth: str, now: datetime) -> str:
    if years is None and birth:
        try:
            years = (now.date() - date.fromisoformat(birth)).days / 365.25
        except ValueError:
            return ""
    if years is None:
        return ""
    years = float(years)
    if years < 2:
        return f"{int(years * 12)} months old"
    return f"{int(years)} years old"
