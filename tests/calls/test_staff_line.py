"""A line for the staff: a PIN first, then who is on call, by keys."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from calls_telephone import ToneVoice
from django.db import connections

import rotas
from careline.actions.commands import OpenContact
from careline.actions.perform import perform
from careline.actions.rota.rules import StandIns, set_stand_ins
from careline.calls.enquiry import StaffLines
from careline.calls.mouth import SoundCache
from careline.core.contact import Channel, Hearing
from careline.core.errors import Refused
from careline.storage.models import Alarm, JournalEntry
from careline.storage.transactions import Actor, practice
from careline.testing.clock import MovableClock
from careline.testing.legs import MemoryLeg
from careline.testing.swift_loop import run_swiftly
from database import ROOT, TestDatabase, load_text

LINE, OFFICE, RIVERA = "+12125550109", "+12125550180", "+12125550111"
STAFF_LINE = f'\n[[lines]]\nnumber = "{LINE}"\nmode = "staff"\n'


class Here:
    """Actions by a thread of this process."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self.threads = threads

    async def perform(self, command: object, timeout_s: float = 5.0) -> object:
        return await asyncio.get_running_loop().run_in_executor(self.threads, perform, command)


class Ringing:
    id = "call-1"

    def __init__(self, caller: str, called: str) -> None:
        self.caller, self.called, self.leg = caller, called, None
        self.answered = asyncio.Event()

    async def answer(self) -> MemoryLeg:
        self.leg = MemoryLeg(self.caller, self.called)
        self.answered.set()
        return self.leg


@pytest.fixture
def of(db: TestDatabase, clock: MovableClock) -> UUID:
    source = (ROOT / "practices" / "demo" / "practice.toml").read_text()
    here = load_text(source.replace("\n[hours]", f"{STAFF_LINE}\n[hours]"), clock)
    who, staff = rotas.keeper(here, clock.now()), rotas.people(here, clock.now())
    set_stand_ins(who, StandIns(staff["okafor"], staff["lindgren"], enquiry_pin="246810"))
    return here


def ring(clock: MovableClock, *presses: str, caller: str = OFFICE, called: str = LINE) -> tuple[bool, list[str]]:
    """Whether it was a staff line, and what was said."""

    async def call() -> tuple[bool, list[str]]:
        voice, ringing = ToneVoice(), Ringing(caller, called)
        lines = StaffLines(Here(threads), voice, SoundCache(), clock)
        served = asyncio.create_task(lines.answers(ringing))
        answered = asyncio.create_task(ringing.answered.wait())
        await asyncio.wait((served, answered), return_when=asyncio.FIRST_COMPLETED)
        answered.cancel()
        for keys in presses if ringing.leg else ():
            await ringing.leg.person.listen(2.0)
            await ringing.leg.person.press(keys)
        return await served, voice.said

    with ThreadPoolExecutor(1) as threads:
        told = run_swiftly(call())
        threads.submit(connections.close_all).result()
    return told


def test_the_office_asks_who_is_on_call_now_and_tonight(of: UUID, clock: MovableClock) -> None:
    served, said = ring(clock, "246810#", "1", "2")
    assert served
    assert "On call now: Dr. Ben Okafor, clinician. After that: Maja Lindgren, supervisor, manager." in said
    assert any(line.startswith("On call tonight: Dr. Ben Okafor") for line in said)
    assert not any("+1212" in line for line in said)


def test_staff_use_their_own_pin_from_their_own_number_and_key_a_date(of: UUID, clock: MovableClock) -> None:
    _, said = ring(clock, "4711#", "4", "112512", caller=RIVERA)  # a Wednesday
    assert any(line.startswith("On call then: Dr. Ana Rivera") for line in said)
    _, said = ring(clock, "4711#", "1")  # the same PIN from another telephone
    assert not any(line.startswith("On call now") for line in said)


def test_five_wrong_pins_close_the_line_and_sound_an_alarm(of: UUID, clock: MovableClock) -> None:
    ring(clock, "1111#", "2222#", "3333#")
    _, said = ring(clock, "4444#", "5555#")
    assert any(line.startswith("Too many wrong PINs") for line in said)
    _, said = ring(clock, "246810#", "1")
    assert not any(line.startswith("On call now") for line in said)
    with practice(of, actor=Actor.service("test"), purpose="test", now=clock.now()):
        assert [alarm.kind for alarm in Alarm.objects.all()] == ["pin_locked"]
        assert JournalEntry.objects.filter(action="rota.enquiry.refused").count() == 5
    clock.move(minutes=16)
    assert any(line.startswith("On call now") for line in ring(clock, "246810#", "1")[1])


def test_a_patients_line_is_no_staff_line_and_a_staff_line_takes_no_contact(of: UUID, clock: MovableClock) -> None:
    assert ring(clock, called="+12125550100") == (False, [])
    opening = OpenContact("k", clock.now(), "n", Channel.PHONE, LINE, None, Hearing.KEYS, "en")
    with pytest.raises(Refused, match="staff"):
        perform(opening)
