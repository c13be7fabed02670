"""Promises by themselves: in one worker's hands at a time, lost by whoever dies or freezes, never finished by two."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from careline.actions.commands import AwaitPromises
from careline.actions.keeping import Keeper
from careline.core.errors import TryAgain
from careline.storage import listening, promises
from careline.storage.claims import Again, Claimed, GiveUpLoudly, Kept, New, Overtaken, Result, Standing
from careline.storage.models import Alarm, Promise, PromiseAttempt
from careline.storage.transactions import Actor, practice
from careline.testing.clock import MovableClock
from careline.workers.work import in_threads

KIND = "test.kind"
LEASE = timedelta(seconds=10)
TEST = Actor.service("test")


def make(of: UUID, clock: MovableClock, *keys: str, due: timedelta = timedelta(0), kind: str = KIND) -> list[UUID]:
    with practice(of, actor=TEST, purpose="test", now=clock.now()) as tx:
        return [promises.make(tx, New(kind, key, clock.now() + due, {"n": key})) for key in keys]


def claim(clock: MovableClock, worker: str = "w1", most: int = 10) -> list[Claimed]:
    return promises.claim([KIND], worker, clock.now(), LEASE, most)


def finish(one: Claimed, clock: MovableClock, result: Result) -> Standing:
    with practice(one.practice, actor=TEST, purpose="test", now=clock.now()) as tx:
        return promises.finish(tx, one, result)


def test_promised_twice_is_one_promise(demo: UUID, clock: MovableClock) -> None:
    assert make(demo, clock, "a") == make(demo, clock, "a", due=timedelta(hours=1))
    assert len(claim(clock)) == 1


def test_due_first_is_claimed_first_and_nothing_before_its_time(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, "later", due=timedelta(minutes=2))
    make(demo, clock, "sooner", due=timedelta(minutes=1))
    assert claim(clock) == []
    assert promises.next_due([KIND]) == clock.now() + timedelta(minutes=1)
    clock.move(minutes=5)
    assert [one.key for one in claim(clock, most=1)] == ["sooner"]
    assert [one.key for one in claim(clock)] == ["later"]


def test_a_worker_claims_only_kinds_it_can_keep(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, "a", kind="other.kind")
    assert claim(clock) == []


def test_a_lease_that_ends_gives_the_promise_to_the_next_and_marks_the_repeat(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, "a")
    (first,) = claim(clock, "dies")
    assert claim(clock, "w2") == []
    clock.move(seconds=11)
    (second,) = claim(clock, "w2")
    assert (first.repeat, second.repeat) == (False, True)
    assert (second.attempt, second.fence) == (2, first.fence + 1)


def test_a_renewed_lease_is_kept(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, "a")
    (mine,) = claim(clock)
    clock.move(seconds=9)
    assert promises.renew([mine], clock.now() + LEASE) == {mine.promise}
    clock.move(seconds=9)
    assert claim(clock, "w2") == []


def test_whoever_was_overtaken_changes_nothing(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, "a")
    (slow,) = claim(clock, "slow")
    clock.move(seconds=11)
    (quick,) = claim(clock, "quick")
    assert finish(slow, clock, Again(clock.now() + timedelta(days=1))) is Standing.OVERTAKEN
    assert promises.renew([slow], clock.now() + timedelta(days=1)) == set()
    with pytest.raises(Overtaken), practice(demo, actor=TEST, purpose="test", now=clock.now()):
        promises.hold(slow)
    assert finish(quick, clock, Kept()) is Standing.OURS
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        outcomes = PromiseAttempt.objects.order_by("n").values_list("outcome", flat=True)
        assert list(outcomes) == ["overtaken:again", "kept"]
        assert Promise.objects.get(kind=KIND).state == "kept"


def test_again_falls_due_again_without_being_a_repeat(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, "a")
    (first,) = claim(clock)
    finish(first, clock, Again(clock.now() + timedelta(minutes=1), "provider down"))
    assert claim(clock) == []
    clock.move(minutes=1)
    (second,) = claim(clock)
    assert (second.attempt, second.repeat) == (2, False)


def test_giving_up_is_loud(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, "a")
    (mine,) = claim(clock)
    finish(mine, clock, GiveUpLoudly("cannot be dialled"))
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        assert Alarm.objects.get().kind == f"given_up:{KIND}"


def test_a_cancelled_promise_is_not_kept_and_its_try_still_stands_on_record(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, "page:1:a", "page:2:b")
    (first, second) = sorted(claim(clock), key=lambda one: one.key)
    with practice(demo, actor=TEST, purpose="test", now=clock.now()) as tx:
        assert promises.cancel(tx, KIND, "page:1:") == 1
    assert finish(first, clock, Kept("rang")) is Standing.CANCELLED
    assert finish(second, clock, Kept("rang")) is Standing.OURS
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        assert set(PromiseAttempt.objects.values_list("outcome", flat=True)) == {"rang"}


def test_two_practices_promises_are_kept_by_the_same_workers(demo: UUID, other: UUID, clock: MovableClock) -> None:
    make(demo, clock, "a")
    make(other, clock, "a")
    assert {one.practice for one in claim(clock)} == {demo, other}


def test_ten_workers_at_once_keep_a_hundred_promises_once_each(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, *(f"k{n}" for n in range(100)))
    kept: list[str] = []

    async def note(one: Claimed) -> Result:
        kept.append(one.key)
        return Kept()

    async def all_at_once() -> None:
        keepers = [Keeper(in_threads(threads), {KIND: note}, f"w{n}", clock, at_once=7) for n in range(10)]
        await asyncio.gather(*(keeper.keep_due() for keeper in keepers))

    with ThreadPoolExecutor(4) as threads:
        asyncio.run(all_at_once())
        close_connections(threads, 4)
    assert sorted(kept) == sorted(f"k{n}" for n in range(100))


def test_a_handler_that_fails_is_tried_again_later_and_later(demo: UUID, clock: MovableClock) -> None:
    make(demo, clock, "a")
    tries: list[int] = []

    async def fails(one: Claimed) -> Result:
        tries.append(one.attempt)
        if one.attempt < 4:
            raise TryAgain("the provider is down")
        return Kept()

    with ThreadPoolExecutor(1) as threads:
        keeper = Keeper(in_threads(threads), {KIND: fails}, "w1", clock)
        for _ in range(30):
            asyncio.run(keeper.keep_due())
            clock.move(seconds=1)
        close_connections(threads, 1)
    assert tries == [1, 2, 3, 4]
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        assert list(PromiseAttempt.objects.order_by("n").values_list("outcome", "reason")) == [
            ("error", "TryAgain"), ("error", "TryAgain"), ("error", "TryAgain"), ("kept", ""),
        ]  # fmt: skip


def test_a_promise_made_wakes_a_keeper_at_once(demo: UUID, clock: MovableClock) -> None:
    """By the real clock: the keeper naps for seconds, and is woken in far less."""

    async def scenario() -> float:
        loop, napping, kept = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        reach = in_threads(threads)

        async def send(command: object, deadline_s: float) -> Any:
            if isinstance(command, AwaitPromises):
                napping.set()
            return await reach(command, deadline_s)

        async def note(_: Claimed) -> Result:
            kept.set()
            return Kept()

        running = asyncio.create_task(Keeper(send, {KIND: note}, "w1", clock).run())
        await napping.wait()
        began = loop.time()
        await loop.run_in_executor(threads, make, demo, clock, "a")
        await asyncio.wait_for(kept.wait(), 5)
        waited = loop.time() - began
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return waited

    with ThreadPoolExecutor(4) as threads:
        waited = asyncio.run(scenario())
        close_connections(threads, 4)
    assert waited < 1.0, f"{waited:.3f} s: it slept on instead of being woken"


def close_connections(threads: ThreadPoolExecutor, count: int) -> None:
    """Each worker thread closes its own connection; a barrier makes sure that every one of them takes part."""
    barrier = Barrier(count)

    def close() -> None:
        listening.leave()
        connections.close_all()
        barrier.wait(10)

    for done in [threads.submit(close) for _ in range(count)]:
        done.result()
