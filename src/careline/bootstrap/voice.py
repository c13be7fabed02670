"""The voice process: telephone lines, chats, and the telephone calls that promises need. Imports no Django."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import uvloop

from careline import tokens
from careline.bootstrap import data
from careline.calls.database import ActionsChild
from careline.calls.listener import Door, Listener
from careline.calls.node import Arrival, Knowledge, Node
from careline.children import Child, Pool
from careline.clock import SystemClock
from careline.core.contact import Channel
from careline.settings import derive, ensure_key_file

if TYPE_CHECKING:
    from collections.abc import Callable

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
    children = Pool(
        [
            Child("careline.bootstrap.actions_child", name=f"actions {index}", environment=dict(os.environ))
            for index in range(_ACTIONS_CHILDREN)
        ]
    )
    starting = asyncio.create_task(children.start())
    knowledge = Knowledge(data.library(), data.lexicons(), data.words())
    await starting
    clock = SystemClock()
    node = Node(f"{settings.node}:{os.getpid()}", ActionsChild(children), clock, knowledge)
    node.start()
    listener = Listener(door(settings, node, clock))
    await listener.start(settings.bind, settings.voice_port)
    ready()
    await stop.wait()
    await listener.stop()
    await node.stop()
    await children.stop()


def door(settings: Settings, node: Node, clock: SystemClock) -> Door:
    """Who may chat, and what becomes of it."""

    async def converse(slug: str, conversation: TextConversation, language: str) -> None:
        arrival = Arrival(Channel.CHAT, slug, "", language)
        await node.converse(await node.open(arrival, conversation.hearing), arrival, conversation)

    local = {f"http://{host}:{settings.web_port}" for host in ("localhost", "127.0.0.1")}
    return Door(
        key=derive(ensure_key_file(settings.key_file), tokens.CHAT),
        now=clock.now,
        origins=frozenset({settings.public_url, *local}),
        converse=converse,
        healthy=lambda: True,
    )
