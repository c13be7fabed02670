"""Handlers for notices of a page, for whoever holds the means: `voice` rings, `work` sends letters. No Django."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.commands import CallerOrder, FinishNotice, FinishTelling, PrepareNotice, PrepareTelling, RingOrder
from careline.core.ways import PHONE, WAYS
from careline.ports import Attempt, Letter, Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from careline.actions.keeping import Handler, Send
    from careline.core.oncall.paged import Paged
    from careline.ports import Announcer, Clock, Dialler, Messenger
    from careline.storage.claims import Claimed

RING_KINDS = ("page.phone",)
MAIL_KINDS = (*(f"page.{way}" for way in WAYS if way != PHONE), "page.taken")
CALL_KINDS, TEXT_KINDS = ("caller.phone",), ("caller.sms",)
_DATABASE_S = 10.0
_MAIL_S = 20.0


def ringing(send: Send, dialler: Dialler, clock: Clock) -> dict[str, Handler]:
    """Handlers for a `Keeper` in the voice process."""

    async def ring(order: Any) -> Attempt:
        if not isinstance(order, RingOrder):
            return Attempt(Outcome.FAILED, reason="not a telephone call")
        return await dialler.ring(order.number, order.script, order.deadline_s, order.key)

    async def settle(order: Any, paged: Paged | None) -> None:
        if isinstance(order, RingOrder):
            await dialler.settled(order.key, paged)

    return dict.fromkeys(RING_KINDS, _notice(send, clock, ring, settle))


def calling_back(send: Send, announcer: Announcer, clock: Clock) -> dict[str, Handler]:
    """Handlers for a `Keeper` in the voice process: callers are told that nobody has accepted yet."""

    async def keep(claim: Claimed) -> None:
        order = await send(PrepareTelling(claim, clock.now()), _DATABASE_S)
        if isinstance(order, CallerOrder):
            said = (order.number.reveal(), order.text, order.language, order.deadline_s, order.key)
            await send(FinishTelling(claim, await announcer.announce(*said), clock.now()), _DATABASE_S)

    return dict.fromkeys(CALL_KINDS, keep)


def mailing(send: Send, messenger: Messenger, clock: Clock) -> dict[str, Handler]:
    """Handlers for a `Keeper` in the work process."""

    async def mail(order: Any) -> Attempt:
        if not isinstance(order, Letter):
            return Attempt(Outcome.FAILED, reason="not a letter")
        return await messenger.send(order, _MAIL_S)

    async def tell(claim: Claimed) -> None:
        order = await send(PrepareTelling(claim, clock.now()), _DATABASE_S)
        if order is not None:
            await send(FinishTelling(claim, await mail(order), clock.now()), _DATABASE_S)

    return {**dict.fromkeys(MAIL_KINDS, _notice(send, clock, mail)), **dict.fromkeys(TEXT_KINDS, tell)}


def _notice(
    send: Send,
    clock: Clock,
    reach: Callable[[Any], Awaitable[Attempt]],
    settle: Callable[[Any, Paged | None], Awaitable[None]] | None = None,
) -> Handler:
    async def keep(claim: Claimed) -> None:
        order = await send(PrepareNotice(claim, clock.now()), _DATABASE_S)
        if order is None:
            return
        attempt = await reach(order)
        paged: Paged | None = None
        try:
            paged = await send(FinishNotice(claim, attempt, clock.now()), _DATABASE_S)
        finally:
            if settle is not None and attempt.outcome is Outcome.ACCEPTED:
                await settle(order, paged)

    return keep
