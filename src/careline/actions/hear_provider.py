"""What providers report: receipts, which are recorded and never count as an acceptance, and texts that people write back.

    text back ──► whose number is it? ──nobody of the staff──► silence
                      │
                      ├── STOP ──► no more texts; the step goes on by other ways; the desk is told
                      ├── the code of an open page's text, sent to this person, at most 15 minutes ago ──► accepted
                      ├── other digits while one is open ──► wrong; the fifth in a row locks this way, the desk is told
                      └── words ──► how to accept

The same report twice has one effect: its row, unique by the provider's reference, is written in the transaction of the effect.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from uuid import UUID

from careline.actions import paging
from careline.actions.accept_page import accept
from careline.actions.addresses import allow_texts, block_texts
from careline.actions.advance_page import locked
from careline.actions.decline_page import hurry_if_hopeless
from careline.actions.letters import code_for
from careline.actions.perform import retried
from careline.core.errors import Refused
from careline.core.oncall import reply, script
from careline.core.oncall.reply import Meant
from careline.core.ways import SMS
from careline.ports import Outcome
from careline.storage import promises
from careline.storage.lookups import practices_of_texting
from careline.storage.models import Membership, PageNotice, ProviderEvent
from careline.storage.transactions import Actor, practice

if TYPE_CHECKING:
    from datetime import datetime

    from careline.ports import Receipt, TextReply
    from careline.storage.models import Page
    from careline.storage.transactions import Tx

REPLY = "reply"
_PURPOSE = "page clinician"


@retried
def record_receipt(provider: str, receipt: Receipt, now: datetime) -> bool:
    """False for a receipt about nothing of ours, and for one we have already."""
    of, _, promise = receipt.tag.partition(".")
    try:
        practice_id, promise_id = UUID(of), UUID(promise)
    except ValueError:
        return False
    with practice(practice_id, actor=promises.KEEPER, purpose=_PURPOSE, now=now) as tx:
        notice = PageNotice.objects.filter(practice_id=practice_id, promise_id=promise_id).first()
        page = locked(tx, notice.page_id) if notice is not None else None
        event = ProviderEvent(
            practice_id=practice_id, provider=provider, reference=receipt.reference, said=receipt.word,
            promise_id=promise_id, effect=receipt.outcome.value, reason=receipt.reason[:200], at=now,
        )  # fmt: skip
        if notice is None or page is None or not _first_time(tx, event):
            return False
        tx.journal("page.notice.receipt", "page", page.id, said=receipt.word, provider=provider)
        if receipt.outcome is Outcome.FAILED:
            PageNotice.objects.filter(id=notice.id).update(outcome=Outcome.FAILED.value, ended_at=now)
            hurry_if_hopeless(tx, page)
        return True


def hear_reply(provider: str, said: TextReply, now: datetime) -> str:
    """What to text back; empty for nothing."""
    answers = [_hear(of, provider, said, now) for of in practices_of_texting(said.sender)]
    return next((answer for answer in answers if answer), "")


@retried
def _hear(practice_id: UUID, provider: str, said: TextReply, now: datetime) -> str:
    read = reply.read(said.text.reveal())
    with practice(practice_id, actor=promises.KEEPER, purpose=_PURPOSE, now=now) as tx:
        member = _texted(tx, said.sender)
        open_ = _open_notices(tx, member.person_id) if member is not None else []
        right = next((one for one in open_ if _same(code_for(tx, one.id), read.code)), None)
        tx.journal("page.reply", "membership", None, meant=read.meant.value, right=right is not None)
    if member is None:
        return ""
    actor = Actor.person(member.person_id) if right is not None else promises.KEEPER
    with practice(practice_id, actor=actor, purpose=_PURPOSE, now=now) as tx:
        event = ProviderEvent(
            practice_id=practice_id,
            provider=provider,
            reference=said.reference,
            said=REPLY,
            person=member.person,
            at=now,
        )
        if said.wish:
            return _wish(tx, event, member.person_id, said.wish)
        if right is not None:
            return _accepted(tx, event, member.person_id, right)
        if open_ and read.meant is not Meant.TALK:
            return _wrong(tx, event, member.person_id)
        event.effect = "none"
        return script.how_to_accept(member.person.language) if open_ and _first_time(tx, event) else ""


def _texted(tx: Tx, number: str) -> Membership | None:
    """Whose number it is here. One shared by two proves nothing about either."""
    wanted = [{"kind": SMS, "address": number}]
    found = Membership.objects.filter(practice_id=tx.practice, active=True, person__is_active=True)
    mine = list(found.filter(channels__contains=wanted).select_related("person"))
    return mine[0] if len(mine) == 1 else None


def _open_notices(tx: Tx, person: UUID) -> list[PageNotice]:
    """Texts of this person's that a code may still answer."""
    rows = PageNotice.objects.filter(
        practice_id=tx.practice, person_id=person, channel=SMS, at__gt=tx.now - reply.LASTS
    )
    return [
        row
        for row in rows.filter(page__state__in=("open", "accepted")).select_related("page")
        if row.round == row.page.round
    ]


