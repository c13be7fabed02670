"""Recording: both sides on one time line within 50 ms, sealed, only with consent, and never at the cost of the call."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime
from uuid import UUID

import pytest
from calls_telephone import LETTER_S, call, tone

from careline.actions.commands import ContactOpened, FinishRecording, RecordingStarted, StartRecording
from careline.calls.recorder import Recorder
from careline.core.contact import Say, Spoken
from careline.core.errors import TryAgain
from careline.speech.keys import KeyEars
from careline.storage.sealing import SealBroken, chunk_name, unseal_chunk
from careline.testing.clock import MovableClock
from careline.testing.swift_loop import run_swiftly

OPENED = ContactOpened(UUID(int=1), UUID(int=2), "main", "", "")
RECORDING, KEY = UUID(int=7), bytes(range(32))


class Shelf:
    """`ports.Vault` in memory; full when told so."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.full = False

    def put(self, name: str, content: bytes) -> None:
        if self.full:
            raise TryAgain("no room")
        self.kept[name] = content

    def get(self, name: str) -> bytes:
        return self.kept[name]

    def names(self, prefix: str) -> list[str]:
        return sorted(name for name in self.kept if name.startswith(prefix))

    def delete(self, name: str) -> None:
        del self.kept[name]


class Database:
    """Answers the recorder's two commands and keeps them."""

    def __init__(self) -> None:
        self.commands: list[object] = []

    async def perform(self, command: object, timeout_s: float = 10.0) -> object:
        self.commands.append(command)
        return RecordingStarted(RECORDING, KEY) if isinstance(command, StartRecording) else None

    @property
    def finished(self) -> FinishRecording:
        return next(command for command in self.commands if isinstance(command, FinishRecording))


class Studio:
    def __init__(self) -> None:
        self.shelf, self.database = Shelf(), Database()
        self.recorder = Recorder(OPENED, self.database, self.shelf, MovableClock(datetime(2026, 11, 21, tzinfo=UTC)))

    def channels(self) -> tuple[array[int], array[int]]:
        names = self.shelf.names(str(RECORDING))
        assert names == [chunk_name(str(RECORDING), number) for number in range(len(names))]
        stereo = array("h")
        for number, name in enumerate(names):
            stereo.frombytes(unseal_chunk(KEY, str(RECORDING), number, self.shelf.kept[name]))
        return stereo[0::2], stereo[1::2]

    @property
    def started_at(self) -> float:
        return next(command for command in self.database.commands if isinstance(command, StartRecording)).starts


