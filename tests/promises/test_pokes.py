"""Whoever watches is poked when something changes: ids only, and nothing that the database knows of a patient."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from typing import cast

from night import Night

from careline.actions.accept_page import accept_page
from careline.actions.commands import AppendRecord, TurnLine
from careline.actions.perform import perform
from careline.core.dialogue.deeds import PageClinician
from careline.core.people import Private
from careline.storage.listening import LIVE, MISSED, Poke, listen
from careline.storage.models import Membership, Page
from careline.testing.callers import a_summary, a_triage
from database import TestDatabase


def pokes_of(change: Callable[[], object], enough: Callable[[list[Poke]], bool]) -> list[Poke]:
    """What a listener hears while `change` is made."""

    async def hear() -> list[Poke]:
        heard: list[Poke] = []
        listening = cast("AsyncGenerator[Poke]", listen(LIVE))
        async with asyncio.timeout(10):
            assert await anext(listening) == Poke(MISSED)
            await asyncio.get_running_loop().run_in_executor(None, closing, change)
            while not enough(heard):
                heard.append(await anext(listening))
        await listening.aclose()
        return heard

    return asyncio.run(hear())


def closing(change: Callable[[], object]) -> None:
    from django.db import connections

    change()
    connections.close_all()


def test_every_change_of_a_contact_pokes_with_ids_only(night: Night) -> None:
    call = night.a_call()
    said = TurnLine(1, "caller", Private("my chest hurts"), "en", 0, 1)
    heard = pokes_of(
        lambda: perform(AppendRecord(call.practice, call.contact, night.clock.now(), (said,))),
        lambda pokes: bool(pokes),
    )
    assert [poke.row() for poke in heard] == [(call.practice, "contact", call.contact)]


def test_a_page_pokes_when_raised_and_when_accepted(night: Night) -> None:
    call = night.a_call()
    deed = PageClinician(a_summary(), a_triage())
    tables = lambda pokes: {poke.row()[1] for poke in pokes}  # noqa: E731
    raised = pokes_of(lambda: night.do(call, "clinical", deed), lambda pokes: "page" in tables(pokes))
    assert {"contact", "message", "page"} >= tables(raised)
    with night.look() as tx:
        tx.journal("test", "page")
        page = Page.objects.get().id
        rivera = Membership.objects.get(staff_id="rivera").person_id
    accepted = pokes_of(
        lambda: accept_page(night.practice, page, rivera, "web", night.clock.now()),
        lambda pokes: {"page", "message"} <= tables(pokes),
    )
    assert (night.practice, "page", page) in [poke.row() for poke in accepted]


def test_a_listener_that_was_cut_off_comes_back_and_is_told_that_it_may_have_missed_something(
    night: Night, db: TestDatabase
) -> None:
    from test_database_goes_away import cut_off

    async def hear() -> list[str]:
        listening = cast("AsyncGenerator[Poke]", listen(LIVE))
        async with asyncio.timeout(15):
            channels = [(await anext(listening)).channel]
            await asyncio.get_running_loop().run_in_executor(None, cut_off, db)
            channels.append((await anext(listening)).channel)
        await listening.aclose()
        return channels

    assert asyncio.run(hear()) == [MISSED, MISSED]
    assert os.environ["CARELINE_APP_DATABASE"] == db.app
