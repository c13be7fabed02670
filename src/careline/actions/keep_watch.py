"""The dead-man's switch (`core.watch`): makes test contacts, and pages the operator of the installation when they fail.

`work` makes them, as promises; `voice` answers their pages. Both look whether they succeed: whichever is alive pages.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions.close_contact import close_contact
from careline.actions.commands import Beat, CheckWatch, CloseContact, DoDeed, OpenContact, TakeTurn
from careline.actions.deeds import do_deed
from careline.actions.lost_calls import beat
from careline.actions.open_contact import open_contact
from careline.actions.perform import performs, retried
from careline.actions.record_outcome import record_outcome
from careline.core import watch
from careline.core.clinical import Disposition
from careline.core.contact import Channel, Hearing
from careline.core.dialogue.deeds import PageClinician, Summary, TriageRecord
from careline.core.people import Identity, Private
from careline.storage import promises
from careline.storage.claims import Kept, New, Standing
from careline.storage.models import Page, Practice
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.storage.transactions import Tx

TURN = "watch.turn"
WATCH = Actor.service("watch")
_SPAN = timedelta(hours=1)


@retried
def begin(now: datetime) -> None:
    """Promise the first turn; harmless to repeat. For whoever starts the installation."""
    with practice(_of(watch.TESTS), actor=WATCH, purpose="watch", now=now) as tx:
        _promise(tx, watch.turn_of(now))


@performs(TakeTurn)
def take_turn(command: TakeTurn) -> None:
    """A test contact, its page, and the promise of the next turn. Done twice for one turn it is one contact."""
    claim, now = command.claim, command.at
    beat(Beat("watch", now))  # the contact is up for a moment, on a node of this name
    _settle(claim.practice, now)
    turn = watch.turn_of(now)
    _contact(watch.TESTS, turn, now, "Test contact of the dead-man's switch.")
    with practice(claim.practice, actor=WATCH, purpose="watch", now=now) as tx:
        if promises.finish(tx, claim, Kept("turn")) is Standing.OURS:
            _promise(tx, turn + watch.EVERY)


@performs(CheckWatch)
def check_watch(command: CheckWatch) -> int:
    """How many test contacts have failed in a row. From two on the operator is paged, once until it is resolved."""
    failed = failed_now(command.since, command.at)
    if failed < watch.ENOUGH or not Practice.objects.filter(slug=watch.OPERATOR).exists():
        return failed
    with practice(_of(watch.OPERATOR), actor=WATCH, purpose="watch", now=command.at) as tx:
        if Page.objects.filter(practice_id=tx.practice, state__in=("open", "accepted")).exists():
            return failed
    said = "This is Careline itself. Test contacts are failing: pages may not be reaching clinicians. Look at health, ready."
    _contact(watch.OPERATOR, watch.turn_of(command.at), command.at, said)
    return failed


def failed_now(since: datetime, now: datetime) -> int:
    if not Practice.objects.filter(slug=watch.TESTS).exists():
        return 0
    with practice(_of(watch.TESTS), actor=WATCH, purpose="watch", now=now) as tx:
        pages = Page.objects.filter(practice_id=tx.practice, raised_at__gt=now - _SPAN, accepted_at__isnull=False)
        times = list(pages.values_list("raised_at", "accepted_at"))
    accepted = {turn for raised, at in times if at is not None and at <= (turn := watch.turn_of(raised)) + watch.GRACE}
    return watch.failed_in_a_row(accepted, max(since, now - _SPAN), now)


def _settle(tests: UUID, now: datetime) -> None:
    """Give accepted test pages an outcome, as their clinician would: an escalation ends with one."""
    with practice(tests, actor=WATCH, purpose="watch", now=now) as tx:
        accepted = Page.objects.filter(practice_id=tx.practice, state="accepted")
        done = list(accepted.values_list("message_id", "accepted_by_id"))
    for message, by in done:
        record_outcome(tests, message, by, "advice_given", now)


def _contact(slug: str, turn: datetime, now: datetime, said: str) -> None:
    """The same commands as a voice process sends, keyed by the turn."""
    key, words = f"turn:{turn.isoformat()}", Private(said)
    opened = open_contact(OpenContact(key, now, "watch", Channel.TERMINAL, slug, None, Hearing.OPEN, "en"))
    summary = Summary(
        identity=Identity(),
        reason=words,
        brief=words,
        disposition=Disposition.CLINICIAN_NOW,
        language="en",
        age_years=None,
    )
    triage = TriageRecord(Disposition.CLINICIAN_NOW, findings=(), asked=(), fired=(), complete=True)
    do_deed(DoDeed(opened.practice, opened.contact, "watch", now, PageClinician(summary, triage)))
    close_contact(CloseContact(opened.practice, opened.contact, now, "completed"))


def _promise(tx: Tx, turn: datetime) -> None:
    promises.make(tx, New(TURN, turn.isoformat(), turn))


def _of(slug: str) -> UUID:
    return Practice.objects.values_list("id", flat=True).get(slug=slug)
