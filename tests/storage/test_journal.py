"""Nothing is seen or changed without an entry, and no entry is changed without its being found out."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from busy import TEST, busy

from careline.core.errors import CarelineError, Refused
from careline.core.people import Private
from careline.storage import journal
from careline.storage.models import Contact, JournalEntry, JournalSeal, Message, Person
from careline.storage.transactions import NotJournaled, practice
from careline.testing.clock import MovableClock
from careline.workers.work import seal_all
from database import TestDatabase


def verify(of: UUID, clock: MovableClock) -> journal.Verdict:
    return journal.verify(of, clock.now(), TEST)


def written(of: UUID, clock: MovableClock, count: int) -> None:
    for number in range(count):
        with practice(of, actor=TEST, purpose="test", now=clock.now()) as tx:
            tx.journal("test.entry", "practice", of, number=number)
    seal_all(clock)


def test_reading_patient_data_without_an_entry_does_not_commit(demo: UUID, clock: MovableClock) -> None:
    busy(demo, "+12125550100", clock)
    for look in (
        lambda: list(Contact.objects.all()),
        lambda: Contact.objects.values_list("level").first(),
        lambda: Message.objects.count(),
        lambda: Contact.objects.filter(messages__kind="refill").exists(),
    ):
        with pytest.raises(NotJournaled), practice(demo, actor=TEST, purpose="test", now=clock.now()):
            look()


def test_changing_patient_data_without_an_entry_is_undone(demo: UUID, clock: MovableClock) -> None:
    busy(demo, "+12125550100", clock)
    with pytest.raises(NotJournaled), practice(demo, actor=TEST, purpose="test", now=clock.now()):
        Contact.objects.update(language="es")
    with practice(demo, actor=TEST, purpose="test", now=clock.now()) as tx:
        assert Contact.objects.get().language == "en"
        tx.journal("test", "contact")


def test_an_entry_says_who_what_when_and_why_and_no_patients_words(demo: UUID, clock: MovableClock) -> None:
    with practice(demo, actor=TEST, purpose="treatment", now=clock.now()) as tx:
        tx.journal("contact.read", "contact", demo, number=Private("+12125550123"), level="urgent")
        tx.journal("contact.read", "contact", demo, number=Private("+12125550123"))
        with pytest.raises(ValueError, match="free text"):
            tx.journal("contact.read", "contact", demo, reason="my chest hurts")
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        first, second = JournalEntry.objects.filter(action="contact.read").order_by("id")
    assert (first.actor_kind, first.actor, first.purpose, first.at) == ("service", "test", "treatment", clock.now())
    assert first.detail["level"] == "urgent"
    assert first.detail["number"].startswith("hmac:")
    assert first.detail["number"] == second.detail["number"]


def test_a_look_at_several_practices_stands_in_each_ones_journal(demo: UUID, other: UUID, clock: MovableClock) -> None:
    with practice(demo, also=[other], actor=TEST, purpose="test", now=clock.now()) as tx:
        tx.journal("desk.read", "contact")
    for one in (demo, other):
        with practice(one, actor=TEST, purpose="test", now=clock.now()):
            assert JournalEntry.objects.filter(action="desk.read").count() == 1


def test_a_whole_journal_verifies(demo: UUID, other: UUID, clock: MovableClock) -> None:
    written(demo, clock, 5)
    written(other, clock, 3)
    verdict = verify(demo, clock)
    assert (verdict.first_bad, verdict.unsealed) == (None, 0)
    assert verdict.sealed == 6  # loading the practice was the first
    assert verify(demo, clock).unsealed == 1, "verifying is an entry too"


@pytest.mark.parametrize(
    ("tampering", "first_bad", "why"),
    [
        ("UPDATE journal_entry SET actor = 'somebody-else' WHERE id = {entry}", 3, "changed"),
        ("UPDATE journal_entry SET detail = '{{\"number\": 9}}' WHERE id = {entry}", 3, "changed"),
        ("UPDATE journal_entry SET at = at + interval '1 second' WHERE id = {entry}", 3, "changed"),
        ("DELETE FROM journal_entry WHERE id = {entry}", 3, "deleted"),
        ("DELETE FROM journal_seal WHERE seq = 3", 3, "missing"),
        (
            (
                "DELETE FROM journal_entry WHERE id = {entry}; DELETE FROM journal_seal WHERE seq = 3; "
                "UPDATE journal_seal SET seq = seq - 1 WHERE seq > 3"
            ),
            3,
            "order",
        ),
        (
            (
                "UPDATE journal_seal SET entry = gen_random_uuid() WHERE seq = 3; "
                "UPDATE journal_seal SET entry = {entry} WHERE seq = 4"
            ),
            3,
            "deleted",
        ),
        (
            (
                "UPDATE journal_seal SET seq = -1 WHERE seq = 3; UPDATE journal_seal SET seq = 3 WHERE seq = 4; "
                "UPDATE journal_seal SET seq = 4 WHERE seq = -1"
            ),
            3,
            "order",
        ),
        ("UPDATE journal_seal SET seal = repeat('0', 64) WHERE seq = 3", 3, "changed"),
        (
            (
                'INSERT INTO journal_entry SELECT gen_random_uuid(), at, actor_kind, actor, purpose, action, "table", row, '
                "detail, practice_id FROM journal_entry WHERE id = {entry}"
            ),
            7,
            "outside",
        ),
    ],
)
def test_an_administrator_who_tampers_is_found_out(
    demo: UUID, db: TestDatabase, clock: MovableClock, tampering: str, first_bad: int, why: str
) -> None:
    written(demo, clock, 5)
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        entry = JournalSeal.objects.get(seq=3).entry
    with psycopg.connect(db.admin, options="-c search_path=careline") as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(tampering.format(entry=f"'{entry}'"))
    verdict = verify(demo, clock)
    assert verdict.first_bad == first_bad
    assert why in verdict.why


def test_two_sealers_at_once_make_one_chain(demo: UUID, clock: MovableClock) -> None:
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from django.db import connections

    barrier = Barrier(3)

    def seal_too() -> int:
        barrier.wait(10)
        sealed = sum(journal.seal(demo, clock.now()) for _ in range(20))
        connections.close_all()
        return sealed

    for number in range(10):
        with practice(demo, actor=TEST, purpose="test", now=clock.now()) as tx:
            tx.journal("test", "practice", number=number)
    with ThreadPoolExecutor(3) as threads:
        assert sum(job.result() for job in [threads.submit(seal_too) for _ in range(3)]) == 11
    assert verify(demo, clock).first_bad is None


def test_transactions_are_not_nested(demo: UUID, clock: MovableClock) -> None:
    with (
        practice(demo, actor=TEST, purpose="test", now=clock.now()),
        pytest.raises(CarelineError),
        practice(demo, actor=TEST, purpose="test", now=clock.now()),
    ):
        raise AssertionError("opened")


def test_a_person_who_was_shut_out_opens_nothing(demo: UUID, clock: MovableClock) -> None:
    from careline.storage.models import Membership
    from careline.storage.transactions import Actor

    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        rivera = Membership.objects.get(staff_id="rivera").person_id
    Person.objects.filter(id=rivera).update(is_active=False)
    with pytest.raises(Refused), practice(demo, actor=Actor.person(rivera), purpose="test", now=clock.now()):
        raise AssertionError("opened")