def _same(ours: str, given: str) -> bool:
    return hmac.compare_digest(ours.encode(), given.encode())


def _first_time(tx: Tx, event: ProviderEvent) -> bool:
    made = ProviderEvent.objects.filter(
        practice_id=tx.practice, provider=event.provider, reference=event.reference, said=event.said
    )
    if made.exists():
        return False
    ProviderEvent.objects.bulk_create([event], ignore_conflicts=True)
    return made.values_list("id", flat=True).get() == event.id


def _accepted(tx: Tx, event: ProviderEvent, person: UUID, notice: PageNotice) -> str:
    page = locked(tx, notice.page_id)
    member = Membership.objects.select_for_update().get(practice_id=tx.practice, person_id=person)
    language, event.effect = member.person.language, "accepted"
    if member.codes_locked_at is not None or page.round != notice.round or not _first_time(tx, event):
        tx.journal("page.reply.late", "page", page.id)
        return ""
    Membership.objects.filter(id=member.id).update(wrong_codes=0)
    try:
        result = accept(tx, page, person, SMS)
    except Refused:
        return script.over_by_text(language, page.reference)
    if not result.mine:
        return script.taken_by_text(language, page.reference, result.name).second
    return script.yours_by_text(language, page.reference)


def _wrong(tx: Tx, event: ProviderEvent, person: UUID) -> str:
    member = Membership.objects.select_for_update().get(practice_id=tx.practice, person_id=person)
    event.effect = "wrong"
    if not _first_time(tx, event) or member.codes_locked_at is not None:
        return ""
    count = member.wrong_codes + 1
    Membership.objects.filter(id=member.id).update(wrong_codes=count)
    tx.journal("page.reply.wrong", "membership", member.id, count=count)
    if count < reply.MOST_WRONG:
        return script.wrong_by_text(member.person.language)
    Membership.objects.filter(id=member.id).update(codes_locked_at=tx.now)
    paging.sound(tx, "code_locked", f"code:{person}:{tx.now.date()}")
    for page in _pages_of(tx, person):
        tries = PageNotice.objects.filter(page=page, round=page.round, person_id=person, channel=SMS)
        tries.update(outcome=Outcome.LOCKED.value, ended_at=tx.now)
        hurry_if_hopeless(tx, page)
    return ""


def _pages_of(tx: Tx, person: UUID) -> list[Page]:
    ids = sorted({notice.page_id for notice in _open_notices(tx, person)}, key=str)
    return [locked(tx, page) for page in ids]


def _wish(tx: Tx, event: ProviderEvent, person: UUID, wish: str) -> str:
    event.effect = wish
    if _first_time(tx, event):
        if wish == "stop":
            block_texts(tx, person)
        else:
            allow_texts(tx, person)
    tx.journal("page.reply.wish", "membership", None, wish=wish)
    return ""
