"""What a notice of a page says on its channel, and where it goes. Nothing in it is of the patient (`core.oncall.script`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from careline.actions import paging
from careline.actions.on_call import reachable
from careline.core.oncall import reply, script
from careline.core.ways import EMAIL, PAGER, PUSH, SMS
from careline.ports import Letter
from careline.settings import from_environment
from careline.storage.models import Practice, PushSubscription
from careline.storage.transactions import keys_of

if TYPE_CHECKING:
    from careline.actions.on_call import Reachable
    from careline.core.oncall.script import Notice
    from careline.storage.claims import Claimed
    from careline.storage.models import Page
    from careline.storage.transactions import Tx

_SHORTEST_S, _LONGEST_S = 60, 900


def letter_for(tx: Tx, claim: Claimed, page: Page) -> Letter | None:
    """None when this person cannot be written to this way (any more)."""
    channel = str(claim.payload.get("channel") or claim.kind.removeprefix("page."))
    who = reachable(tx).get(claim.payload["person"])
    if who is None or channel not in who.channels:
        return None
    link = f"{from_environment().public_url}/pages/{page.id}"
    words = (
        _taken(page, who, channel, _name(tx)) if claim.kind == paging.TAKEN else _paged(tx, claim, page, who, channel)
    )
    left = (page.next_at - tx.now).total_seconds() if page.next_at is not None else _LONGEST_S
    return Letter(
        to=_browsers(tx, who.person) if channel == PUSH else who.channels[channel],
        subject=words.first,
        body=words.second,
        key=f"{claim.kind}:{claim.key}",
        channel=channel,
        link=link,
        tag=f"{claim.practice}.{claim.promise}",
        since=claim.due_at if claim.attempt > 1 else None,
        seconds=int(min(max(left, _SHORTEST_S), _LONGEST_S)),
    )


def code_for(tx: Tx, notice: UUID) -> str:
    """The reply code of one notice: nobody without the practice's key can work it out, and nothing need be kept."""
    return reply.code_of(keys_of(tx.practice).fingerprint("reply code", str(notice)))


def _paged(tx: Tx, claim: Claimed, page: Page, who: Reachable, channel: str) -> Notice:
    name, site = _name(tx), from_environment().public_url
    urgency = script.urgency_word(who.language, page.level, worse=page.worsened_at is not None)
    link = f"{site}/pages/{page.id}"
    if channel == SMS:
        code = code_for(tx, UUID(claim.payload["notice"]))
        return script.by_text(who.language, urgency, name, page.reference, link, code)
    if channel == PAGER:
        return script.by_pager(who.language, urgency, name, page.reference, site)
    if channel == PUSH:
        return script.by_push(who.language, urgency, name, page.reference)
    return script.by_mail(who.language, urgency, name, page.reference, link)


def _taken(page: Page, who: Reachable, channel: str, practice: str) -> Notice:
    holder = str(page.accepted_by) if page.accepted_by is not None else ""
    full = script.taken(who.language, practice, page.reference, holder)
    short = script.taken_by_text(who.language, page.reference, holder)
    if channel == EMAIL:
        return full
    return script.Notice(full.first, short.second) if channel == PUSH else short


def _browsers(tx: Tx, person: UUID) -> str:
    rows = PushSubscription.objects.filter(practice_id=tx.practice, person_id=person).order_by("id")
    return json.dumps([dict(row.browser) for row in rows])


def _name(tx: Tx) -> str:
    return Practice.objects.values_list("name", flat=True).get(id=tx.practice)
