"""A running service: the voice and work processes of an installation, against this test's own database."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest

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

    def kill(self, name: str) -> None:
        """kill -9; its supervisor starts it anew."""
        self.supervisor.kill(name)


@pytest.fixture
def service(db: object, demo: UUID) -> Iterator[Service]:
    with serving(db, demo) as running:
        yield running


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
