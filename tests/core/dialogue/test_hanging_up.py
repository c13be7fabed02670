"""A caller may leave at any step: what they had told is kept, and whoever is owed an answer is on a list. Steps are those of the
dialogue itself: every goal it can ask for is hung up on, and a goal that is added without being reached here fails."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field

import pytest

from careline.bootstrap import data
from careline.core.clinical import Disposition
from careline.core.contact import Hearing
from careline.core.dialogue import Goal, Setup
from careline.core.dialogue.deeds import (
    Earlier,
    MessageKind,
    PageClinician,
    RaiseEmergency,
    RequestCallback,
    TakeMessage,
)
from careline.testing.caller import NIGHT, TestCaller, phone, setup_of

LAW = data.consent_law()
PAGED = Earlier("0193-matter", MessageKind.CLINICAL, Disposition.CLINICIAN_NOW, NIGHT, paged=True)
KEPT = (PageClinician, RaiseEmergency, RequestCallback, TakeMessage)


@dataclass(frozen=True)
class Scenario:
    name: str
    lines: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    hearing: Hearing = Hearing.OPEN
    number: str = "+12125550190"
    earlier: tuple[Earlier, ...] = ()

    def caller(self, chat: Setup) -> TestCaller:
        need = LAW.need("NY", self.number)
        setup = setup_of(phone(chat, self.number), consent=need, law=LAW, ask_consent=need.all_parties)
        return TestCaller(setup, *self.lines, hearing=self.hearing, answers=self.answers, earlier=self.earlier)


PLAN = "Does my insurance cover poisoning? I am reading the accident rider of the plan on page four"
COUGH, AGE = "I've had a cough for two days", {"age": "30"}
SCENARIOS = (
    Scenario("a son's cough, no number, corrected", ("My son has had a cough", "a bit of a runny nose"), number="",
             answers=AGE | {Goal.READBACK: "no", Goal.CORRECTION: "it is three days"}),
    Scenario("a cough, known from an earlier call", (COUGH,), AGE | {Goal.SAME_MATTER: "yes"}, earlier=(PAGED,)),
    Scenario("chest pain", ("I have crushing chest pain", "my left arm hurts too")),
    Scenario("chest pain, another number", ("I have crushing chest pain",), {Goal.EMERGENCY_NUMBER: "no"}),
    Scenario("a refill", ("I need a refill",)),
    Scenario("a person, for reasons of their own", ("I want to talk to a real person", "it's private")),
    Scenario("words nobody understands", ("blue elephants dance", "purple purple", "well")),
    Scenario("a plan that covers poisoning", (PLAN,)),
    Scenario("opening hours", ("What are your opening hours?",)),
    Scenario("keys", hearing=Hearing.KEYS, answers={Goal.HEALTH: "yes", Goal.SPEAK: "something is wrong"}),
    Scenario("closed ears", hearing=Hearing.CLOSED, answers={Goal.HEALTH: "no"}),
)  # fmt: skip


def hang_ups(scenario: Scenario, chat: Setup) -> Iterator[tuple[TestCaller, Goal]]:
    """The caller of this scenario, leaving at its first question, its second, and so on: each time a twin hangs up."""
    caller = scenario.caller(chat)
    for _ in range(60):
        if caller.over or caller.asked is None:
            return
        twin = copy(caller)
        twin.said, twin.deeds, twin.records = list(caller.said), dict(caller.deeds), list(caller.records)
        twin.hangs_up()
        yield twin, caller.asked
        caller.step()


@pytest.fixture(scope="module")
def left(chat: Setup) -> list[tuple[str, TestCaller, Goal]]:
    return [(scenario.name, *one) for scenario in SCENARIOS for one in hang_ups(scenario, chat)]


def test_whoever_leaves_is_kept_with_what_they_told(left: list[tuple[str, TestCaller, Goal]]) -> None:
    for name, caller, asked in left:
        state, where = caller.state, f"{name}, at {asked}"
        assert state.finished, where
        served = bool(state.errands) and all(errand.settled for errand in state.errands) and not state.symptomatic
        kept = [deed for deed in caller.deeds.values() if isinstance(deed, KEPT)]
        assert served or kept, f"{where}: nobody would know of this caller"
        assert not state.symptomatic or any(not isinstance(deed, RequestCallback) for deed in kept), where
        for deed in kept:
            assert not state.open_turns or deed.summary.reason.reveal(), f"{where}: their words are lost"


def test_every_question_the_dialogue_can_ask_was_hung_up_on(left: list[tuple[str, TestCaller, Goal]]) -> None:
    assert {asked for _, _, asked in left} == set(Goal)


NOISE = ["x" * 1_000_000, "\x00\x1b[2J\x07", "\u202e\u200b\ufeff", "💊" * 5000, "%s {0} ${x} <b>"]


@pytest.mark.parametrize("noise", NOISE, ids=range(len(NOISE)))
def test_nothing_said_breaks_it_or_is_taken_for_more_than_words(noise: str, chat: Setup) -> None:
    caller = TestCaller(chat, noise, answers=dict.fromkeys(Goal, noise))
    caller.to_the_end(12)
    caller.says("my husband can't breathe and his lips are blue")
    assert caller.was_told("911") or caller.over
    caller.hangs_up()
    assert caller.state.finished
