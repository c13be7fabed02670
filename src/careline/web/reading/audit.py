"""Reads the journal and the list of people, for managers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.storage.models import JournalEntry, JournalPending, JournalSeal, Membership, Person
from careline.web.rights import ROLE_LABELS
from careline.web.seen.audit import Audit, Entry, PersonRow
from careline.web.seen.parts import human

if TYPE_CHECKING:
    from uuid import UUID

    from careline.storage.transactions import Tx

_PER_PAGE = 100


def read_audit(tx: Tx, before: UUID | None) -> Audit:
    found = JournalEntry.objects.filter(practice_id=tx.practice).order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    entries = list(found[: _PER_PAGE + 1])
    more, entries = len(entries) > _PER_PAGE, entries[:_PER_PAGE]
    numbers = dict(JournalSeal.objects.filter(entry__in=[e.id for e in entries]).values_list("entry", "seq"))
    people = {
        str(m.person_id): m.person.name
        for m in Membership.objects.filter(practice_id=tx.practice).select_related("person")
    }
    tx.journal("journal.read", "journal_entry")
    shown = [
        Entry(
            seq=numbers.get(entry.id),
            at=entry.at,
            who=people.get(entry.actor, entry.actor if entry.actor_kind == "service" else "a former member"),
            action=human(entry.action.replace(".", ": ", 1)),
            object=f"{entry.table} {str(entry.row)[-8:]}" if entry.row else entry.table,
        )
        for entry in entries
    ]
    unsealed = JournalPending.objects.filter(practice_id=tx.practice).count()
    return Audit(tuple(shown), str(entries[-1].id) if more else None, unsealed)


def read_people(tx: Tx) -> tuple[PersonRow, ...]:
    from allauth.mfa.models import Authenticator

    members = list(Membership.objects.filter(practice_id=tx.practice).select_related("person").order_by("person__name"))
    people: list[Person] = [member.person for member in members]
    guarded = set(Authenticator.objects.filter(user__in=people).values_list("user_id", flat=True))
    tx.journal("people.read", "membership")
    labels = {role.value: label for role, label in ROLE_LABELS.items()}
    return tuple(
        PersonRow(
            id=member.id,
            locked=member.pin_locked_at is not None or member.codes_locked_at is not None,
            name=member.person.name,
            email=member.person.email,
            role=labels.get(member.role, human(member.role)),
            second_factor=member.person_id in guarded,
            active=member.active and member.person.is_active,
            last_sign_in=member.person.last_login,
        )
        for member in members
    )
