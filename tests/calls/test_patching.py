"""What the house promises of a clinician and a patient on one call: two legs of ours, recorded with consent, and an outcome."""

from __future__ import annotations

import asyncio
from array import array
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from calls_telephone import ToneVoice, loud, tone

from careline.actions.commands import AppendRecord, FinishRecording, RecordingStarted, StartRecording
from careline.actions.patch_commands import NotePatch, PatchOrder, PatchOutcome, PreparePatch
from careline.bootstrap.data import consent_law
from careline.calls.mouth import SoundCache
from careline.calls.patch import Patches
from careline.calls.talk import Talk
from careline.core.oncall.paged import Paged
from careline.core.people import Private
from careline.ports import DialFailed
from careline.storage.sealing import unseal_chunk
from careline.testing.legs import MemoryTelephone, Person
from careline.testing.swift_loop import run_swiftly

CLINICIAN, PATIENT, INTERPRETER, LINE = "+12125550111", "+12125550123", "+12125550150", "+12125550100"
PAGED = Paged(uuid4(), uuid4(), uuid4(), mine=True, holder="Dr. Ana Rivera")


class LoopClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, 20, 0, tzinfo=UTC) + timedelta(seconds=asyncio.get_running_loop().time())


class Shelf:
    """A vault in memory."""

    def __init__(self) -> None:
        self.chunks: dict[str, bytes] = {}

    def put(self, name: str, content: bytes) -> None:
        self.chunks[name] = content

    def get(self, name: str) -> bytes:
        return self.chunks[name]

    def names(self, prefix: str) -> list[str]:
        return [name for name in self.chunks if name.startswith(prefix)]

    def delete(self, name: str) -> None:
        del self.chunks[name]


class Notebook:
    """`record.Actions` that keeps what it is told, and knows one page."""

    def __init__(self, **changes: object) -> None:
        self.told: list[object] = []
        self.changes = changes

    async def perform(self, command: object, timeout_s: float = 10.0) -> object:
        self.told.append(command)
        if isinstance(command, PreparePatch):
            values = {
                "practice": command.practice, "patch": UUID(int=9), "page": command.page, "contact": UUID(int=8),
                "person": command.person, "name": "Dr. Ana Rivera", "number": Private(PATIENT), "line": LINE,
                "practice_name": "Cedar Hill", "language": "en", "tongue": "en", "discreet": False,
                "interpreter": INTERPRETER, "needed": False, "recording": "announce", "practice_state": "NY",
                "said_state": "NY", "began": LoopClock().now() - timedelta(minutes=10), "first": 100_000,
            }  # fmt: skip
            return PatchOrder(**(values | self.changes))  # type: ignore[arg-type]
        if isinstance(command, StartRecording):
            return RecordingStarted(UUID(int=7), b"k" * 32)
        return None

    def all(self, kind: type) -> list:
        return [one for one in self.told if isinstance(one, kind)]

    @property
    def states(self) -> list[str]:
        return [one.state for one in self.all(NotePatch)]


def patched(people, clinician, **changes):
    """Patch a clinician, who does what `clinician` does, through to whoever `people` are."""

    async def story():
        notes, shelf, voice = Notebook(**changes), Shelf(), ToneVoice()
        telephone = MemoryTelephone({**people, CLINICIAN: clinician})
        leg = await telephone.dial(CLINICIAN, LINE, 30.0)
        errands: set[asyncio.Task[None]] = set()
        patches = Patches(
            telephone, voice, SoundCache(), None, shelf, notes, LoopClock(), consent_law(), {}, errands.add
        )
        patches.begin(Talk(leg, voice, SoundCache(), "en", "page-1").start(), PAGED, "page-1")
        await asyncio.wait_for(asyncio.gather(*errands), 600)
        while pending := {task for task in errands if not task.done()}:
            await asyncio.wait(pending)
        assert all(each.over for each in telephone.legs), "no leg is left behind"
        return notes, shelf, voice, telephone

    return run_swiftly(story())


def tape(shelf: Shelf) -> tuple[bytes, bytes]:
    """The patient's channel, and what the patient heard."""
    whole = array("h")
    for number, name in enumerate(sorted(shelf.chunks, key=lambda name: int(name.rsplit("/", 1)[-1].split(".")[0]))):
        whole.frombytes(unseal_chunk(b"k" * 32, str(UUID(int=7)), number, shelf.chunks[name]))
    return whole[0::2].tobytes(), whole[1::2].tobytes()


def hangs_up_after(seconds: float, heard: list[bytes] | None = None):
    async def life(person: Person) -> None:
        await person.listen(8.0)
        await person.say(tone(0.5))
        sound = await person.listen(seconds)
        if heard is not None:
            heard.append(sound)
        person.hang_up()

    return life


