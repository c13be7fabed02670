"""The voice process: telephone lines, chats, and the telephone calls that promises need. Imports no Django."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import uvloop

from careline import tokens
from careline.actions.keeping import Keeper
from careline.actions.noticing import calling_back, ringing
from careline.bootstrap import data, speech
from careline.bootstrap.browsers import Telephones, browsers
from careline.bootstrap.carrier import Carrier
from careline.bootstrap.sentences import FOLDER, Voices
from careline.bootstrap.telephone import telephone
from careline.calls.announcing import TelephoneAnnouncer
from careline.calls.database import ActionsChild
from careline.calls.desk import DeskPhones
from careline.calls.listener import Door, Listener
from careline.calls.node import Arrival, Knowledge, Node
from careline.calls.paging import PagingDialler
from careline.calls.patch import Patches
from careline.calls.phone import Equipment, Phone
from careline.calls.relaying import relaying
from careline.calls.watch import SelfAnswering, keep_checking
from careline.children import Child, Pool
from careline.clock import SystemClock
from careline.core.contact import Channel
from careline.core.errors import Refused
from careline.settings import derive, ensure_key_file
from careline.speech.silero import SileroJudge
from careline.vault.folder import FolderVault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from careline.calls.text import TextConversation
    from careline.settings import Settings

_ACTIONS_CHILDREN = 2


def run(settings: Settings, ready: Callable[[], None]) -> None:
    """Until told to stop; live contacts are then ended as lost, with their records completed."""
    uvloop.run(_voice(settings, ready))


async def _voice(settings: Settings, ready: Callable[[], None]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        await _start(settings, stack)
        ready()
        await stop.wait()


async def _start(settings: Settings, stack: AsyncExitStack) -> None:
    """Everything in the order in which it must stop the other way round."""
    clock, cache = SystemClock(), speech.sound_cache(settings.data, speech.voice_settings())
    knowledge = Knowledge(data.library(), data.lexicons(), data.words(), data.consent_law())
    children, voice, ears, judge = _actions_children(), speech.voice(), speech.ears(), SileroJudge()
    await asyncio.gather(children.start(), voice.start(), ears.start(), judge.start())
    stack.push_async_callback(_together, children.stop, voice.stop, ears.stop, judge.stop)
    node = Node(f"{settings.node}:{os.getpid()}", ActionsChild(children), clock, knowledge)
    node.start()
    stack.push_async_callback(node.stop)
    web_phone = browsers(settings, clock, origins(settings))
    line, carrier = Telephones(telephone(settings), web_phone), Carrier.of(os.environ)
    node.phones = DeskPhones(line, line, voice, cache, node.actions, clock)
    recordings = FolderVault(settings.data / "recordings")
    equipment = Equipment(Voices(voice, cache, settings.data / FOLDER), ears, recordings, judge=judge)
    phone = Phone(node, equipment)
    try:
        await line.start(phone.on_call)
        await carrier.start(phone)
        listener = Listener(door(settings, node, clock), [*web_phone.routes(), *carrier.routes()])
        await listener.start(settings.bind, settings.voice_port)
    except OSError as error:
        mend = "set CARELINE_SIP_PORT or CARELINE_VOICE_PORT"
        raise Refused(f"a port is taken by another program ({error.strerror}): {mend}") from error
    stack.push_async_callback(line.stop)
    stack.push_async_callback(listener.stop)
    stack.push_async_callback(carrier.stop)
    ours = data.practice("demo").lines[0].number if settings.demo else ""
    by, shown = carrier.usual(line, ours)
    patches = Patches(
        by, voice, cache, ears, equipment.vault, node.actions, clock, knowledge.law, node.live, node.errand
    )
    dialler = carrier.pages(line, ours, lambda one, number: PagingDialler(one, voice, cache, number, patches))
    announcer = TelephoneAnnouncer(by, voice, cache, shown)
    rung = {**ringing(children.call, SelfAnswering(dialler), clock), **relaying(children.call, patches)}
    keeper = Keeper(children.call, {**rung, **calling_back(children.call, announcer, clock)}, node.name, clock)
    for name, running in (("keeper", keeper.run()), ("watch", keep_checking(children.call, clock))):
        stack.callback(asyncio.create_task(running, name=name).cancel)


async def _together(*stops: Callable[[], Awaitable[None]]) -> None:
    await asyncio.gather(*(stop() for stop in stops))


def _actions_children() -> Pool:
    return Pool(
        [
            Child("careline.bootstrap.actions_child", name=f"actions {index}", environment=dict(os.environ))
            for index in range(_ACTIONS_CHILDREN)
        ]
    )


def origins(settings: Settings) -> frozenset[str]:
    """The sites whose pages may chat and call."""
    return frozenset(
        {settings.public_url, *(f"http://{host}:{settings.web_port}" for host in ("localhost", "127.0.0.1"))}
    )


def door(settings: Settings, node: Node, clock: SystemClock) -> Door:
    """Who may chat, and what becomes of it."""

    async def converse(slug: str, conversation: TextConversation, language: str) -> None:
        arrival = Arrival(Channel.CHAT, slug, "", language)
        await node.converse(await node.open(arrival, conversation.hearing), arrival, conversation)

    return Door(
        key=derive(ensure_key_file(settings.key_file), tokens.CHAT),
        now=clock.now,
        origins=origins(settings),
        converse=converse,
        healthy=lambda: True,
    )
