"""One worker process: keeps every kind of promise by the real clock, rings and mails by writing to a file, and is killed at will.

It is forked from a process that has imported all this (multiprocessing's fork server), so that sixty workers are started in the
time of one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from careline.settings import ensure_key_file, from_environment
from careline.storage.start import start
from careline.vault.keyfile import FileKeyStore

start(os.environ.get("CARELINE_APP_DATABASE", ""), FileKeyStore(ensure_key_file(from_environment().key_file)))

from django.db import connections  # noqa: E402
from psycopg.conninfo import conninfo_to_dict  # noqa: E402
from tools.chaos.points import Plan, here  # noqa: E402

from careline.actions.commands import ClaimPromises, DoDeed, OpenContact  # noqa: E402
from careline.actions.keeping import Keeper  # noqa: E402
from careline.actions.noticing import ringing  # noqa: E402
from careline.actions.perform import perform  # noqa: E402
from careline.clock import SystemClock  # noqa: E402
from careline.core.clinical import Disposition  # noqa: E402
from careline.core.contact import Channel, Hearing  # noqa: E402
from careline.core.dialogue.deeds import PageClinician  # noqa: E402
from careline.core.errors import Refused, TryAgain  # noqa: E402
from careline.core.people import Private  # noqa: E402
from careline.ports import Attempt, Letter, Outcome, PageScript  # noqa: E402
from careline.testing.callers import a_summary, a_triage  # noqa: E402
from careline.workers.work import handlers  # noqa: E402

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from tools.chaos.town import Town

    from careline.core.oncall.paged import Paged

with contextlib.suppress(Refused):
    perform(None)  # finds the actions once, for every worker that is forked from here

LINE = "+12125550100"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{6}([0-9a-f]{6})")


def run(town: Town, name: str, plan: Plan, pipe: Connection) -> None:
    """Until killed."""
    _point_django_at(town.database)
    here.follow(plan, pipe)
    asyncio.run(_work(town, name))


async def _work(town: Town, name: str) -> None:
    clock, world = SystemClock(), World(town)
    with ThreadPoolExecutor(8) as threads:

        async def send(command: object, deadline_s: float) -> Any:  # noqa: ARG001
            return await asyncio.get_running_loop().run_in_executor(threads, _perform, command)

        await _until_paged(send)
        keepers = (
            Keeper(send, handlers(send, world, clock), f"{name}:work", clock),
            Keeper(send, ringing(send, world, clock), f"{name}:voice", clock),
        )
        await asyncio.gather(*(keeper.run() for keeper in keepers))


async def _until_paged(send: Any) -> None:
    """The contact that asks for the page: as a voice process does, with the same keys until it is told that it is committed."""
    while True:
        now = datetime.now(UTC)
        number = Private("+12125550199")
        try:
            opened = await send(OpenContact("call-1", now, "n", Channel.PHONE, LINE, number, Hearing.CLOSED, "en"), 5)
            now_page = PageClinician(a_summary(Disposition.CLINICIAN_NOW), a_triage(Disposition.CLINICIAN_NOW))
            await send(DoDeed(opened.practice, opened.contact, "clinical", now, now_page), 5)
        except TryAgain:
            await asyncio.sleep(0.5)
        else:
            return


def _perform(command: object) -> Any:
    here.works_at(_label(command))
    try:
        result = perform(command)
        for claim in result if isinstance(command, ClaimPromises) else ():
            here.works_at(f"{claim.kind} {_short(claim.key)}")
            here.reach("claimed")
        return result
    finally:
        here.works_at("")


def _label(command: object) -> str:
    claim = getattr(command, "claim", None)
    return f"{type(command).__name__} {_short(claim.kind + ' ' + claim.key)}" if claim else type(command).__name__


def _short(key: str) -> str:
    """The first id is the page's or the message's own, which differs from run to run: left out. The others are people's."""
    return _UUID.sub(r"\1", _UUID.sub("*", key, count=1))


class World:
    """`Dialler` and `Messenger`: what reaches people is a line in a file, written at once and there whoever dies."""

    def __init__(self, town: Town) -> None:
        self._file = os.open(town.world, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._answers = town.answers

    async def ring(self, number: str, script: PageScript, deadline_s: float, key: str) -> Attempt:  # noqa: ARG002
        self._reach("ring", key)
        return Attempt(Outcome(self._answers.get(number, "no_answer")), reference="call")

    async def settled(self, key: str, paged: Paged | None) -> None:
        """Whoever accepted here hangs up at once."""

    async def send(self, letter: Letter, timeout_s: float) -> Attempt:  # noqa: ARG002
        self._reach("mail", letter.key)
        return Attempt(Outcome.DELIVERED, reference="letter")

    def _reach(self, how: str, key: str) -> None:
        here.reach(f"{how} {_short(key)}: port, before")
        os.write(self._file, (json.dumps([how, key]) + "\n").encode())
        here.reach(f"{how} {_short(key)}: port, after")


def _point_django_at(conninfo: str) -> None:
    parts = conninfo_to_dict(conninfo)
    connections.settings["default"] |= {
        "ENGINE": "tools.chaos.database",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user"),
        "HOST": parts.pop("host", ""),
        "OPTIONS": parts,
    }
    os.environ["CARELINE_APP_DATABASE"] = conninfo
