"""A page's life inside other actions' transactions: raised, begun, advanced, accepted. The decisions are `core.oncall`'s."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Q

from careline.actions.in_force import in_force
from careline.actions.on_call import layers, reachable
from careline.actions.words import reference
from careline.core.clinical import Disposition, Level, most_urgent
from careline.core.oncall.escalation import Policy, Progress, Reach, Wait, next_step, policy_of
from careline.core.oncall.rules import Need
from careline.core.ways import ROUSING, WAYS
from careline.storage import promises
from careline.storage.claims import New
from careline.storage.ids import new_id
from careline.storage.models import Alarm, CallCommand, LiveCall, Message, Page, PageNotice

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from careline.actions.on_call import Reachable
    from careline.storage.transactions import Tx

STEP, OUTCOME, TAKEN, LATE = "page.step", "page.outcome", "page.taken", "page.late"
CHANNELS = {way: f"page.{way}" for way in WAYS}  # the promise kind of each channel
NEWS_LASTS = timedelta(minutes=30)
RETRY = timedelta(seconds=15)


def raise_page(tx: Tx, message: Message, disposition: Disposition, *, worse: bool = False) -> Page:
    """Page somebody about this message. A matter has one page: raised again it joins the first, and begins a new round at once
    when it has become more urgent or `worse` (the patient called again), even if somebody had accepted it as less."""
    key = f"contact:{message.contact_id}" if message.contact_id else f"message:{message.id}"
    page = Page.objects.select_for_update().filter(practice_id=tx.practice, key=key).first()
    if page is None:
        page = Page(
            id=new_id(),
            practice_id=tx.practice,
            key=key,
            message=message,
            contact_id=message.contact_id,
            raised_at=tx.now,
        )
        page.reference = reference(page.id)
    else:
        before = Disposition(page.disposition)
        if not worse and disposition.rank >= before.rank:
            return page
        disposition = most_urgent(disposition, before)
        stop(tx, page)
        start_round(page)
        Message.objects.filter(id=page.message_id).update(state="sent", accepted_by=None, accepted_at=None)
        if worse:
            page.worsened_at = tx.now
            sound(tx, "page_worsened", f"worse:{page.id}:{page.round}", page)
    page.disposition, page.level = disposition.value, disposition.level.value
    page.policy = policy_of(in_force(), disposition, tx.now).as_json()
    page.save()
    promise_late(tx, page)
    tx.journal("page.raised", "page", page.id, disposition=disposition.value, round=page.round)
    advance(tx, page)
    return page


def start_round(page: Page) -> None:
    """From the first step again; keys of promises count rounds, so nothing of an earlier one stands in the way."""
    page.round, page.step, page.next_at = page.round + (page.step >= 0), -1, None
    page.state, page.accepted_by, page.accepted_at, page.accepted_via = "open", None, None, ""


def advance(tx: Tx, page: Page) -> None:
    """Do what is due of a locked page: begin its next step, promise each notice, and promise the step after."""
    can_reach = reachable(tx)
    policy = Policy.from_json(page.policy)
    who = layers(tx, can_reach, _need(page))
    progress = Progress(page.round, page.step, page.next_at, open=page.state == "open")
    decided = next_step(policy, progress, who, tx.now)
    if isinstance(decided, Wait):
        _promise_next(tx, page)
    elif isinstance(decided, Reach):
        quiet = policy.quiet_now(_local(tx), decided.round)
        silent = {person for staff in quiet for person in who.get(staff, ())}
        _begin(tx, page, decided, {person: _hushed(can_reach[person], person in silent) for person in decided.people})


def _local(tx: Tx) -> datetime:
    return tx.now.astimezone(ZoneInfo(in_force().timezone))


def _hushed(one: Reachable, silent: bool) -> Reachable:
    """In quiet hours only what wakes nobody is left: they find it in the morning, and are not waited for."""
    if not silent:
        return one
    return replace(one, channels={way: to for way, to in one.channels.items() if way not in ROUSING})


def _need(page: Page) -> Need:
    """Whom the page wants: by its urgency, and by what the line that was rung is for."""
    line = page.contact.line if page.contact is not None else None
    return Need(Level(page.level), line.specialty if line else "", line.location if line else "")


def _begin(tx: Tx, page: Page, step: Reach, can_reach: dict[str, Reachable]) -> None:
    page.round, page.step, page.step_at, page.next_at = step.round, step.step, tx.now, step.until
    ways = [(one, way) for one in can_reach.values() for way in _ways(one, step)]
    wakes = ROUSING.intersection(step.channels)
    if not step.desk and wakes and not any(way in ROUSING for _, way in ways):
        page.next_at = tx.now  # a mail wakes nobody: whoever has only that is told, and not waited for
    page.save()
    for one, way in ways:
        _notify(tx, page, one.person, way)
    if step.desk:
        sound(tx, "page_unaccepted", f"page:{page.id}:{step.round}:{step.step}", page)
    tx.journal("page.step", "page", page.id, round=step.round, step=step.step, people=len(step.people), desk=step.desk)
    _promise_next(tx, page)


def reach(tx: Tx, page: Page, one: Reachable) -> None:
    """Somebody beside those whom the step reaches, by every way they have."""
    for way in one.channels:
        if way in CHANNELS:
            _notify(tx, page, one.person, way)


def _ways(one: Reachable, step: Reach) -> list[str]:
    return [channel for channel in step.channels if channel in one.channels] or list(one.channels)


def _notify(tx: Tx, page: Page, person: UUID, channel: str) -> None:
    notice = PageNotice(
        id=new_id(),
        practice_id=tx.practice,
        page=page,
        round=page.round,
        step=page.step,
        person_id=person,
        channel=channel,
        at=tx.now,
    )
    key = f"{page.id}:{page.round}:{page.step}:{person}:{channel}"
    payload = {"page": str(page.id), "notice": str(notice.id), "person": str(person)}
    notice.promise_id = promises.make(tx, New(CHANNELS[channel], key, tx.now, payload))
    PageNotice.objects.bulk_create([notice], ignore_conflicts=True)


def promise_late(tx: Tx, page: Page) -> None:
    """If nobody has accepted by then, the caller and the desk are told."""
    due = tx.now + timedelta(minutes=in_force().promises.unaccepted_minutes)
    promises.make(tx, New(LATE, f"{page.id}:{page.round}:{page.raised_again}", due, {"page": str(page.id)}))


def _promise_next(tx: Tx, page: Page) -> None:
    due = page.next_at or tx.now
    promises.make(tx, New(STEP, step_key(page), due, {"page": str(page.id)}))


def step_key(page: Page) -> str:
    """Of the promise to begin the step after the one the page is at."""
    return f"{page.id}:{page.round}:{page.step}"


def hurry(tx: Tx, page: Page) -> None:
    """Every try of this step has failed: begin the next one now."""
    page.next_at = tx.now
    page.save()
    promises.bring_forward(tx, STEP, step_key(page), tx.now)


def stop(tx: Tx, page: Page) -> None:
    """Cancel what is still promised of a page."""
    for kind in (STEP, OUTCOME, LATE, *CHANNELS.values()):
        promises.cancel(tx, kind, f"{page.id}:")


def sound(tx: Tx, kind: str, key: str, page: Page | None = None, contact: UUID | None = None) -> None:
    """An alarm at the desk; once per key."""
    alarm = Alarm(id=new_id(), practice_id=tx.practice, kind=kind, key=key, page=page, contact_id=contact, at=tx.now)
    Alarm.objects.bulk_create([alarm], ignore_conflicts=True)


def tell_callers(tx: Tx, page: Page, kind: str, key: str, **args: str) -> None:
    """News for the calls about this page whose callers are still there; the nodes that hold them are poked."""
    about = Q(contact__thread=page.message_id) | Q(contact__in=[page.contact_id] if page.contact_id else [])
    news = [
        CallCommand(
            id=new_id(),
            practice_id=tx.practice,
            contact_id=live.contact_id,
            node=live.node,
            kind=kind,
            key=f"{key}:{live.contact_id}",
            args=args,
            made_at=tx.now,
            expires_at=tx.now + NEWS_LASTS,
        )
        for live in LiveCall.objects.filter(about, practice_id=tx.practice)
    ]
    CallCommand.objects.bulk_create(news, ignore_conflicts=True)
