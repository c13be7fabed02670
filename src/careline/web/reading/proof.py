"""Reads the proof of paging: every page of a contact, each attempt to the second, who accepted and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.messages import pages_of_contact
from careline.storage.models import Membership, PageNotice, PromiseAttempt
from careline.web.reading.pages import outcome_label
from careline.web.seen.contact import AttemptRow, Proof
from careline.web.seen.parts import age, human, masked, urgency

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from careline.storage.models import Contact, Page
    from careline.storage.transactions import Tx

_STATES = {
    "open": ("nobody has accepted", "emergency"),
    "accepted": ("accepted", "good"),
    "done": ("accepted, outcome recorded", "good"),
    "closed": ("closed", ""),
}
_OUTCOMES = {
    "accepted": ("accepted", "good"),
    "declined": ("declined", "urgent"),
    "delivered": ("delivered", "routine"),
    "no_answer": ("no answer", "urgent"),
    "failed": ("failed", "emergency"),
    "retry": ("to be tried again", "urgent"),
    "locked": ("PIN locked", "emergency"),
    "cancelled": ("called off", ""),
    "": ("under way", "routine"),
}


def read_proofs(tx: Tx, contact: Contact) -> tuple[Proof, ...]:
    about = pages_of_contact(tx, contact.id)
    pages = list(about.select_related("accepted_by", "message").order_by("raised_at"))
    if not pages:
        return ()
    members = Membership.objects.filter(practice_id=tx.practice).select_related("person")
    channels = {m.person_id: {c["kind"]: c["address"] for c in m.channels} for m in members}
    return tuple(_proof(page, channels) for page in pages)


def _proof(page: Page, channels: Mapping[UUID, Mapping[str, str]]) -> Proof:
    state, tone = _STATES.get(page.state, (human(page.state), ""))
    return Proof(
        page_id=page.id,
        urgency=urgency(page.disposition),
        state=state,
        tone=tone,
        raised=page.raised_at,
        accepted_by=page.accepted_by.name if page.accepted_by else "",
        accepted_at=page.accepted_at,
        to_accept=age(page.raised_at, page.accepted_at) if page.accepted_at else "",
        outcome=outcome_label(page.outcome) if page.outcome else "",
        outcome_at=page.message.outcome_at if page.outcome else None,
        attempts=_attempts(page, channels),
    )


def _attempts(page: Page, channels: Mapping[UUID, Mapping[str, str]]) -> tuple[AttemptRow, ...]:
    notices = list(PageNotice.objects.filter(page=page).select_related("person").order_by("at", "id"))
    promises = [notice.promise_id for notice in notices if notice.promise_id]
    tries: dict[UUID, list[PromiseAttempt]] = {}
    for one in PromiseAttempt.objects.filter(promise_id__in=promises).order_by("n"):
        tries.setdefault(one.promise_id, []).append(one)
    rows: list[AttemptRow] = []
    for notice in notices:
        address = channels.get(notice.person_id, {}).get(notice.channel, "")
        made = tries.get(notice.promise_id, []) if notice.promise_id else []
        rows += [_attempt(notice, one, address) for one in made] or [_shown_only(notice, address)]
    return tuple(sorted(rows, key=lambda row: row.began))


def _attempt(notice: PageNotice, one: PromiseAttempt, address: str) -> AttemptRow:
    outcome, tone = _OUTCOMES.get(one.outcome, (human(one.outcome), ""))
    reason = "a repeat: the try before it never reported" if one.repeat and not one.reason else one.reason
    return AttemptRow(
        _step(notice), notice.person.name, _channel(notice), masked(address), one.started_at, one.finished_at,
        outcome, tone, one.provider_ref, reason,
    )  # fmt: skip


def _shown_only(notice: PageNotice, address: str) -> AttemptRow:
    """A notice no provider was needed for (the phone page shows it), or one whose promise nobody has taken yet."""
    outcome, tone = _OUTCOMES.get(notice.outcome, (human(notice.outcome), ""))
    return AttemptRow(
        _step(notice), notice.person.name, _channel(notice), masked(address) if address else "", notice.at, notice.ended_at,
        outcome, tone, "", "",
    )  # fmt: skip


def _step(notice: PageNotice) -> str:
    return f"step {notice.step + 1}" + (f", round {notice.round + 1}" if notice.round else "")


def _channel(notice: PageNotice) -> str:
    return {"phone": "Telephone", "email": "E-mail", "web": "Phone page"}.get(notice.channel, human(notice.channel))