def stretches(samples: array[int]) -> list[tuple[float, float]]:
    """When it was loud, in seconds, gaps under 100 ms bridged."""
    loud = [
        number / 50
        for number in range(len(samples) // 160)
        if max(map(abs, samples[number * 160 : number * 160 + 160])) > 800
    ]
    found: list[tuple[float, float]] = []
    for at in loud:
        if found and at - found[-1][1] < 0.1:
            found[-1] = (found[-1][0], at + 0.02)
        else:
            found.append((at, at + 0.02))
    return found


def test_both_sides_and_the_transcript_lie_on_one_time_line_within_50_ms() -> None:
    studio = Studio()

    async def talk():
        async with call(tape=studio.recorder) as it:
            await it.person.listen(0.73)
            await studio.recorder.start("announced one party NY")
            said_at, spoken = [], []
            for number in range(6):
                await it.conversation.say(Say(f"s{number}", "A sentence of ours.", "en"))
                spoken.append(await it.told(Spoken, number + 1))
                await it.person.listen(0.37)
                said_at.append(await it.person.say(tone(0.5)))
                await it.person.listen(1.31)
            heard = bytes(it.person.heard)
            await studio.recorder.stop(delete=False)
            return said_at, spoken, heard

    said_at, spoken, heard = run_swiftly(talk())
    caller, service = studio.channels()
    began = studio.started_at
    for at, (start, end) in zip(said_at, stretches(caller), strict=True):
        assert abs(began + start - at) <= 0.05
        assert abs(end - start - 0.5) <= 0.05
    ours = stretches(array("h", heard))
    assert len(ours) == 6
    for (at, until), (start, end), event in zip(ours, stretches(service), spoken, strict=True):
        assert abs(began + start - at) <= 0.05
        assert abs(began + end - until) <= 0.05
        assert abs(event.started - at) <= 0.05
        assert abs(event.ended - until) <= 0.05


def test_of_an_interrupted_sentence_only_what_was_heard_is_on_the_tape() -> None:
    studio = Studio()

    async def talk():
        async with call(KeyEars(), studio.recorder) as it:
            await studio.recorder.start("announced one party NY")
            await it.conversation.say(Say("s", "Something long that will not be heard to its end.", "en"))
            await it.person.listen(1.03)
            await it.person.press("1")
            await it.person.listen(1.0)
            await studio.recorder.stop(delete=False)
            return bytes(it.person.heard)

    heard = run_swiftly(talk())
    ((_, until),) = stretches(array("h", heard))
    ((_, end),) = stretches(studio.channels()[1])
    assert abs(studio.started_at + end - until) <= 0.05


@pytest.mark.parametrize("seconds", [0.3, 1.0, 1.4, 2.49, 2.51, 3.9])
def test_the_last_words_are_on_the_tape(seconds: float) -> None:
    studio = Studio()

    async def talk():
        async with call(tape=studio.recorder) as it:
            await studio.recorder.start("announced one party NY")
            await it.person.say(tone(seconds))
            it.person.hang_up()
            await it.person.line_is_dead.wait()
            await it.person.listen(0.1)
            await studio.recorder.stop(delete=False)

    run_swiftly(talk())
    ((start, end),) = stretches(studio.channels()[0])
    assert abs(end - start - seconds) <= 0.05
    assert studio.database.finished.chunks == len(studio.shelf.kept)


def test_nothing_is_recorded_before_consent_nor_kept_after_a_refusal() -> None:
    studio = Studio()

    async def talk():
        async with call(tape=studio.recorder) as it:
            await it.person.say(tone(2.0))
            assert not studio.shelf.kept
            assert not studio.database.commands
            await studio.recorder.start("announced one party NY")
            await it.person.say(tone(3.0))
            assert studio.shelf.kept
            await studio.recorder.stop(delete=True)
            await it.person.say(tone(2.0))

    run_swiftly(talk())
    assert not studio.shelf.kept
    assert studio.database.finished.deleted


def test_seconds_are_sealed_in_their_places() -> None:
    studio = Studio()

    async def talk():
        async with call(tape=studio.recorder) as it:
            await studio.recorder.start("announced one party NY")
            await it.person.say(tone(3.0))
            await studio.recorder.stop(delete=False)

    run_swiftly(talk())
    second = studio.shelf.kept[chunk_name(str(RECORDING), 1)]
    assert tone(0.1) not in second
    with pytest.raises(SealBroken):
        unseal_chunk(KEY, str(RECORDING), 0, second)
    with pytest.raises(SealBroken):
        unseal_chunk(bytes(32), str(RECORDING), 1, second)


def test_a_full_disk_costs_seconds_of_the_recording_and_not_the_call() -> None:
    studio = Studio()

    async def talk():
        async with call(tape=studio.recorder) as it:
            await studio.recorder.start("announced one party NY")
            await it.person.say(tone(2.2))
            studio.shelf.full = True
            await it.person.say(tone(2.0))
            await it.conversation.say(Say("s", "Still here.", "en"))
            assert (await it.told(Spoken)).upto == len("Still here.")
            await studio.recorder.stop(delete=False)
            assert it.leg.now >= 4.2 + len("Still here.") * LETTER_S

    run_swiftly(talk())
    assert studio.recorder.missing >= 2
