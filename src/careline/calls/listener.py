"""The voice process's own door: the chat's WebSocket, a health page, and the routes of whoever else listens here (browser
telephones, carriers), given to it by `bootstrap`.

Frames are JSON. From us: `welcome` (with `resume`), `say`, `got`, `cut`, `ended`, `refused`. From the browser: `heard` (`text`
or `keys`, with an `id` of its own) and `spoken`. Every `heard` is answered by `got` with its `id` once it is taken; the browser
sends again on its next socket what was not, and what comes twice is taken once. So no line is lost between two sockets. A
broken socket may come back with its `resume` within two minutes and goes on where it was; after that the writer has left, and
the record is closed with whatever follows from it.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from aiohttp import WSCloseCode, WSMsgType, web

from careline import tokens
from careline.calls.text import LONGEST_TURN, TextConversation
from careline.core.errors import CarelineError, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import datetime

    from careline.core.contact import Say

RETURN_SECONDS = 120.0
_FRAME_BYTES = 2 * 1024 * 1024
_MOST_CHATS = 500
_FRAMES_PER_SECOND, _BURST = 5.0, 40.0
#: Ids of lines that a writer could still send again: far more than one socket's burst.
_MOST_REMEMBERED, _LONGEST_ID = 200, 64


@dataclass(slots=True)
class _Chat:
    """One written contact, with or without a socket at the moment. What was said is kept to be shown again on return."""

    resume: str
    conversation: TextConversation | None = None
    socket: web.WebSocketResponse | None = None
    said: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    expiry: asyncio.TimerHandle | None = None
    over: bool = False
    taken: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_REMEMBERED))

    async def send(self, sentence: Say) -> None:
        frame = {
            "type": "say",
            "id": sentence.id,
            "text": sentence.text,
            "language": sentence.language,
            "expect": sentence.expect.value,
            "options": list(sentence.options),
            "speaker": sentence.speaker,
        }
        self.said.append(frame)
        await self.put(frame)

    async def cut(self, limit: int) -> None:
        await self.put({"type": "cut", "limit": limit})

    async def close(self) -> None:
        self.over = True
        await self.put({"type": "ended"})

    async def put(self, frame: dict[str, Any]) -> None:
        if self.socket is not None and not self.socket.closed:
            try:
                await self.socket.send_str(json.dumps(frame, ensure_ascii=False))
            except ConnectionError:
                return  # the reader of this socket sees it close and waits for its return


@dataclass(frozen=True, slots=True)
class Door:
    """What the listener needs. `converse` runs a contact to its end; `key` signs the chat's tokens."""

    key: bytes
    now: Callable[[], datetime]
    origins: frozenset[str]
    converse: Callable[[str, TextConversation, str], Awaitable[None]]
    healthy: Callable[[], bool]


