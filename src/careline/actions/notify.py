"""One try to reach one person about a page: what to do, and what came of it. The telephone and the mail are kept elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from careline.actions import paging
from careline.actions.accept_page import accept
from careline.actions.addresses import as_reported, remove_gone
from careline.actions.advance_page import locked
from careline.actions.commands import FinishNotice, PrepareNotice, RingOrder
from careline.actions.decline_page import decline, hurry_if_hopeless
from careline.actions.in_force import in_force
from careline.actions.letters import letter_for
from careline.actions.on_call import reachable
from careline.actions.perform import performs
from careline.core.oncall import script
from careline.core.oncall.paged import Paged
from careline.ports import Outcome, PageScript
from careline.storage import promises
from careline.storage.claims import Again, Kept, Standing
from careline.storage.models import Membership, Message, Page, PageNotice, Practice
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from careline.ports import Attempt, Letter
    from careline.storage.claims import Claimed, Result
    from careline.storage.transactions import Tx

RING_S = 150.0  # ringing, PIN, brief and menu together
REDIAL = timedelta(seconds=20)


@performs(PrepareNotice)
def prepare_notice(command: PrepareNotice) -> RingOrder | Letter | None:
    claim = command.claim
    with practice(claim.practice, actor=promises.KEEPER, purpose="page clinician", now=command.at) as tx:
        page = locked(tx, claim.payload["page"])
        taken = claim.kind == paging.TAKEN
        if page.state != "open" and not taken:
            promises.finish(tx, claim, Kept("not_needed"))
            tx.journal("page.notice.spared", "page", page.id)
            return None
        tx.journal("page.notice", "page", page.id, kind=claim.kind, attempt=claim.attempt, repeat=claim.repeat)
        order = _ring(tx, claim, page) if claim.kind == paging.CHANNELS["phone"] else letter_for(tx, claim, page)
        if order is None:
            promises.finish(tx, claim, Kept("no_address"))
            if not taken:
                _ended(tx, claim, page, Outcome.FAILED)
        return order


@performs(FinishNotice)
def finish_notice(command: FinishNotice) -> Paged | None:
    """What a person pressed counts even when this worker's lease had ended: they have accepted. Returns who has the page then."""
    claim = command.claim
    person = UUID(claim.payload["person"])
    pressed = command.attempt.outcome in (Outcome.ACCEPTED, Outcome.DECLINED)
    actor = Actor.person(person) if pressed else promises.KEEPER
    with practice(claim.practice, actor=actor, purpose="page clinician", now=command.at) as tx:
        page = locked(tx, claim.payload["page"])
        attempt = as_reported(tx, claim, command.attempt)
        remove_gone(tx, person, attempt.gone)
        standing = promises.finish(tx, claim, _result(tx, claim, page, attempt))
        tx.journal("page.notice.ended", "page", page.id, outcome=attempt.outcome.value, standing=standing.value)
        if claim.kind == paging.TAKEN:
            return None
        paged: Paged | None = None
        if attempt.outcome is Outcome.ACCEPTED and page.state in ("open", "accepted"):
            taken = accept(tx, page, person, "phone")
            paged = Paged(tx.practice, page.id, person, taken.mine, taken.name)
        if standing is not Standing.OVERTAKEN:
            _ended(tx, claim, page, attempt.outcome)
        return paged


def _ended(tx: Tx, claim: Claimed, page: Page, outcome: Outcome) -> None:
    notice = PageNotice.objects.filter(id=UUID(claim.payload["notice"]))
    notice.update(outcome=outcome.value, ended_at=tx.now)
    person = UUID(claim.payload["person"])
    if outcome is Outcome.LOCKED:
        Membership.objects.filter(practice_id=tx.practice, person_id=person).update(pin_locked_at=tx.now)
        paging.sound(tx, "pin_locked", f"pin:{person}:{tx.now.date()}", page)
    if outcome is Outcome.DECLINED:
        decline(tx, page, person)
    elif outcome in (Outcome.FAILED, Outcome.LOCKED):
        hurry_if_hopeless(tx, page)


def _result(tx: Tx, claim: Claimed, page: Page, attempt: Attempt) -> Result:
    """Nobody answered: ring again while the step lasts. The provider was down: try again while the page is open."""
    outcome, reference = attempt.outcome.value, attempt.reference
    current = claim.key.startswith(f"{paging.step_key(page)}:")
    if attempt.outcome is Outcome.NO_ANSWER and current and page.state == "open":
        again = tx.now + REDIAL
        if page.next_at is not None and again < page.next_at:
            return Again(again, attempt.reason, outcome, reference)
    if attempt.outcome is Outcome.RETRY and (page.state == "open" or claim.kind == paging.TAKEN):
        return Again(
            tx.now + min(paging.RETRY * claim.attempt, timedelta(minutes=5)), attempt.reason, outcome, reference
        )
    return Kept(outcome, reference)


def _ring(tx: Tx, claim: Claimed, page: Page) -> RingOrder | None:
    who = reachable(tx).get(claim.payload["person"])
    if who is None or "phone" not in who.channels:
        return None
    member = Membership.objects.get(practice_id=tx.practice, person_id=who.person)
    message = Message.objects.get(id=page.message_id)
    worse = page.worsened_at is not None
    said = script.by_phone(who.language, page.level, _name(tx), who.name, worse=worse, repeat=claim.repeat)
    return RingOrder(
        number=who.channels["phone"],
        script=PageScript(
            language=who.language,
            opening=said.first,
            message=message.brief.reveal() if message.brief is not None else "",
            menu=said.second,
            pin_salt=bytes(member.pin_salt),
            pin_hash=bytes(member.pin_hash),
            by=in_force().paging.telephone,
        ),
        deadline_s=RING_S,
        key=claim.key,
    )


def _name(tx: Tx) -> str:
    return Practice.objects.values_list("name", flat=True).get(id=tx.practice)
