"""Letters to managers about what is missing in their rota: names of staff and times, never a patient's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from careline.actions.on_call import reachable
from careline.actions.perform import performs
from careline.actions.rota.calendar import calendar_between, rota_of
from careline.actions.rota.commands import FinishRotaLetter, PrepareRotaLetter
from careline.actions.rota.watch import ALARM, MAIL
from careline.core.oncall.letters import alarm, digest
from careline.core.oncall.telling import missing, stretch, told
from careline.ports import Letter, Outcome
from careline.settings import from_environment
from careline.storage import promises
from careline.storage.claims import Again, Kept
from careline.storage.models import Practice
from careline.storage.transactions import practice

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from careline.actions.keeping import Handler, Send
    from careline.core.oncall.script import Notice
    from careline.ports import Attempt, Clock, Messenger
    from careline.storage.claims import Claimed
    from careline.storage.transactions import Tx

_DATABASE_S, _MAIL_S = 10.0, 20.0
_RETRY = timedelta(seconds=30)


@performs(PrepareRotaLetter)
def prepare_rota_letter(command: PrepareRotaLetter) -> Letter | None:
    claim = command.claim
    with practice(claim.practice, actor=promises.KEEPER, purpose="watch rota", now=command.at) as tx:
        who = reachable(tx).get(claim.payload["person"])
        text = _text(tx, claim, who.language if who else "en")
        if text is None or who is None or "email" not in who.channels:
            promises.finish(tx, claim, Kept("not_needed" if text is None else "no_address"))
            return None
        tx.journal("rota.told", "promise", claim.promise, person=UUID(claim.payload["person"]))
        return Letter(to=who.channels["email"], subject=text.first, body=text.second, key=f"{MAIL}:{claim.key}")


def _text(tx: Tx, claim: Claimed, language: str) -> Notice | None:
    """What is missing now: whoever mended it meanwhile is not bothered."""
    start, end = tx.now, tx.now + timedelta(days=rota_of(tx).days_ahead)
    if claim.payload["what"] == ALARM:
        start = max(datetime.fromisoformat(claim.payload["start"]), tx.now)
        end = max(datetime.fromisoformat(claim.payload["end"]), start)
    calendar = calendar_between(tx, start, end)
    found = missing(calendar, start, end)
    if not found:
        return None
    here = Practice.objects.get(id=tx.practice)
    link = f"{from_environment().public_url}/p/{here.slug}/on-call/"
    lines = tuple(told(calendar, one) for one in found)
    if claim.payload["what"] == ALARM:
        when = stretch(ZoneInfo(calendar.timezone), found[0].start, found[0].end)
        return alarm(language, here.name, when, lines, link)
    return digest(language, here.name, lines, link)


@performs(FinishRotaLetter)
def finish_rota_letter(command: FinishRotaLetter) -> None:
    claim, attempt = command.claim, command.attempt
    with practice(claim.practice, actor=promises.KEEPER, purpose="watch rota", now=command.at) as tx:
        if attempt.outcome is Outcome.RETRY:
            pause = min(_RETRY * claim.attempt, timedelta(minutes=10))
            promises.finish(tx, claim, Again(tx.now + pause, attempt.reason, attempt.outcome.value, attempt.reference))
        else:
            promises.finish(tx, claim, Kept(attempt.outcome.value, attempt.reference))


def rota_mailing(send: Send, messenger: Messenger, clock: Clock) -> dict[str, Handler]:
    """Handlers for a `Keeper` in the work process."""

    async def mail(claim: Claimed) -> None:
        await _keep(send, clock, claim, lambda letter: messenger.send(letter, _MAIL_S))

    return {MAIL: mail}


async def _keep(send: Send, clock: Clock, claim: Claimed, post: Callable[[Letter], Awaitable[Attempt]]) -> None:
    letter = await send(PrepareRotaLetter(claim, clock.now()), _DATABASE_S)
    if letter is not None:
        attempt = await post(letter)
        await send(FinishRotaLetter(claim, attempt, clock.now()), _DATABASE_S)