def presses(*keys: str, every: float = 14.0):
    async def life(person: Person) -> None:
        for key in keys:
            await person.listen(every)
            await person.press(key)
        await person.line_is_dead.wait()

    return life


def test_the_patient_is_rung_with_the_practices_number_and_both_hear_each_other() -> None:
    heard: list[bytes] = []

    async def clinician(person: Person) -> None:
        await person.listen(14.0)
        await person.say(tone(1.0))
        await person.listen(20.0)
        await person.press("1")
        await person.line_is_dead.wait()

    notes, shelf, voice, telephone = patched({PATIENT: hangs_up_after(12.0, heard)}, clinician)
    assert telephone.legs[1].caller == LINE, "the clinician's number is never shown"
    assert any(loud(heard[0][start : start + 1600]) for start in range(0, len(heard[0]), 1600))
    assert notes.states == ["ringing", "talking", "ended", "ended"]
    assert [one.outcome for one in notes.all(PatchOutcome)] == ["spoke_with_patient"]
    recording = notes.all(StartRecording)[0]
    assert recording.consent.startswith("announced")
    assert 600 <= recording.starts < 640, "on the time line of the contact it is about"
    assert notes.all(FinishRecording)[0].chunks == len(shelf.chunks) > 5
    assert loud(tape(shelf)[1][: 2 * 16_000]), "the announcement is on the recording"
    assert "Hello. This is Cedar Hill. Dr. Ana Rivera is on the line for you." in voice.said
    assert all(line.seq > 100_000 for batch in notes.all(AppendRecord) for line in batch.events)


def test_could_not_reach_is_recorded_as_such() -> None:
    notes, _, voice, _ = patched({PATIENT: DialFailed.NO_ANSWER}, presses("4", every=45.0))
    assert "no_answer" in notes.states
    assert [one.outcome for one in notes.all(PatchOutcome)] == ["could_not_reach"]
    assert voice.said[-1] == "Recorded. The page stays open and is raised again."


def test_nine_rings_the_patient_again() -> None:
    _, _, _, telephone = patched({PATIENT: DialFailed.BUSY}, presses("9", "4", "4"))
    assert telephone.dialled.count(PATIENT) == 2


def test_a_clinician_who_hangs_up_leaves_the_outcome_due() -> None:
    async def leaves(person: Person) -> None:
        await person.listen(20.0)
        person.hang_up()

    notes, _, _, telephone = patched({PATIENT: hangs_up_after(300.0)}, leaves)
    assert not notes.all(PatchOutcome)
    assert notes.states[-1] == "ended"
    assert telephone.legs[1].over


def test_star_ends_the_call_and_asks_the_outcome() -> None:
    notes, _, voice, _ = patched({PATIENT: hangs_up_after(300.0)}, presses("*", "3", every=20.0))
    assert [one.outcome for one in notes.all(PatchOutcome)] == ["advice_given"]
    assert voice.said[-1] == "Recorded. Thank you."


def test_without_a_shared_language_the_interpreter_joins_by_themselves() -> None:
    heard: list[bytes] = []

    async def interpreter(person: Person) -> None:
        await person.listen(12.0)
        await person.say(tone(1.0, 880))
        await person.line_is_dead.wait()

    notes, _, _, telephone = patched(
        {PATIENT: hangs_up_after(30.0, heard), INTERPRETER: interpreter},
        presses("1", every=70.0), language="es", needed=True,
    )  # fmt: skip
    assert INTERPRETER in telephone.dialled
    assert any(note.interpreter for note in notes.all(NotePatch))
    assert any(loud(heard[0][start : start + 1600]) for start in range(0, len(heard[0]), 1600))


def test_five_brings_the_interpreter() -> None:
    _, _, _, telephone = patched(
        {PATIENT: hangs_up_after(60.0), INTERPRETER: hangs_up_after(5.0)}, presses("5", "5", "*", "1")
    )
    assert telephone.dialled.count(INTERPRETER) == 1


def test_a_patient_who_does_not_agree_is_not_recorded() -> None:
    async def refuses(person: Person) -> None:
        await person.listen(6.0)
        await person.press("2")
        await person.listen(10.0)
        person.hang_up()

    notes, shelf, _, _ = patched({PATIENT: refuses}, presses("1", every=60.0), recording="ask")
    assert not notes.all(StartRecording)
    assert not shelf.chunks


def test_whoever_picks_up_is_not_told_of_the_practice_where_that_is_not_safe() -> None:
    _, _, voice, _ = patched({PATIENT: hangs_up_after(5.0)}, presses("1", every=60.0), discreet=True)
    assert not [said for said in voice.said if "Cedar Hill" in said]
