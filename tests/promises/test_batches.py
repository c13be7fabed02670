"""Many promises claimed and finished at once: each by its own fence, and nothing that may have happened is called new."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

from test_claims import KIND, LEASE, TEST, claim, close_connections, make

from careline.actions.commands import FinishPromises
from careline.actions.keeping import Keeper
from careline.actions.perform import perform
from careline.core.errors import TryAgain
from careline.storage import promises
from careline.storage.claims import Again, Claimed, GiveUpLoudly, Kept, Result, Standing
from careline.storage.models import Alarm, Promise, PromiseAttempt
from careline.storage.transactions import practice
from careline.testing.clock import MovableClock
from careline.workers.work import in_threads


def states(of: UUID, clock: MovableClock) -> dict[str, str]:
    with practice(of, actor=TEST, purpose="test", now=clock.now()):
        return dict(Promise.objects.filter(kind=KIND).values_list("key", "state"))


def test_a_batch_settles_what_is_ours_and_leaves_what_another_took_over(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, "slow")
    (slow,) = claim(clock, "w1")
    clock.move(seconds=11)
    (taken,) = claim(clock, "w2")
    make(demo, clock, "kept", "later", "unwanted")
    mine = {one.key: one for one in claim(clock, "w1")}
    with practice(demo, actor=TEST, purpose="test", now=clock.now()) as tx:
        promises.cancel(tx, KIND, "unwanted")
    later = clock.now() + timedelta(hours=1)
    standings = promises.report(
        [
            (slow, Kept()),
            (mine["kept"], Kept("done", "ref-1")),
            (mine["later"], Again(later)),
            (mine["unwanted"], Kept()),
        ],
        clock.now(),
    )
    assert standings == {
        slow.promise: Standing.OVERTAKEN, mine["kept"].promise: Standing.OURS,
        mine["later"].promise: Standing.OURS, mine["unwanted"].promise: Standing.CANCELLED,
    }  # fmt: skip
    assert states(demo, clock) == {"slow": "waiting", "kept": "kept", "later": "waiting", "unwanted": "cancelled"}
    assert (taken.repeat, promises.next_due([KIND])) == (True, clock.now() + LEASE)
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        tries = PromiseAttempt.objects.filter(promise_id=slow.promise).order_by("n")
        assert [one.outcome for one in tries] == ["overtaken:kept", ""]
        assert PromiseAttempt.objects.get(promise_id=mine["kept"].promise).provider_ref == "ref-1"


def test_a_batch_reaches_over_practices(demo: UUID, other: UUID, clock: MovableClock) -> None:
    make(demo, clock, "a")
    make(other, clock, "a")
    both = claim(clock)
    assert {one.practice for one in both} == {demo, other}
    assert set(promises.report([(one, Kept()) for one in both], clock.now()).values()) == {Standing.OURS}
    assert states(demo, clock) == states(other, clock) == {"a": "kept"}


def test_giving_up_in_a_batch_is_as_loud_as_alone(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, "a", "b")
    first, second = sorted(claim(clock), key=lambda one: one.key)
    told = ((first, GiveUpLoudly("cannot be dialled")), (second, Kept()))
    assert perform(FinishPromises(told, clock.now())) == (Standing.OURS, Standing.OURS)
    assert states(demo, clock) == {"a": "given_up", "b": "kept"}
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        assert Alarm.objects.get().kind == f"given_up:{KIND}"


def test_what_ended_in_an_error_may_have_happened_so_the_next_try_is_marked(demo: UUID, clock: MovableClock) -> None:
    """A mail was accepted by its server, and then the database went away."""
    make(demo, clock, "a")
    tries: list[bool] = []

    async def fails_once(one: Claimed) -> Result:
        tries.append(one.repeat)
        if one.attempt == 1:
            raise TryAgain("the database did not answer")
        return Kept()

    with ThreadPoolExecutor(1) as threads:
        keeper = Keeper(in_threads(threads), {KIND: fails_once}, "w1", clock)
        asyncio.run(keeper.keep_due())
        clock.move(minutes=2)
        asyncio.run(keeper.keep_due())
        close_connections(threads, 1)
    assert tries == [False, True]


def test_a_report_that_does_not_arrive_is_never_replaced_by_another(demo: UUID, clock: MovableClock) -> None:
    """It was kept, and the database could not be told: the lease ends, and the next try says that it repeats."""
    make(demo, clock, "a")

    async def note(_: Claimed) -> Result:
        return Kept()

    with ThreadPoolExecutor(1) as threads:
        reach = in_threads(threads)

        async def deaf(command: object, deadline_s: float) -> Any:
            if isinstance(command, FinishPromises):
                raise TryAgain("the database did not answer")
            return await reach(command, deadline_s)

        asyncio.run(Keeper(deaf, {KIND: note}, "w1", clock).keep_due())
        close_connections(threads, 1)
    assert claim(clock, "w2") == []
    clock.move(seconds=11)
    assert [(one.attempt, one.repeat) for one in claim(clock, "w2")] == [(2, True)]


def test_a_keeper_reports_in_batches(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, *(f"k{n}" for n in range(100)))
    sent: list[object] = []

    async def note(_: Claimed) -> Result:
        return Kept()

    with ThreadPoolExecutor(1) as threads:
        reach = in_threads(threads)

        async def counting(command: object, deadline_s: float) -> Any:
            sent.append(command)
            return await reach(command, deadline_s)

        asyncio.run(Keeper(counting, {KIND: note}, "w1", clock, at_once=50).keep_due())
        close_connections(threads, 1)
    assert [len(one.results) for one in sent if isinstance(one, FinishPromises)] == [50, 50]
    assert set(states(demo, clock).values()) == {"kept"}
