"""Keeps the promise "ring me, then my patient" that a clinician asked for at a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careline.actions.patch_commands import PrepareRelay, RelayOrder
from careline.calls.patch_words import words
from careline.calls.talk import KEY_SECONDS, Gone, Talk
from careline.core.oncall.paged import Paged
from careline.ports import DialFailed
from careline.storage.claims import Kept

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from careline.calls.patch import Patches
    from careline.storage.claims import Claimed, Result

RELAY_KINDS = ("page.relay",)
_DATABASE_S, _RING_S = 10.0, 30.0


def relaying(
    send: Callable[[object, float], Awaitable[Any]], patches: Patches
) -> dict[str, Callable[[Claimed], Awaitable[Result | None]]]:
    """Handlers for a `Keeper` in the voice process. It is asked for by somebody who looks at the page: not answered, it is
    over, and they see that."""

    async def keep(claim: Claimed) -> Result | None:
        order: RelayOrder | None = await send(PrepareRelay(claim, patches.clock.now()), _DATABASE_S)
        if order is None:
            return None
        talk = await _reached(patches, order)
        if talk is None:
            await patches.over(order.practice, order.patch)
            return Kept("no_answer")
        patches.begin(talk, Paged(order.practice, order.page, order.person, mine=True, holder=""), order.key)
        return Kept("connected", talk.leg.id)

    return dict.fromkeys(RELAY_KINDS, keep)


async def _reached(patches: Patches, order: RelayOrder) -> Talk | None:
    """The clinician, who presses 1: a voicemail is joined to no patient."""
    leg = await patches.telephone.dial(order.number, order.line, _RING_S)
    if isinstance(leg, DialFailed):
        return None
    talk = Talk(leg, patches.voice, patches.cache, order.language, order.key).start()
    try:
        for _ in range(2):
            talk.say(words(order.language, "press_one").format(practice=order.practice_name))
            if await talk.next_key(KEY_SECONDS) == "1":
                return talk
    except Gone:
        pass
    await talk.stop()
    return None
