"""A contact's proof can be taken away, which is a disclosure; and it still fits the journal later, or shows why not."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import invented
import psycopg
import pytest

from careline.cli.audit import seals_in
from careline.core.errors import Refused
from careline.storage.journal import verify
from careline.storage.models import JournalEntry
from careline.storage.transactions import Actor, practice
from careline.workers.work import seal_all
from conftest import SignIn
from database import TestDatabase

TEST = Actor.service("test")


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def contact(with_passwords: UUID) -> UUID:
    began = datetime.now(UTC)
    found = invented.write_contact(with_passwords, invented.CHEST, began, live=False)
    invented.write_page(with_passwords, invented.CHEST, found, began)
    seal_all(Now())
    return found


def test_it_tells_everything_from_hello_to_outcome_with_numbers_masked(contact: UUID, sign_in: SignIn) -> None:
    answer = sign_in("operator").get(f"/p/demo/contacts/{contact}/proof.json")
    told = answer.json()
    assert told["schema"] == "careline.proof/1"
    assert told["timeline"][0]["what"] == "The contact began"
    assert [one["at"] for one in told["timeline"]] == sorted(one["at"] for one in told["timeline"])
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", one["at"]) for one in told["timeline"])
    attempts = [attempt for page in told["pages"] for attempt in page["attempts"]]
    assert attempts
    assert {"person", "channel", "to", "began", "ended", "outcome", "reference", "step", "reason"} == set(attempts[0])
    assert "+1212555" not in json.dumps(told["pages"])
    assert "attachment" in answer.headers["Content-Disposition"]


def test_taking_it_is_journalled_as_a_disclosure(contact: UUID, sign_in: SignIn, with_passwords: UUID) -> None:
    client = sign_in("clinician")
    client.get(f"/p/demo/contacts/{contact}/proof.json")
    client.get(f"/p/demo/contacts/{contact}/proof.pdf")
    with practice(with_passwords, actor=TEST, purpose="test", now=datetime.now(UTC)):
        told = JournalEntry.objects.filter(action="contact.disclosed").order_by("id")
        assert [(one.purpose, one.detail["form"], one.row) for one in told] == [
            ("disclosure", "json", contact), ("disclosure", "pdf", contact),
        ]  # fmt: skip


def test_it_prints(contact: UUID, sign_in: SignIn) -> None:
    answer = sign_in("manager").get(f"/p/demo/contacts/{contact}/proof.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert len(answer.content) > 2000


def test_another_practices_contact_has_no_proof_here(contact: UUID, sign_in: SignIn) -> None:
    assert sign_in("operator").get(f"/p/demo/contacts/{UUID(int=7)}/proof.json").status_code == 404


def test_what_was_taken_fits_the_chain_later(
    contact: UUID, sign_in: SignIn, with_passwords: UUID, tmp_path: Path
) -> None:
    taken = tmp_path / "proof.json"
    taken.write_bytes(sign_in("operator").get(f"/p/demo/contacts/{contact}/proof.json").content)
    _, known = seals_in(taken)
    assert len(known) > 1
    seal_all(Now())
    assert verify(with_passwords, datetime.now(UTC), TEST, known).first_bad is None
    forged = dict.fromkeys(known, "f" * 64)
    assert verify(with_passwords, datetime.now(UTC), TEST, forged).first_bad == min(known)


def test_a_journal_cut_short_is_found_by_its_end_kept_elsewhere(
    contact: UUID, sign_in: SignIn, with_passwords: UUID, db: TestDatabase, tmp_path: Path
) -> None:
    kept = tmp_path / "head.json"
    kept.write_bytes(sign_in("manager").get("/p/demo/journal/head.json").content)
    of, known = seals_in(kept)
    assert of == "demo"
    (end,) = known
    with psycopg.connect(db.admin, autocommit=True) as intruder:
        intruder.execute("SET session_replication_role = replica")
        intruder.execute("DELETE FROM careline.journal_pending")
        cut = intruder.execute("DELETE FROM careline.journal_seal WHERE seq > %s - 3 RETURNING entry", [end]).fetchall()
        intruder.execute(
            "DELETE FROM careline.journal_entry e WHERE e.id = ANY(%s) OR NOT EXISTS "
            "(SELECT 1 FROM careline.journal_seal s WHERE s.entry = e.id)",
            [[row[0] for row in cut]],
        )
    assert verify(with_passwords, datetime.now(UTC), TEST).first_bad is None
    verdict = verify(with_passwords, datetime.now(UTC), TEST, known)
    assert verdict.first_bad == end - 2
    assert f"once had {end} entries" in verdict.why


def test_a_file_that_is_neither_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"schema": "something else"}')
    with pytest.raises(Refused, match=r"wrong\.json"):
        seals_in(wrong)
