"""Patient data rests sealed: what lies on the disk says nothing, and a value moved or changed does not open."""

from __future__ import annotations

import pickle
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from busy import TEST, busy

from careline.core.people import Private
from careline.storage import keys, sealing
from careline.storage.ids import new_id, uuid7
from careline.storage.models import Contact, DataKey, Turn
from careline.storage.sealing import SealBroken
from careline.storage.transactions import practice
from careline.testing.clock import MovableClock
from careline.vault.folder import FolderVault
from careline.vault.keyfile import FileKeyStore, WrongMasterKey
from database import DATA, TestDatabase

CANARY = "zqxcanaryzqx"


def test_nothing_a_patient_said_can_be_found_in_the_databases_files(
    demo: UUID, db: TestDatabase, clock: MovableClock
) -> None:
    """Every field that holds a patient's words was given the canary; tables, indexes, write-ahead log and server log are read."""
    busy(demo, "+12125550100", clock, CANARY)
    with psycopg.connect(db.admin, autocommit=True) as admin:
        admin.execute("INSERT INTO careline.node VALUES ('plain-canary-qyq', now(), now())")
        admin.execute("CHECKPOINT")
    found: dict[str, list[str]] = {CANARY: [], "plain-canary-qyq": []}
    for path in (DATA / "postgres").rglob("*"):
        if path.is_file() and not path.is_socket():
            content = _read(path)
            for word, places in found.items():
                if word.encode() in content:
                    places.append(path.name)
    assert found["plain-canary-qyq"], "the search itself works"
    assert found[CANARY] == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""  # the server tidies up while we look


def test_a_value_comes_back_as_it_was_and_marked(demo: UUID, clock: MovableClock) -> None:
    call = busy(demo, "+12125550100", clock, "dolor de pecho ♥")
    with practice(demo, actor=TEST, purpose="test", now=clock.now()) as tx:
        tx.journal("test", "contact", call.contact)
        contact = Contact.objects.get(id=call.contact)
        assert contact.reason == Private("dolor de pecho ♥")
        assert contact.identity["location"] == "dolor de pecho ♥"
        assert "dolor" not in repr(contact.reason) + repr(contact.__dict__)
        with pytest.raises(TypeError):
            str(contact.reason)


def test_a_sealed_value_moved_to_another_row_or_column_does_not_open(
    demo: UUID, db: TestDatabase, clock: MovableClock
) -> None:
    call = busy(demo, "+12125550100", clock)
    with psycopg.connect(db.admin, options="-c search_path=careline") as admin:
        admin.execute("UPDATE contact SET caller_number = reason")
    with practice(demo, actor=TEST, purpose="test", now=clock.now()) as tx:
        tx.journal("test", "contact")
        contact = Contact.objects.get(id=call.contact)
        assert contact.reason
        with pytest.raises(SealBroken):
            assert contact.caller_number


def test_one_flipped_bit_is_noticed(demo: UUID, db: TestDatabase, clock: MovableClock) -> None:
    call = busy(demo, "+12125550100", clock)
    with psycopg.connect(db.admin, options="-c search_path=careline") as admin:
        admin.execute("UPDATE turn SET text = set_bit(text, 200, 1 - get_bit(text, 200))")
    with practice(demo, actor=TEST, purpose="test", now=clock.now()) as tx:
        tx.journal("test", "turn")
        with pytest.raises(SealBroken):
            assert Turn.objects.get(contact_id=call.contact).text


def test_a_sealed_column_cannot_be_updated_past_its_row_or_searched(demo: UUID, clock: MovableClock) -> None:
    for attempt in (
        lambda: Contact.objects.update(reason=Private("x")),
        lambda: Contact.objects.filter(reason=Private("x")).exists(),
    ):
        with (  # noqa: PT012
            pytest.raises(TypeError, match="blind index"),
            practice(demo, actor=TEST, purpose="test", now=clock.now()) as tx,
        ):
            tx.journal("test", "contact")
            attempt()


def test_a_new_key_seals_and_the_old_one_still_opens(demo: UUID, clock: MovableClock) -> None:
    call = busy(demo, "+12125550100", clock, "before")
    with practice(demo, actor=TEST, purpose="rotate key", now=clock.now()) as tx:
        keys.make(demo)
        tx.journal("key.rotated", "data_key")
        contact = Contact.objects.get(id=call.contact)
        assert contact.reason == Private("before")
        contact.reason = Private("after")
        contact.save()
    with practice(demo, actor=TEST, purpose="test", now=clock.now()) as tx:
        tx.journal("test", "contact")
        assert Contact.objects.get(id=call.contact).reason == Private("after")
        raw = Contact.objects.values_list("reason", flat=True).get(id=call.contact)
        assert sealing.key_number(raw) == 2  # type: ignore[arg-type]
        assert DataKey.objects.count() == 2


def test_another_installations_key_opens_nothing_and_says_so(demo: UUID, clock: MovableClock) -> None:
    call = busy(demo, "+12125550100", clock)
    keys.use(FileKeyStore(b"x" * 32))
    with practice(demo, actor=TEST, purpose="test", now=clock.now()) as tx:
        tx.journal("test", "contact")
        contact = Contact.objects.get(id=call.contact)
        with pytest.raises(WrongMasterKey, match="restore it"):
            assert contact.reason


def test_equal_callers_find_each_other_without_their_number_in_the_database(demo: UUID, clock: MovableClock) -> None:
    busy(demo, "+12125550100", clock, "same")
    with practice(demo, actor=TEST, purpose="test", now=clock.now()) as tx:
        tx.journal("test", "contact")
        index = Contact.objects.get().caller_index
        assert index == ""  # too few digits to tell anybody apart
        assert keys.of(demo).fingerprint("phone", "2125550123") != keys.of(demo).fingerprint("name", "2125550123")


def test_recording_chunks_cannot_be_swapped_repeated_or_moved() -> None:
    key = b"k" * 32
    sealed = sealing.seal_chunk(key, "rec-1", 7, b"pcm")
    assert sealing.unseal_chunk(key, "rec-1", 7, sealed) == b"pcm"
    for recording, number, wrong in (("rec-1", 8, key), ("rec-2", 7, key), ("rec-1", 7, b"j" * 32)):
        with pytest.raises(SealBroken):
            sealing.unseal_chunk(wrong, recording, number, sealed)


def test_the_vault_keeps_whole_chunks_in_order_and_leaves_its_folder_never(tmp_path: Path) -> None:
    vault = FolderVault(tmp_path)
    for number in (2, 0, 1):
        vault.put(sealing.chunk_name("rec", number), b"%d" % number)
    assert [vault.get(name) for name in vault.names("rec")] == [b"0", b"1", b"2"]
    vault.delete(sealing.chunk_name("rec", 0))
    assert len(vault.names("rec")) == 2
    for name in ("../x", "/etc/passwd", "rec/../../x", ""):
        with pytest.raises(Exception, match="not a name"):
            vault.get(name)


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [uuid7(at, b"\xff" * 10) for at in range(1_700_000_000_000, 1_700_000_000_050)]
    assert made == sorted(made)
    at_once = [new_id() for _ in range(1000)]
    assert at_once == sorted(set(at_once))
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}


def test_private_values_cross_a_pipe_of_ours() -> None:
    assert pickle.loads(pickle.dumps(Private("x"))) == Private("x")