class Listener:
    """An aiohttp application on a port of its own. `routes` are other adapters' ways in."""

    def __init__(self, door: Door, routes: Iterable[web.AbstractRouteDef] = ()) -> None:
        self._door, self._routes = door, tuple(routes)
        self._chats: dict[str, _Chat] = {}
        self._ended: dict[str, _Chat] = {}  # for those whose socket broke at the goodbye, and who come back
        self._tasks: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> None:
        application = web.Application()
        application.router.add_get("/health", self._health)
        application.router.add_get("/chat", self._chat)
        application.add_routes(self._routes)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def stop(self) -> None:
        """Writers are told that it is over; their records close as those of callers who left."""
        chats = list(self._chats.values())
        for chat in chats:
            await chat.put({"type": "refused", "reason": ""})
            if chat.conversation is not None:
                chat.conversation.left("service stopped")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5.0)
        for chat in chats:  # the runner would wait a minute for open sockets
            if chat.socket is not None and not chat.socket.closed:
                await chat.socket.close(code=WSCloseCode.GOING_AWAY)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _health(self, _request: web.Request) -> web.Response:
        well = self._door.healthy()
        return web.json_response({"ready": well, "chats": len(self._chats)}, status=200 if well else 503)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        if origin and not self._allowed(origin):
            return web.Response(status=403, text="this page may not chat here")
        socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=_FRAME_BYTES)
        await socket.prepare(request)
        resume = request.query.get("resume", "")
        chat = self._chats.get(resume) or self._ended.get(resume)
        if chat is None:
            try:
                slug = tokens.opened(self._door.key, request.query.get("token", ""), self._door.now())
                chat = self._open(slug, request.query.get("language", "en")[:5])
            except Refused as error:
                await socket.send_str(json.dumps({"type": "refused", "reason": str(error)}))
                await socket.close()
                return socket
        await self._attend(chat, socket)
        return socket

    def _allowed(self, origin: str) -> bool:
        parts = urlsplit(origin)
        return f"{parts.scheme}://{parts.netloc}" in self._door.origins

    def _open(self, slug: str, language: str) -> _Chat:
        if len(self._chats) >= _MOST_CHATS:
            raise Refused("too many chats at this moment: please call, or try again in a minute")
        chat = _Chat(secrets.token_urlsafe(24))
        chat.conversation = TextConversation(chat, asyncio.get_running_loop().time)
        self._chats[chat.resume] = chat
        task = asyncio.create_task(self._run(chat, slug, language), name="chat")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return chat

    async def _run(self, chat: _Chat, slug: str, language: str) -> None:
        conversation = cast(TextConversation, chat.conversation)
        try:
            await self._door.converse(slug, conversation, language)
        except CarelineError as error:
            await chat.put({"type": "refused", "reason": str(error)})
        finally:
            chat.over = True
            if self._chats.pop(chat.resume, None) is not None:
                self._ended[chat.resume] = chat
                asyncio.get_running_loop().call_later(RETURN_SECONDS, self._ended.pop, chat.resume, None)
            if chat.expiry is not None:
                chat.expiry.cancel()

    async def _attend(self, chat: _Chat, socket: web.WebSocketResponse) -> None:
        """Serve this socket until it closes. A later socket of the same chat takes over from an earlier one."""
        earlier, chat.socket = chat.socket, socket
        if earlier is not None and not earlier.closed:
            await earlier.close()
        if chat.expiry is not None:
            chat.expiry.cancel()
        await chat.put({"type": "welcome", "resume": chat.resume, "longest": LONGEST_TURN})
        for frame in [*({"type": "got", "id": name} for name in chat.taken), *chat.said]:
            await chat.put(frame)
        if chat.over:
            await chat.put({"type": "ended"})
        budget, last = _BURST, asyncio.get_running_loop().time()
        async for message in socket:
            now = asyncio.get_running_loop().time()
            budget, last = min(_BURST, budget + (now - last) * _FRAMES_PER_SECOND), now
            budget -= 1
            if message.type is not WSMsgType.TEXT or budget < 0:
                break
            await self._take(chat, cast(str, message.data))
        if chat.socket is socket and not chat.over and chat.conversation is not None:
            loop = asyncio.get_running_loop()
            chat.expiry = loop.call_later(RETURN_SECONDS, chat.conversation.left, "closed the page")

    async def _take(self, chat: _Chat, data: str) -> None:
        conversation = cast(TextConversation, chat.conversation)
        try:
            frame: object = json.loads(data)
        except ValueError:
            return
        if not isinstance(frame, dict):
            return
        fields = cast(dict[str, object], frame)
        name = fields.get("id")
        if fields.get("type") == "heard":
            name = name[:_LONGEST_ID] if isinstance(name, str) else ""
            known = bool(name) and name in chat.taken
            if not known and not chat.over:
                await _hear(conversation, fields)
            if name and (
                known or not chat.over
            ):  # what comes after the end is not taken: the writer begins anew with it
                chat.taken.append(name)
                await chat.put({"type": "got", "id": name})
        elif fields.get("type") == "spoken" and isinstance(name, str):
            conversation.shown(name)


async def _hear(conversation: TextConversation, fields: dict[str, object]) -> None:
    text, keys = fields.get("text"), fields.get("keys")
    if isinstance(text, str):
        await conversation.typed(text)
    elif isinstance(keys, str):
        conversation.pressed(keys)
