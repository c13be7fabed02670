"""A running service: the voice and work processes of an installation, against this test's own database."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from calls_record import wait_until

from careline.settings import ensure_key_file, from_environment
from careline.supervisor import Supervisor
from careline.testing.telephone import PhoneCall, Softphone
from careline.wire.digest import Login

LINE = "+12125550100"
KEY = ensure_key_file(from_environment().key_file)
PIN = {"+12125550111": "4711", "+12125550112": "4712"}


@dataclass(slots=True)
class Service:
    """Where it listens, and how to end its processes roughly."""

    sip: tuple[str, int]
    voice: int
    practice: UUID
    supervisor: Supervisor
    hurt: bool = False

    def kill(self, name: str) -> None:
        """kill -9; its supervisor starts it anew. The next test gets a service that nobody has hurt."""
        self.hurt = True
        self.supervisor.kill(name)


class House:
    """One running service for the tests of a module: each begins with an empty database, and with nobody on the line."""

    def __init__(self, database: object, stack: ExitStack) -> None:
        self._database, self._stack = database, stack
        self._running: Service | None = None

    def service(self, practice: UUID) -> Service:
        if self._running is None or self._running.hurt:
            self._stack.close()
            self._running = self._stack.enter_context(serving(self._database, practice))
        self._running.practice = practice
        return self._running


@pytest.fixture(scope="module")
def house(cluster: object) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(cluster, stack)


@pytest.fixture
def service(db: object, demo: UUID, house: House) -> Iterator[Service]:
    del db
    running = house.service(demo)
    wait_until(demo, lambda _: a_node_beats(), 10)  # tables were emptied: a node nobody has heard of loses its calls
    yield running
    if not running.hurt:
        wait_until(demo, nobody_rings, 10)


def a_node_beats() -> bool:
    from careline.storage.models import Node

    return bool(Node.objects.exists())


@contextmanager
def serving(db: object, practice: UUID, voice: int = 0, **settings: str) -> Iterator[Service]:
    """Start the service, with more `settings` than it has by itself, and end it."""
    app: str = db.app  # type: ignore[attr-defined]
    sip, voice = free_port(socket.SOCK_DGRAM), voice or free_port(socket.SOCK_STREAM)
    rtp = 30_000 + (os.getpid() % 100) * 100
    environment = {
        "CARELINE_APP_DATABASE": app,
        "CARELINE_SIP_PORT": str(sip),
        "CARELINE_VOICE_PORT": str(voice),
        "CARELINE_RTP_FIRST": str(rtp),
        "CARELINE_RTP_LAST": str(rtp + 98),
        "CARELINE_DEMO": "1",
        **settings,
    }
    supervisor = Supervisor(lambda _line: None)
    for role in ("voice", "work"):
        supervisor.add(role, ["careline.cli", "serve", "--only", role], environment)
    supervisor.start()
    try:
        yield Service(("127.0.0.1", sip), voice, practice, supervisor)
    finally:
        supervisor.stop()


def nobody_rings(record: dict[str, list[Any]]) -> bool:
    """Chats may stay open for a while: their writers could come back."""
    return all(contact.state != "open" or contact.channel != "phone" for contact in record["contacts"])


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def ring(phone: Softphone, service: Service, number: str = LINE) -> PhoneCall:
    """Dial the practice, and wait until it has answered and begun to speak."""
    call = await phone.dial(number, service.sip)
    await call.answered()
    await call.hears_sound()
    return call


async def clinician(service: Service, number: str, keys: str, registered: asyncio.Event) -> PhoneCall:
    """A clinician's telephone: registers, waits to be rung, answers, and keys `keys`, in which PIN stands for theirs."""
    async with Softphone(number, login=Login(number, "careline")) as phone:
        assert await phone.register(service.sip) == 200
        registered.set()
        call = await phone.incoming(40.0)
        call.answer()
        await call.answered()
        await call.hears_sound()
        call.press(keys.replace("PIN", PIN[number]))
        await call.over(40.0)
        return call


def run(work: Awaitable[None]) -> None:
    async def all_of_it() -> None:
        async with asyncio.timeout(90):
            await work

    asyncio.run(all_of_it())
