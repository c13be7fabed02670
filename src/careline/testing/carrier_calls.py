"""A carrier of calls as tests know it: real HTTP and WebSockets, behaving as Twilio's public documentation says.

It announces calls by signed webhooks, does what the TwiML it gets back says, asks the action address when a session ends, and
reports how calls ended. Its own interface places calls: a number in `people` is a person who answers (and lives until their call
is over), or a way to fail; `moods` make the interface fail as interfaces do. What is wrong with a webhook's answer is an error.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode
from xml.etree import ElementTree

import aiohttp
from aiohttp import web

from careline.testing.carrier_sessions import RelaySession, Session, StreamSession
from careline.wire.twilio_signature import HEADER, signature

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 31 + "2", "an invented auth token", "+12125550100"
_WAIT_S = 20.0
_FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


class Mood(StrEnum):
    """How the interface answers the next request to place a call."""

    BUSY = "busy"  # 429
    BROKEN = "broken"  # 500 with a page of HTML
    DENIED = "denied"  # 401
    FORGETFUL = "forgetful"  # places the call; the answer never arrives
    SILENT = "silent"  # neither places it nor answers


@dataclass(slots=True)
class CarriedCall:
    """One call. `session` is the present one; `documents` is every TwiML document that it was told to follow. `vanishes`: nothing
    is asked or told about it any more, as when the carrier's own network is gone."""

    carrier: VoiceCarrier
    sid: str
    caller: str
    called: str
    form: dict[str, str] = field(default_factory=dict[str, str])
    state: str = "ringing"
    refused_with: int = 0
    documents: list[str] = field(default_factory=list[str])
    session: Session | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: bool = False
    vanishes: bool = False
    reports: int = 0

    @property
    def relay(self) -> RelaySession:
        assert isinstance(self.session, RelaySession), self.documents
        return self.session

    @property
    def stream(self) -> StreamSession:
        assert isinstance(self.session, StreamSession), self.documents
        return self.session

    def fields(self, **more: str) -> list[tuple[str, str]]:
        """What every webhook about this call holds."""
        said = {
            "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "CallSid": self.sid, "CallStatus": self.state,
            "Direction": "outbound-api" if self.form else "inbound", "From": self.caller, "To": self.called,
        }  # fmt: skip
        return list({**said, **more}.items())

    async def connected(self, after: Session | None = None) -> Session:
        """Wait for a session (another one than `after`)."""
        async with asyncio.timeout(_WAIT_S):
            while self.session is None or self.session is after:
                self.changed.clear()
                await self.changed.wait()
        return self.session

    async def hang_up(self) -> None:
        """The person at the telephone hangs up."""
        self.hung_up = True
        if isinstance(self.session, StreamSession):
            await self.session.send_raw('{"event":"stop","streamSid":"x","stop":{}}')
        if self.session is not None:
            await self.session.socket.close()
        async with asyncio.timeout(_WAIT_S):
            await self.over.wait()

    async def hang_up_quietly(self) -> None:
        """The call ends at the carrier; whoever holds its session sees that close."""
        self.hung_up = True
        if self.session is not None:
            await self.session.socket.close()

    async def follow(self, document: str, base: str) -> None:
        """Do what TwiML says, verb after verb, and what the action addresses say after that."""
        self.documents.append(document)
        for verb in ElementTree.fromstring(document):  # noqa: S314 - the service under test has written it
            match verb.tag:
                case "Connect":
                    await self._connect(verb)
                    action = verb.get("action")
                    if action and not self.hung_up and not self.vanishes:
                        answer = await self.carrier.post(action, self.fields(SessionStatus="completed"))
                        if answer.status == 200:
                            await self.follow(answer.text, base)
                    return
                case "Hangup" | "Reject":
                    return
                case other:
                    raise ValueError(f"this carrier knows no <{other}>")

    async def _connect(self, connect: ElementTree.Element) -> None:
        noun = connect[0]
        self.state = "in-progress"
        url = noun.attrib["url"]
        async with aiohttp.ClientSession() as http:
            try:
                socket = await http.ws_connect(url, headers={HEADER: signature(self.carrier.token, url)})
            except aiohttp.ClientError:
                return
            if noun.tag == "Stream":
                session = await self._stream(http, socket)
            else:
                session = await self._relay(http, socket, tuple(language.attrib["code"] for language in noun))
            self.session = session
            self.changed.set()
            await session.run()

    async def _relay(
        self, http: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse, languages: tuple[str, ...]
    ) -> RelaySession:
        session = RelaySession(http, socket, languages, plays=self.carrier.plays, holds=self.carrier.holds)
        await session.send(
            type="setup", sessionId="VX" + self.sid[2:], accountSid=ACCOUNT, callSid=self.sid, parentCallSid="",
            **{"from": self.caller}, to=self.called, forwardedFrom="", callType="PSTN", callerName="",
            direction="inbound", callStatus="RINGING", customParameters={},
        )  # fmt: skip
        return session

    async def _stream(self, http: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> StreamSession:
        session = StreamSession(http, socket, "MZ" + self.sid[2:])
        await socket.send_json({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        start = {
            "accountSid": ACCOUNT, "streamSid": session.stream, "callSid": self.sid, "tracks": ["inbound"],
            "mediaFormat": {**_FORMAT, **self.carrier.describes}, "customParameters": {},
        }  # fmt: skip
        await socket.send_json({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": session.stream})
        return session


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    text: str


@dataclass(slots=True)
class VoiceCarrier:
    """`async with VoiceCarrier(hooks) as carrier:`; `hooks` is the service's public address, without a final slash."""

    hooks: str
    token: str = TOKEN
    plays: bool = True
    holds: bool = False
    answered_by: str = ""
    describes: dict[str, object] = field(default_factory=dict[str, object])
    people: dict[str, Any] = field(default_factory=dict[str, Any])
    moods: list[Mood] = field(default_factory=list[Mood])
    calls: list[CarriedCall] = field(default_factory=list[CarriedCall])
    placed: asyncio.Event = field(default_factory=asyncio.Event)
    _http: aiohttp.ClientSession | None = None
    _runner: web.AppRunner | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set["asyncio.Task[None]"])
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    port: int = 0

    @property
    def url(self) -> str:
        """What CARELINE_TWILIO_URL is set to."""
        return f"http://{ACCOUNT}:{self.token.replace(' ', '%20')}@127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        application = web.Application()
        base = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
        application.add_routes(
            [
                web.post(f"{base}.json", self._place),
                web.get(f"{base}.json", self._list),
                web.get(f"{base}/{{sid}}.json", self._show),
                web.post(f"{base}/{{sid}}.json", self._update),
            ]
        )
        self._runner = web.AppRunner(application, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # ------------------------------------------------------------ webhooks

    async def post(self, url: str, pairs: Sequence[tuple[str, str]], signed: str | None = None) -> Answered:
        """A webhook; `signed` puts another signature on it."""
        assert self._http is not None
        headers = {HEADER: signature(self.token, url, pairs) if signed is None else signed}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        async with self._http.post(url, data=urlencode(pairs).encode(), headers=headers) as answer:
            return Answered(answer.status, await answer.text())

    def new_call(self, caller: str, called: str, form: dict[str, str] | None = None) -> CarriedCall:
        call = CarriedCall(self, f"CA{next(self._numbers):032d}", caller, called, form or {})
        self.calls.append(call)
        self.placed.set()
        return call

    async def ring(self, caller: str = "+12125550143", called: str = NUMBER) -> CarriedCall:
        """Somebody dials the practice. Returns once the service has said what to do with the call."""
        call = self.new_call(caller, called)
        answer = await self.post(f"{self.hooks}/twilio/voice", call.fields())
        if answer.status != 200:
            call.refused_with = answer.status
            return call
        self._begin(self._live(call, answer.text))
        return call

    async def _live(self, call: CarriedCall, document: str) -> None:
        await call.follow(document, self.hooks)
        await self._ended(call, "completed")

    async def _ended(self, call: CarriedCall, state: str) -> None:
        if call.over.is_set():
            return
        call.state = state
        call.over.set()
        call.changed.set()
        if call.vanishes:
            return
        with contextlib.suppress(aiohttp.ClientError):
            await self.report(call, state)

    async def report(self, call: CarriedCall, state: str, number: int | None = None) -> None:
        """A status callback; `number` sends it as if it were another."""
        call.state = state
        sequence = str(call.reports if number is None else number)
        call.reports += number is None
        url = call.form.get("StatusCallback") or f"{self.hooks}/twilio/status"
        await self.post(url, call.fields(SequenceNumber=sequence, CallbackSource="call-progress-events"))

    def _begin(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # pyright: ignore[reportArgumentType] - a coroutine becomes a task
        task.add_done_callback(self._tasks.discard)

    # ------------------------------------------------------------ the interface

    async def _place(self, request: web.Request) -> web.Response:
        if (refusal := self._sign_on(request)) is not None:
            return refusal
        mood = self.moods.pop(0) if self.moods else None
        match mood:
            case Mood.BUSY:
                return _error(429, 20429, "Too Many Requests")
            case Mood.BROKEN:
                return web.Response(status=500, text="<h1>Internal Server Error</h1>", content_type="text/html")
            case Mood.DENIED:
                return _error(401, 20003, "Authenticate")
            case Mood.SILENT:
                await asyncio.Event().wait()
            case _:
                pass
        form = {name: str(value) for name, value in (await request.post()).items()}
        person = self.people.get(form.get("To", ""))
        if person is None:
            return _error(400, 21211, f"Invalid 'To' Phone Number: {form.get('To')}")
        if not form.get("From", "").startswith("+"):
            return _error(400, 21212, "Invalid 'From' Phone Number")
        call = self.new_call(form["From"], form["To"], form)
        call.state = "queued"
        self._begin(self._ring_person(call, person))
        if mood is Mood.FORGETFUL:
            await asyncio.Event().wait()
        return web.json_response(_described(call), status=201)

    async def _ring_person(self, call: CarriedCall, person: Any) -> None:
        for state in ("initiated", "ringing"):
            await self.report(call, state)
        if person == "no-answer":
            await call.over.wait()
            return
        if isinstance(person, str):
            await self._ended(call, person)
            return
        call.state = "in-progress"
        living = asyncio.create_task(person(call))
        following = asyncio.create_task(call.follow(call.form["Twiml"], self.hooks))
        await self.report(call, "in-progress")
        if self.answered_by:
            await call.connected()
            await self.post(call.form["AsyncAmdStatusCallback"], call.fields(AnsweredBy=self.answered_by))
        await asyncio.wait((living, following), return_when=asyncio.FIRST_COMPLETED)
        if living.done() and not following.done():
            await call.hang_up_quietly()
        living.cancel()
        await asyncio.gather(living, following, return_exceptions=True)
        await self._ended(call, "completed")

    async def _list(self, request: web.Request) -> web.Response:
        if (refusal := self._sign_on(request)) is not None:
            return refusal
        wanted = request.query
        found = [call for call in self.calls if call.called == wanted["To"] and call.caller == wanted["From"]]
        return web.json_response({"calls": [_described(call) for call in found]})

    async def _show(self, request: web.Request) -> web.Response:
        call = self._called(request)
        return _error(404, 20404, "not found") if call is None else web.json_response(_described(call))

    async def _update(self, request: web.Request) -> web.Response:
        if (refusal := self._sign_on(request)) is not None:
            return refusal
        call, form = self._called(request), await request.post()
        if call is None or call.over.is_set():
            return _error(400, 21220, "Call is not in-progress. Cannot redirect.")
        if form.get("Status") == "completed":
            self._begin(self._end(call))
        return web.json_response(_described(call))

    async def _end(self, call: CarriedCall) -> None:
        rang = call.state in ("queued", "initiated", "ringing")
        await call.hang_up_quietly()
        await self._ended(call, "no-answer" if rang else "completed")

    def _called(self, request: web.Request) -> CarriedCall | None:
        return next((call for call in self.calls if call.sid == request.match_info["sid"]), None)

    def _sign_on(self, request: web.Request) -> web.Response | None:
        wanted = base64.b64encode(f"{ACCOUNT}:{self.token}".encode()).decode()
        if request.headers.get("Authorization") == f"Basic {wanted}":
            return None
        return _error(401, 20003, "Authenticate")


def _described(call: CarriedCall) -> dict[str, Any]:
    return {
        "sid": call.sid, "account_sid": ACCOUNT, "from": call.caller, "to": call.called, "status": call.state,
        "direction": "outbound-api", "answered_by": None, "api_version": "2010-04-01",
    }  # fmt: skip


def _error(status: int, code: int, message: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response({"code": code, "message": message, "more_info": more, "status": status}, status=status)
