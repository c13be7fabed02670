"""The database is stopped, started and cut off: what was asked is done once it is back, and nothing is done twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from night import Night

from careline.actions.accept_page import Acceptance, accept_page
from careline.actions.perform import TRIES, retried
from careline.core.dialogue.deeds import PageClinician
from careline.core.errors import Refused, TryAgain
from careline.storage.ids import new_id
from careline.storage.models import Contact, Membership, Page
from careline.testing.callers import a_summary, a_triage
from database import TestDatabase


def cut_off(db: TestDatabase) -> int:
    """End every connection of the product's, as a restart of the database does."""
    with psycopg.connect(db.admin, autocommit=True) as admin:
        return admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'careline_app' "
            "AND datname = current_database()"
        ).rowcount


def test_a_connection_that_was_cut_is_replaced_without_anybody_noticing(night: Night, db: TestDatabase) -> None:
    call = night.a_call()
    assert cut_off(db) >= 1
    assert night.do(call, "clinical", PageClinician(a_summary(), a_triage())).page is not None
    night.pass_time(seconds=1)
    assert cut_off(db) >= 1
    night.pass_time(seconds=30)
    with night.look() as tx:
        tx.journal("test", "contact")
        assert (Contact.objects.count(), Page.objects.count()) == (1, 1)
    assert len(night.phone.rung) == 2


def test_a_database_that_stays_away_is_told_as_try_again_and_not_for_ever(night: Night, db: TestDatabase) -> None:
    tries: list[int] = []

    @retried
    def cut_every_time() -> None:
        tries.append(cut_off(db))
        with night.look() as tx:
            cut_off(db)
            tx.journal("test", "practice")

    with pytest.raises(TryAgain):
        cut_every_time()
    assert len(tries) == TRIES


def test_two_clinicians_accept_at_the_same_instant_and_one_has_it(night: Night) -> None:
    page = night.a_page()
    with night.look():
        people = list(Membership.objects.filter(role="clinician").values_list("person_id", flat=True))
    barrier = Barrier(8)

    def accept(person: UUID) -> Acceptance:
        barrier.wait(10)
        result = accept_page(night.practice, page, person, "web", night.clock.now())
        connections.close_all()
        return result

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(accept, people * 4))
    assert len({answer.by for answer in answers}) == 1
    assert sum(answer.mine for answer in answers) == 4


def test_what_is_not_there_and_what_is_anothers_are_the_same_answer(night: Night, other: UUID) -> None:
    with night.look():
        rivera = Membership.objects.get(staff_id="rivera").person_id
    page = night.a_page()
    with pytest.raises(Refused, match="no such thing"):
        accept_page(night.practice, new_id(), rivera, "web", night.clock.now())
    with pytest.raises(Refused):
        accept_page(other, page, rivera, "web", night.clock.now())
