"""Reads a contact's proof whole, for paper and as data. Reading it is a disclosure, and is journalled as one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import Http404

from careline.storage.models import (
    Contact,
    ContactEvent,
    JournalEntry,
    JournalSeal,
    Membership,
    Message,
    Page,
)  # fmt: skip
from careline.web.reading.common import contact_named, shown, title
from careline.web.reading.events import moments
from careline.web.reading.proof import read_proofs
from careline.web.seen.parts import channel_badge, human, masked, urgency
from careline.web.seen.proof import Happened, Head, Journaled, ProofPaper

if TYPE_CHECKING:
    from uuid import UUID

    from careline.storage.transactions import Tx
    from careline.web.access import Viewer
    from careline.web.seen.contact import AttemptRow, Proof

_MOST_ENTRIES = 500


def read_paper(tx: Tx, viewer: Viewer, contact_id: UUID, form: str) -> ProofPaper:
    """`form` is pdf or json: the journal says who took which."""
    found = Contact.objects.filter(id=contact_id, practice_id=tx.practice).select_related("patient").first()
    if found is None:
        raise Http404
    tx.journal("contact.disclosed", "contact", found.id, form=form)
    seen, proofs = urgency(found.disposition), read_proofs(tx, found)
    last = JournalSeal.objects.filter(practice_id=tx.practice).order_by("-seq").first()
    return ProofPaper(
        practice=viewer.practice.name,
        zone=viewer.practice.zone,
        made_at=tx.now,
        made_by=viewer.person.name,
        contact=found.id,
        reference=str(found.id)[-8:],
        channel=channel_badge(found.channel).label,
        caller=masked(shown(found.caller_number)),
        patient=title(found, contact_named(found)),
        reason=shown(found.reason),
        urgency=seen.label if seen else "",
        began=found.started_at,
        ended=found.ended_at,
        timeline=_timeline(found, proofs),
        pages=proofs,
        journal=_journal(tx, found),
        head=Head(last.seq, last.seal) if last else None,
    )


def _timeline(contact: Contact, proofs: tuple[Proof, ...]) -> tuple[Happened, ...]:
    """What the call noted and what paging did, in one order."""
    events = moments(ContactEvent.objects.filter(contact=contact).order_by("at_ms", "seq"))
    happened = [Happened(contact.started_at, "The contact began")]
    happened += [Happened(contact.started_at + timedelta(seconds=one.at), one.text) for one in events]
    if contact.ended_at is not None:
        happened.append(Happened(contact.ended_at, f"The contact ended: {human(contact.outcome).lower()}"))
    for proof in proofs:
        happened.append(Happened(proof.raised, "A page was raised"))
        happened += [one for attempt in proof.attempts for one in _tried(attempt)]
        if proof.accepted_at is not None:
            happened.append(Happened(proof.accepted_at, f"{proof.accepted_by} accepted the page"))
        if proof.outcome_at is not None:
            happened.append(Happened(proof.outcome_at, f"Outcome: {proof.outcome}"))
    return tuple(sorted(happened, key=lambda one: one.at))


def _tried(attempt: AttemptRow) -> list[Happened]:
    way = f"{attempt.channel} {attempt.to}".strip()
    began = Happened(attempt.began, f"{attempt.step}: {attempt.person}, {way}")
    if attempt.ended is None:
        return [began]
    return [began, Happened(attempt.ended, f"{attempt.person}, {way}: {attempt.outcome}")]


def _journal(tx: Tx, contact: Contact) -> tuple[Journaled, ...]:
    pages = Page.objects.filter(contact=contact).values_list("id", flat=True)
    messages = Message.objects.filter(contact=contact).values_list("id", flat=True)
    about = [contact.id, *pages, *messages]
    entries = list(JournalEntry.objects.filter(practice_id=tx.practice, row__in=about).order_by("id")[:_MOST_ENTRIES])
    seals = {seal.entry: seal for seal in JournalSeal.objects.filter(entry__in=[entry.id for entry in entries])}
    members = Membership.objects.filter(practice_id=tx.practice).select_related("person")
    names = {str(member.person_id): member.person.name for member in members}
    return tuple(
        Journaled(
            entry.id,
            seals[entry.id].seq if entry.id in seals else None,
            seals[entry.id].seal if entry.id in seals else None,
            entry.at,
            names.get(entry.actor, entry.actor),
            entry.action,
        )
        for entry in entries
    )
