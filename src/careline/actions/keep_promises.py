"""Promises for processes that reach the database by commands: claim, wait, renew, finish."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from careline.actions.commands import AwaitPromises, ClaimPromises, FinishPromises, RenewPromises
from careline.actions.perform import performs
from careline.storage import promises
from careline.storage.claims import GiveUpLoudly
from careline.storage.listening import PROMISES, wait
from careline.storage.transactions import practice

if TYPE_CHECKING:
    from uuid import UUID

    from careline.storage.claims import Claimed, Standing


@performs(ClaimPromises)
def claim_promises(command: ClaimPromises) -> tuple[Claimed, ...]:
    lease = timedelta(seconds=command.lease_s)
    return tuple(promises.claim(command.kinds, command.worker, command.at, lease, command.most))


@performs(AwaitPromises)
def await_promises(command: AwaitPromises) -> None:
    """Listens before it looks, so that nothing made in between is slept through."""
    until = time.monotonic() + command.wait_s
    with wait(PROMISES) as pokes:
        due = promises.next_due(command.kinds)
        if due is not None:
            until = min(until, time.monotonic() + max(0.0, (due - command.at).total_seconds()))
        while (left := until - time.monotonic()) > 0:
            if any(poke in command.kinds for poke in pokes(left)):
                return


@performs(RenewPromises)
def renew_promises(command: RenewPromises) -> frozenset[UUID]:
    return frozenset(promises.renew(command.claims, command.at + timedelta(seconds=command.lease_s)))


@performs(FinishPromises)
def finish_promises(command: FinishPromises) -> tuple[Standing, ...]:
    """In one statement, but for what is given up: an alarm goes with that."""
    quiet = [one for one in command.results if not isinstance(one[1], GiveUpLoudly)]
    standings = promises.report(quiet, command.at) if quiet else {}
    for claim, result in command.results:
        if isinstance(result, GiveUpLoudly):
            with practice(claim.practice, actor=promises.KEEPER, purpose="keep promises", now=command.at) as tx:
                standings[claim.promise] = promises.finish(tx, claim, result)
    return tuple(standings[claim.promise] for claim, _ in command.results)
