"""The carrier's way in: its webhooks and its sockets, on the voice process's listener.

    POST /twilio/voice                       a call has come (set this as the number's "A call comes in")
    POST /twilio/status                      what became of it (set as "Call status changes")
    POST /twilio/next                        a session has ended: what now?
    POST /twilio/calls/{word}/status         about a call we have placed
    POST /twilio/calls/{word}/answered-by    who picked up
    GET  /twilio/socket/{word}               text or audio of one call, once

Whatever is not signed with the account's token is refused before it is read.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from aiohttp import web

from careline.core.errors import Refused, WireError
from careline.wire import twilio_media, twilio_relay, twilio_signature
from careline.wire.twilio_voice import LONGEST_FORM, CallNews, nothing, read_form, read_news

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from careline.telephony.twilio.calls import Answer
    from careline.telephony.twilio.telephone import TwilioTelephone

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logging.getLogger("careline.telephony.twilio")
_BODY_S = 5.0


class TwilioDoor:
    """Routes for the listener. `refused` counts requests that nobody of the carrier's had signed."""

    def __init__(self, telephone: TwilioTelephone) -> None:
        self._telephone, self._config = telephone, telephone.config
        self.refused = 0

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.post("/twilio/voice", self._asked(self._voice)),
            web.post("/twilio/next", self._asked(self._next)),
            web.post("/twilio/status", self._asked(self._status)),
            web.post("/twilio/calls/{word}/status", self._asked(self._placed_status)),
            web.post("/twilio/calls/{word}/answered-by", self._asked(self._answered_by)),
            web.get("/twilio/socket/{word}", self._socket, allow_head=False),
        ]

    def _asked(self, handle: Callable[[web.Request, CallNews], Awaitable[web.Response]]) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                return await handle(request, await self._news(request))
            except Refused:
                self.refused += 1
                _log.warning("a webhook was refused: not signed by the carrier (%d so far)", self.refused)
                return web.Response(status=403, text="not signed by the carrier")
            except WireError as error:
                return web.Response(status=400, text=str(error))
            except TimeoutError:
                return web.Response(status=408, text="the body did not come")

        return handler

    async def _news(self, request: web.Request) -> CallNews:
        """Raises `Refused` for what the carrier did not sign, `WireError` for what it should not have signed."""
        async with asyncio.timeout(_BODY_S):
            body = await request.content.read(LONGEST_FORM + 1)
            while not request.content.at_eof() and len(body) <= LONGEST_FORM:
                body += await request.content.read(LONGEST_FORM + 1 - len(body))
        try:
            pairs = read_form(body)
        except WireError as error:
            if not request.headers.get(twilio_signature.HEADER):
                raise Refused("not signed by the carrier") from error
            raise
        if not self._signed(request, self._config.addresses, pairs):
            raise Refused("not signed by the carrier")
        news = read_news(pairs)
        if news.account != self._config.account:
            raise Refused("another account's")
        return news

    def _signed(self, request: web.Request, addresses: Sequence[str], pairs: Sequence[tuple[str, str]] = ()) -> bool:
        given = request.headers.get(twilio_signature.HEADER, "")
        return any(
            twilio_signature.is_genuine(self._config.tokens, address + request.raw_path, given, pairs)
            for address in addresses
        )

    # ------------------------------------------------------------ webhooks

    async def _voice(self, _request: web.Request, news: CallNews) -> web.Response:
        return _answered(await self._telephone.arrive(news))

    async def _next(self, _request: web.Request, news: CallNews) -> web.Response:
        return _answered(await self._telephone.next(news))

    async def _status(self, _request: web.Request, news: CallNews) -> web.Response:
        self._telephone.hear(news)
        return _twiml(nothing())

    async def _placed_status(self, request: web.Request, news: CallNews) -> web.Response:
        call = self._telephone.placed(request.match_info["word"])
        if call is not None:
            call.hear(news)
        return _twiml(nothing())

    async def _answered_by(self, request: web.Request, news: CallNews) -> web.Response:
        call = self._telephone.placed(request.match_info["word"])
        if call is not None and news.answered_by is not None:
            call.answered_by(news.answered_by)
        return _twiml(nothing())

    # ------------------------------------------------------------ sockets

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        own = [f"ws{address.removeprefix('http')}" for address in self._config.addresses]
        unsigned = self._config.unsigned_sockets and twilio_signature.HEADER not in request.headers
        if not unsigned and not self._signed(request, own):
            self.refused += 1
            return web.Response(status=403, text="not signed by the carrier")
        call = self._telephone.claim(request.match_info["word"])
        if call is None:
            return web.Response(status=404, text="no call waits here")
        socket = web.WebSocketResponse(
            heartbeat=self._config.timing.stall_s if call.by_text else None,
            max_msg_size=twilio_relay.LONGEST_MESSAGE if call.by_text else twilio_media.LONGEST_MESSAGE,
            compress=False,
        )
        await socket.prepare(request)
        await call.attend(socket)
        return socket


def _answered(answer: Answer) -> web.Response:
    if answer.status != 200:
        return web.Response(status=answer.status, text="this call cannot be taken here")
    return _twiml(answer.document)


def _twiml(document: str) -> web.Response:
    return web.Response(text=document, content_type="text/xml", charset="utf-8")
