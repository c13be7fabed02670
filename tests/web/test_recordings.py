"""A recording reaches the ears of who may hear it: whole, from any point, in place, and never unwritten."""

from __future__ import annotations

import asyncio
import io
import wave
from datetime import UTC, datetime
from uuid import UUID

import invented
import pytest

from careline.storage.models import JournalEntry, Recording
from careline.storage.sealing import chunk_name
from careline.storage.transactions import practice
from careline.web import outside
from careline.web.sound import Sound, wanted_range
from conftest import SignIn


@pytest.fixture
def heard(with_passwords: UUID) -> tuple[str, Recording]:
    """Three recorded seconds, of which the second one is missing from the vault. Gives the address and the row."""
    outside.use(invented.vault())
    began = datetime.now(UTC)
    contact = invented.write_contact(with_passwords, invented.PRESSURE, began, live=False)
    recording = invented.write_recording(with_passwords, contact, began, 3, invented.vault())
    invented.vault().delete(chunk_name(str(recording), 1))
    with practice(with_passwords, actor=invented.VOICE, purpose="test", now=began) as tx:
        tx.journal("test.read", "recording", recording)
        row = Recording.objects.get(id=recording)
        assert row.key
    return f"/p/demo/contacts/{contact}/recordings/{recording}.wav", row


def _body(answer: object) -> bytes:
    async def gather() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return asyncio.run(gather())


def test_it_is_a_wav_of_two_channels_with_silence_where_a_second_is_missing(
    heard: tuple[str, Recording], sign_in: SignIn
) -> None:
    answer = sign_in("operator").get(heard[0])
    body = _body(answer)
    assert answer.headers["Content-Type"] == "audio/wav"
    assert int(answer.headers["Content-Length"]) == len(body)
    with wave.open(io.BytesIO(body)) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (2, 8000, 24000)
        seconds = [sound.readframes(8000) for _ in range(3)]
    assert seconds == [invented.hum(), bytes(32000), invented.hum()]


@pytest.mark.parametrize("asked", ["bytes=0-43", "bytes=40-60", "bytes=32000-", "bytes=-10", "bytes=96043-200000"])
def test_a_part_is_the_same_as_in_the_whole(heard: tuple[str, Recording], sign_in: SignIn, asked: str) -> None:
    client = sign_in("operator")
    whole = _body(client.get(heard[0]))
    span = wanted_range(asked, len(whole))
    assert span is not None
    answer = client.get(heard[0], headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {span[0]}-{span[1]}/{len(whole)}"
    assert _body(answer) == whole[span[0] : span[1] + 1]


@pytest.mark.parametrize(
    "asked", ["bytes=99999999-", "bytes=5-2", "bytes=-", "seconds=1-2", "bytes=1-2,4-5", "bytes=" + "9" * 400]
)
def test_a_part_that_is_not_there_is_refused(heard: tuple[str, Recording], sign_in: SignIn, asked: str) -> None:
    assert sign_in("operator").get(heard[0], headers={"Range": asked}).status_code == 416


def test_listening_stands_in_the_journal(heard: tuple[str, Recording], with_passwords: UUID, sign_in: SignIn) -> None:
    sign_in("manager").get(heard[0])
    with practice(with_passwords, actor=invented.VOICE, purpose="test", now=datetime.now(UTC)):
        assert JournalEntry.objects.filter(action="recording.played", row=heard[1].id).count() == 1


def test_every_byte_keeps_its_place() -> None:
    sound = Sound("r", b"k" * 32, 60, 2)
    assert sound.size == 44 + 60 * 32000
    assert wanted_range("", sound.size) == (0, sound.size - 1)
    assert wanted_range("bytes=44-", sound.size) == (44, sound.size - 1)
