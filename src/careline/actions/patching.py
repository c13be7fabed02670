"""A clinician and a patient on one call through Careline: prepared, noted with its times, and asked for from a page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from careline.actions.advance_page import locked
from careline.actions.desk import at_the_desk
from careline.actions.in_force import in_force
from careline.actions.on_call import reachable
from careline.actions.open_contact import VOICE
from careline.actions.patch_commands import NotePatch, PatchOrder, PatchOutcome, PreparePatch, PrepareRelay, RelayOrder
from careline.actions.perform import performs, retried
from careline.actions.record_outcome import record_outcome
from careline.core.errors import Refused
from careline.core.people import Private
from careline.storage import promises
from careline.storage.claims import Kept, New
from careline.storage.models import Contact, Message, Page, PatchedCall, Person, Practice
from careline.storage.rows import one
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime

    from careline.storage.transactions import Tx

RELAY = "page.relay"
#: Whoever asked to be rung still waits for it; later they have gone on.
RELAY_LASTS = timedelta(minutes=3)
#: Lines of a patched call are numbered apart from those of its contact, and of other patched calls.
LINES = 100_000
#: From this long together on, the accepter has spoken to the patient and is not rung again for an outcome.
SPOKE = timedelta(seconds=30)


@performs(PreparePatch)
def prepare_patch(command: PreparePatch) -> PatchOrder:
    actor = Actor.person(command.person)
    with practice(command.practice, actor=actor, purpose="page clinician", now=command.at) as tx:
        page = locked(tx, command.page)
        tx.journal("patch.prepared", "page", page.id)
        if page.accepted_by_id != command.person:
            raise Refused("this page is somebody else's")
        patch = _patch(tx, page, command.person, command.key)
        return _order(tx, page, patch)


def _patch(tx: Tx, page: Page, person: UUID, key: str) -> PatchedCall:
    if page.contact_id is None:
        raise Refused("this page has no caller to be joined to")
    patch, _ = PatchedCall.objects.get_or_create(
        practice_id=tx.practice,
        key=key[:160],
        defaults={"contact_id": page.contact_id, "page": page, "person_id": person, "asked_at": tx.now},
    )
    return patch


def _order(tx: Tx, page: Page, patch: PatchedCall) -> PatchOrder:
    file = in_force()
    message = Message.objects.get(id=page.message_id)
    contact = Contact.objects.select_related("line").get(id=patch.contact_id)
    told = message.identity or {}
    number = told.get("callback_number")
    clinician = at_the_desk(tx, patch.person_id)
    languages = clinician.languages if clinician is not None else ()
    person = Person.objects.get(id=patch.person_id)
    language = message.language or contact.language or "en"
    return PatchOrder(
        practice=tx.practice,
        patch=patch.id,
        page=page.id,
        contact=contact.id,
        person=person.id,
        name=person.name,
        number=Private(str(number)) if number else contact.caller_number,
        line=contact.line.number if contact.line is not None else file.lines[0].number,
        practice_name=file.name,
        language=language,
        tongue=person.language,
        discreet=told.get("safe_to_leave_message") is not True,
        interpreter=file.interpreter,
        needed=bool(languages) and language not in languages,
        recording=file.recording.value,
        practice_state=file.state,
        said_state=told.get("state"),
        began=contact.started_at,
        first=LINES * PatchedCall.objects.filter(contact=contact, asked_at__lte=patch.asked_at).count(),
    )


@performs(NotePatch)
def note_patch(command: NotePatch) -> None:
    with practice(command.practice, actor=VOICE, purpose="page clinician", now=command.at) as tx:
        patch = one(PatchedCall.objects.select_for_update(), id=command.patch)
        tx.journal("patch.noted", "page", patch.page_id, state=command.state, via=command.via)
        if command.only_if_open and patch.ended_at is not None:
            return
        patch.state, patch.via = command.state, command.via or patch.via
        patch.interpreter = patch.interpreter or command.interpreter
        if command.state == "talking" and patch.joined_at is None:
            patch.joined_at = tx.now
        if command.state in ("ended", "no_answer", "failed"):
            patch.ended_at = tx.now
        patch.save()


@performs(PatchOutcome)
def patch_outcome(command: PatchOutcome) -> None:
    """The same as at the page: "could not reach" raises it again."""
    with practice(command.practice, actor=VOICE, purpose="record outcome", now=command.at) as tx:
        patch = one(PatchedCall.objects.select_for_update(), id=command.patch)
        patch.outcome = command.outcome
        patch.save()
        message = Page.objects.values_list("message_id", flat=True).get(id=patch.page_id)
        person = patch.person_id
        tx.journal("patch.outcome", "page", patch.page_id, outcome=command.outcome)
    record_outcome(command.practice, message, person, command.outcome, command.at)


def spoke(page: Page) -> bool:
    """Whether whoever holds this page has spoken to its patient since they accepted it."""
    if page.accepted_by_id is None:
        return False
    since = PatchedCall.objects.filter(page=page, person_id=page.accepted_by_id, joined_at__gte=page.accepted_at)
    return any(one.joined_at and one.ended_at and one.ended_at - one.joined_at >= SPOKE for one in since)


@retried
def call_patient(practice_id: UUID, page_id: UUID, by: UUID, now: datetime) -> None:
    """Ring the one who holds the page, then their patient. Asked again within the time it takes, it is the same call."""
    with practice(practice_id, actor=Actor.person(by), purpose="page clinician", now=now) as tx:
        page = locked(tx, page_id)
        tx.journal("patch.asked", "page", page.id)
        if page.accepted_by_id != by:
            raise Refused("accept the page first: only whoever holds it is joined to the patient")
        me = reachable(tx).get(str(by))
        if me is None or "phone" not in me.channels:
            raise Refused("no telephone of yours is known here")
        since = PatchedCall.objects.filter(page=page, person_id=by, asked_at__gt=now - RELAY_LASTS)
        if since.filter(state__in=("asked", "ringing", "talking")).exists():
            return
        patch = _patch(tx, page, by, f"relay:{page.id}:{now.isoformat()}")
        promises.make(tx, New(RELAY, str(patch.id), now, {"patch": str(patch.id)}))


@performs(PrepareRelay)
def prepare_relay(command: PrepareRelay) -> RelayOrder | None:
    claim = command.claim
    with practice(claim.practice, actor=promises.KEEPER, purpose="page clinician", now=command.at) as tx:
        patch = one(PatchedCall.objects.select_for_update(), id=UUID(claim.payload["patch"]))
        page = locked(tx, patch.page_id)
        who = reachable(tx).get(str(patch.person_id))
        tx.journal("patch.rings", "page", page.id, repeat=claim.repeat)
        late = command.at - patch.asked_at > RELAY_LASTS
        if late or patch.state != "asked" or page.accepted_by_id != patch.person_id or who is None:
            promises.finish(tx, claim, Kept("not_needed"))
            return None
        contact = Contact.objects.select_related("line").get(id=patch.contact_id)
        line = contact.line.number if contact.line is not None else in_force().lines[0].number
        name = Practice.objects.values_list("name", flat=True).get(id=tx.practice)
        return RelayOrder(
            tx.practice, page.id, patch.person_id, patch.id, patch.key, who.channels.get("phone", ""), line,
            who.language, name,
        )  # fmt: skip
