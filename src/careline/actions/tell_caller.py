"""Nobody has accepted a page in time: its caller is called back with the safety-net words, or texted when that fails.

page.late ──► caller.phone ──said to the end──► done
                  └── no answer, no number to call, not safe to call ──► caller.sms ──taken by the carrier──► done
                                                                             └── cannot ──► alarm at the desk
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions import paging
from careline.actions.advance_page import locked
from careline.actions.commands import CallerOrder, FinishTelling, PrepareTelling
from careline.actions.in_force import in_force
from careline.actions.perform import performs
from careline.core.oncall import late
from careline.core.people import Private
from careline.core.practice import PHONE_NUMBER
from careline.core.ways import PHONE, SMS
from careline.ports import Letter, Outcome
from careline.storage import promises
from careline.storage.claims import Again, Kept, New, Standing
from careline.storage.models import Contact, LiveCall, Message
from careline.storage.transactions import practice

if TYPE_CHECKING:
    from careline.storage.claims import Claimed
    from careline.storage.models import Page
    from careline.storage.transactions import Tx

CALL, TEXT = "caller.phone", "caller.sms"
_SAFE = {PHONE: "safe_to_call", SMS: "safe_to_text"}
_MOST_TRIES = 3
CALL_S, TEXT_S = 120.0, 600


def owe_words(tx: Tx, page: Page) -> None:
    _promise(tx, page, CALL)


def _promise(tx: Tx, page: Page, kind: str) -> None:
    key = f"{page.id}:{page.round}:{page.raised_again}"
    promises.make(tx, New(kind, key, tx.now, {"page": str(page.id)}))


@performs(PrepareTelling)
def prepare_telling(command: PrepareTelling) -> CallerOrder | Letter | None:
    """None when there is nothing left to tell, or the next way was promised instead."""
    claim = command.claim
    with practice(claim.practice, actor=promises.KEEPER, purpose="tell caller", now=command.at) as tx:
        page = locked(tx, claim.payload["page"])
        message = Message.objects.get(id=page.message_id)
        there = LiveCall.objects.filter(practice_id=tx.practice, contact__in=[page.contact_id]).exists()
        if page.state != "open" or there:  # who is on the line is told there
            promises.finish(tx, claim, Kept("not_needed"))
            tx.journal("caller.spared", "page", page.id, there=there)
            return None
        way = claim.kind.rpartition(".")[2]
        number = _number(message, way)
        tx.journal("caller.told", "page", page.id, way=way, attempt=claim.attempt, reachable=bool(number))
        if not number:
            if promises.finish(tx, claim, Kept("no_address")) is Standing.OURS:
                _next_way(tx, page, claim)
            return None
        return _order(claim, message, number)


@performs(FinishTelling)
def finish_telling(command: FinishTelling) -> None:
    claim, attempt = command.claim, command.attempt
    with practice(claim.practice, actor=promises.KEEPER, purpose="tell caller", now=command.at) as tx:
        page = locked(tx, claim.payload["page"])
        tx.journal("caller.telling.ended", "page", page.id, outcome=attempt.outcome.value)
        told = attempt.outcome is Outcome.DELIVERED
        if attempt.outcome is Outcome.RETRY and claim.attempt < _MOST_TRIES:
            again = Again(tx.now + paging.RETRY, attempt.reason, attempt.outcome.value, attempt.reference)
            promises.finish(tx, claim, again)
        elif promises.finish(tx, claim, Kept(attempt.outcome.value, attempt.reference)) is Standing.OURS and not told:
            _next_way(tx, page, claim)


def _next_way(tx: Tx, page: Page, claim: Claimed) -> None:
    if claim.kind == CALL:
        _promise(tx, page, TEXT)
    else:
        paging.sound(tx, "caller_not_told", f"not_told:{page.id}:{page.round}:{page.raised_again}", page)


def _number(message: Message, way: str) -> Private | None:
    """Where this patient is called or texted; None when there is no number, or they said it is not safe."""
    identity = message.identity or {}
    if identity.get(_SAFE[way]) is False:
        return None
    given = identity.get("callback_number")
    number = Private(str(given)) if given else None
    if number is None and message.contact_id is not None:
        number = Contact.objects.get(id=message.contact_id).caller_number
    full = _full(number.reveal()) if number is not None else ""
    return Private(full) if full else None


def _full(number: str) -> str:
    """With + and country; ten digits as callers say them are of the United States. "" for what cannot be dialled."""
    digits = "".join(letter for letter in number if letter.isdigit())
    whole = f"+{digits}" if number.strip().startswith("+") or len(digits) == 11 else f"+1{digits}"
    return whole if PHONE_NUMBER.match(whole) and len(digits) >= 10 else ""


def _order(claim: Claimed, message: Message, number: Private) -> CallerOrder | Letter:
    file = in_force()
    key = f"{claim.kind}:{claim.key}"
    if claim.kind == CALL:
        return CallerOrder(number, late.spoken(message.language, file.name), message.language, CALL_S, key)
    words = late.written(message.language, file.name, file.lines[0].number)
    since = claim.due_at if claim.attempt > 1 else None
    return Letter(number.reveal(), "", words, key, SMS, since=since, seconds=TEXT_S)
