"""Speaks written callers over real SIP calls, with the embedded voice and closed answers, and keeps what the desk would see.

A caller hears by the record, as the desk does: the newest sentence on it is the question. Yes and no are what the case's own
words say when they are understood as text; they are spoken in English, and keyed in Spanish, which the embedded ears do not know.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from careline.bootstrap import data, installation, speech
from careline.core import dialogue, triage
from careline.core.clinical import Disposition, Fact, Facts, Reply
from careline.core.contact import Channel, Heard, Hearing
from careline.core.dialogue import Setup
from careline.core.errors import Refused
from careline.core.rehearsal.player import Played
from careline.settings import from_environment
from careline.testing.telephone import Softphone

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from careline.actions.show_contacts import ShownContact
    from careline.core.rehearsal.case import Case
    from careline.core.triage import Question
    from careline.ports import Voice
    from careline.settings import Settings
    from careline.testing.telephone import PhoneCall

_LINE, _FROM = "+12125550100", "+1212555{:04d}"
_PAUSE_S, _PATIENCE_S, _RECORD_S, _MOST_TURNS, _READY_S = 1.0, 40.0, 3.0, 30, 120


@dataclass(frozen=True, slots=True)
class Aloud:
    """One case as it was called, with seconds to the instruction of an emergency (None: none was given), and to the end."""

    played: Played
    instructed_s: float | None
    ended_s: float
    asked_again: int

    @property
    def line(self) -> str:
        told = f"told what to do at {self.instructed_s:.0f} s" if self.instructed_s is not None else "no emergency told"
        again = f", asked again {self.asked_again} times" if self.asked_again else ""
        return f"{self.played.id:<14}{self.played.disposition:<16}{told}, {self.ended_s:.0f} s in all{again}"


def call_all(cases: Sequence[Case]) -> list[Aloud]:
    """One call after the other, to the service that runs here, or to one of our own."""
    with _service() as settings:
        installation.connect(settings)
        return asyncio.run(_call_all(cases, settings))


async def _call_all(cases: Sequence[Case], settings: Settings) -> list[Aloud]:
    voice = speech.voice()
    await voice.start()
    try:
        return [await _Caller(case, voice).call(settings, 110 + number % 80) for number, case in enumerate(cases)]
    finally:
        await voice.stop()


class _Caller:
    """Answers what the record says was asked, until the service hangs up."""

    def __init__(self, case: Case, voice: Voice) -> None:
        self._case, self._voice = case, voice
        self._setup = Setup(data.practice(), data.library(), data.lexicons(), data.words(), Channel.TERMINAL)
        state, _ = dialogue.begin(self._setup, Hearing.OPEN, case.language, datetime.now(UTC))
        for line in case.says:
            state, _ = dialogue.step(self._setup, state, Heard(text=line), datetime.now(UTC))
        self._facts, self._unwell = state.facts, state.symptomatic
        self._questions = self._danger_questions()
        self._last, self._again = Reply.NO, 0

    async def call(self, settings: Settings, number: int) -> Aloud:
        began, answered = datetime.now(UTC), asyncio.get_running_loop().time()
        async with Softphone(_FROM.format(number)) as phone:
            call = await phone.dial(_LINE, (settings.bind, settings.sip_port))
            await call.answered()
            seen = 0
            for _ in range(_MOST_TURNS):
                if not await _their_turn(call):
                    break
                seen, question = await self._newest(began, seen)
                await self._reply(call, question)
            call.hang_up()
        ended = asyncio.get_running_loop().time() - answered
        return self._result(await _record(began), ended)

    async def _newest(self, began: datetime, seen: int) -> tuple[int, str]:
        """How many sentences we have been told, and the last of them, once it is on record."""
        told: list[str] = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RECORD_S):
                while len(told) <= seen:
                    told = [words for _, who, words in (await _record(began)).turns if who == "agent"]
                    await asyncio.sleep(0.2)
        return len(told), told[-1] if told else ""

    async def _reply(self, call: PhoneCall, asked: str) -> None:
        spanish = self._case.language == "es"
        if self._is(asked, "keys.language"):
            call.press("2" if spanish else "1")
        elif self._is(asked, "keys.number"):
            call.press("2125550100#")
        elif self._is(asked, "keys.birth"):
            call.press("#")
        elif self._is(asked, "keys.speak"):
            await self._say(call, " ".join(self._case.says))
            call.press("#")
        elif self._is(asked, "ask.yes_no_again"):
            self._again += 1
            call.press("1" if self._last is Reply.YES else "2")
        else:
            self._last = self._yes_or_no(asked)
            if spanish:
                call.press("1" if self._last is Reply.YES else "2")
            else:
                await self._say(call, self._last.value)

    def _yes_or_no(self, asked: str) -> Reply:
        if self._is(asked, "health.about"):
            return Reply.YES if self._unwell else Reply.NO
        for words, question in self._questions:
            if asked.startswith(words):
                parts = (question.concept, *question.denies)
                return Reply.YES if any(self._facts.reply(part) is Reply.YES for part in parts) else Reply.NO
        return Reply.YES  # whether this is their number, whether that is right

    def _danger_questions(self) -> list[tuple[str, Question]]:
        unwell = Facts().having("other_symptom", Fact(Reply.YES))
        asked = triage.screen(self._setup.library, unwell, packs=self._setup.practice.packs)
        return [(words, question) for question in asked for words in question.words.values()]

    def _is(self, asked: str, key: str) -> bool:
        return any(asked.startswith(data.words().of(key, language)) for language in ("en", "es"))

    async def _say(self, call: PhoneCall, text: str) -> None:
        call.play(b"".join([pcm async for pcm in self._voice.render(text, self._case.language, 1.0)]))
        await call.played()

    def _result(self, record: ShownContact, ended: float) -> Aloud:
        final = Disposition(record.disposition or Disposition.ADMINISTRATIVE)
        words = [
            text
            for language in ("en", "es")
            for key, text in data.words().fixed(language).items()
            if key in _INSTRUCTIONS
        ]
        told = [at for at, who, said in record.turns if who == "agent" and said in words]
        transcript = tuple((who if who == "caller" else "careline", said) for _, who, said in record.turns)
        played = Played(self._case.id, final.level, final, None, (), (), (), record.followed, transcript, "called")
        return Aloud(played, min(told, default=None), ended, self._again)


_EMERGENCIES = ("call_911", "call_911_third", "ed_now", "ed_now_third", "labor_ward", "crisis", "crisis_third")
_INSTRUCTIONS = frozenset(f"emergency.{name}" for name in _EMERGENCIES)


async def _their_turn(call: PhoneCall) -> bool:
    """Until the service has spoken and is quiet again. False when it has hung up."""
    with contextlib.suppress(TimeoutError):
        await call.hears_sound(_PATIENCE_S)
        await call.hears_silence(_PAUSE_S, _PATIENCE_S)
    return call.state != "over"


async def _record(began: datetime) -> ShownContact:
    from careline.actions.show_contacts import ShownContact, contacts_since

    found = await asyncio.to_thread(contacts_since, began, "phone", datetime.now(UTC))
    return found[0] if found else ShownContact("", (), ())


@contextmanager
def _service() -> Generator[Settings]:
    """The one that runs here, if one does; else a demo of our own on free ports, with its data in a folder that goes again."""
    settings = from_environment()
    if not _free(settings.bind, settings.sip_port):
        yield settings
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the embedded database runs as a user of its own
        names = ("CARELINE_WEB_PORT", "CARELINE_VOICE_PORT", "CARELINE_SIP_PORT")
        ports = {name: str(_a_port(settings.bind)) for name in names}
        os.environ |= {"CARELINE_DATA": folder, "CARELINE_DEMO": "1", **ports}
        command = [sys.executable, "-m", "careline.cli", "serve", "--demo"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            try:
                if not any("is ready" in line for line in running.stdout or ()):
                    raise Refused("the service for this rehearsal did not start; its lines above say why")
                yield from_environment()
            finally:
                running.send_signal(signal.SIGINT)
                running.wait(_READY_S)


def _free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _a_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
