"""A carrier of text messages as tests know it: a real HTTP server that behaves as Twilio's public documentation says.

It signs on accounts, refuses what the real one refuses (with the same codes), lists messages with filters and pages, and makes
the signed callbacks for what became of a message and for what people text back. `mood` makes it fail in the ways carriers do.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from careline.wire.twilio_signature import signature

if TYPE_CHECKING:
    from collections.abc import Callable

SID, TOKEN, OUR_NUMBER = "AC" + "0" * 31 + "1", "not-a-real-token", "+12125550190"
_NUMBER = re.compile(r"^\+[1-9]\d{7,14}$")
_FIRST_SECONDS = 0.02


class Mood(StrEnum):
    """How the carrier answers a new message."""

    WELL = "well"
    BUSY = "busy"  # 429, with Retry-After
    BROKEN = "broken"  # 503
    PROXY = "proxy"  # 502 with a page of HTML
    SILENT = "silent"  # takes nothing, answers nothing
    FORGETFUL = "forgetful"  # takes the message, and the answer never arrives


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A webhook request as the carrier makes it. `post()` makes it; a test may also change it first."""

    url: str
    pairs: tuple[tuple[str, str], ...]
    signature: str

    @property
    def body(self) -> bytes:
        return urlencode(self.pairs).encode()

    def post(self) -> int:
        """Over HTTP, to wherever the address leads. The status that came back."""
        headers = {"X-Twilio-Signature": self.signature, "Content-Type": "application/x-www-form-urlencoded"}
        parts = urlsplit(self.url)
        to = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=5)
        to.request("POST", f"{parts.path}?{parts.query}".rstrip("?"), self.body, headers)
        with closing(to):
            return to.getresponse().status


@dataclass(slots=True)
class Text:
    """A message the carrier has taken."""

    sid: str
    to: str
    sender: str
    body: str
    callback: str
    valid_s: int
    at: datetime
    status: str = "queued"
    error: int | None = None

    def as_json(self) -> dict[str, Any]:
        moment = format_datetime(self.at)
        return {
            "sid": self.sid, "account_sid": SID, "to": self.to, "from": self.sender, "body": self.body,
            "status": self.status, "error_code": self.error, "error_message": None, "direction": "outbound-api",
            "date_created": moment, "date_updated": moment, "date_sent": moment, "num_segments": "1", "num_media": "0",
            "price": None, "price_unit": "USD", "messaging_service_sid": None, "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{SID}/Messages/{self.sid}.json",
        }  # fmt: skip


@dataclass(slots=True)
class Carrier:
    """`with Carrier() as carrier:` serves on the loopback. `stopped` are numbers that texted STOP, `landlines` take no texts."""

    mood: Mood = Mood.WELL
    texts: list[Text] = field(default_factory=list[Text])
    stopped: set[str] = field(default_factory=set[str])
    landlines: set[str] = field(default_factory=set[str])
    token: str = TOKEN
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    asked: int = 0  # how often the list of messages was read
    page_size: int = 2
    _server: ThreadingHTTPServer | None = None
    _replies: int = 0

    def __enter__(self) -> Self:
        carrier = self

        class Handler(_Handler):
            of = carrier

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(_FIRST_SECONDS,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """What an installation sets to use this carrier."""
        port = self._server.server_port if self._server else 0
        return {
            "CARELINE_TWILIO_URL": f"http://{SID}:{self.token}@127.0.0.1:{port}",
            "CARELINE_TWILIO_FROM": OUR_NUMBER,
        }

    def to(self, number: str) -> list[str]:
        """The texts this telephone has been sent, in order."""
        return [text.body for text in self.texts if text.to == number]

    def became(self, text: Text, status: str, error: int | None = None) -> SignedRequest:
        """The callback that a message is now sent, delivered, undelivered, …"""
        text.status, text.error = status, error
        pairs = [
            ("SmsSid", text.sid), ("SmsStatus", status), ("MessageStatus", status), ("To", text.to),
            ("MessageSid", text.sid), ("AccountSid", SID), ("From", text.sender), ("ApiVersion", "2010-04-01"),
        ]  # fmt: skip
        if error is not None:
            pairs.append(("ErrorCode", str(error)))
        return self.signed(text.callback, pairs)

    def reply(self, hook: str, sender: str, text: str, **more: str) -> SignedRequest:
        """Somebody texts our number; `hook` is the webhook set for it."""
        self._replies += 1
        sid = f"SM{self._replies:032x}"
        pairs = [
            ("ToCountry", "US"), ("SmsMessageSid", sid), ("NumMedia", "0"), ("SmsSid", sid), ("SmsStatus", "received"),
            ("Body", text), ("To", OUR_NUMBER), ("NumSegments", "1"), ("MessageSid", sid), ("AccountSid", SID),
            ("From", sender), ("ApiVersion", "2010-04-01"), *more.items(),
        ]  # fmt: skip
        return self.signed(hook, pairs)

    def signed(self, url: str, pairs: list[tuple[str, str]]) -> SignedRequest:
        return SignedRequest(url, tuple(pairs), signature(self.token, url, pairs))

    def refusal(self, form: dict[str, str]) -> tuple[int, int, str] | None:
        """Status, code and words with which a new message is refused."""
        to = form.get("To", "")
        if not _NUMBER.match(to):
            return 400, 21211, f"The 'To' number {to} is not a valid phone number."
        if form.get("From") != OUR_NUMBER and not form.get("MessagingServiceSid", "").startswith("MG"):
            return 400, 21659, "The From number is not a Twilio phone number."
        if to in self.stopped:
            return 400, 21610, "Attempt to send to unsubscribed recipient"
        if to in self.landlines:
            return 400, 21614, "'To' number is not a valid mobile number"
        if not form.get("Body"):
            return 400, 21602, "Message body is required."
        if len(form["Body"]) > 1600:
            return 400, 21617, "The concatenated message body exceeds the 1600 character limit."
        return None

    def take(self, form: dict[str, str]) -> Text:
        text = Text(
            sid=f"SM{len(self.texts) + 1:031x}0",
            to=form["To"],
            sender=form.get("From") or OUR_NUMBER,
            body=form["Body"],
            callback=form.get("StatusCallback", ""),
            valid_s=int(form.get("ValidityPeriod", "14400")),
            at=self.now(),
        )
        self.texts.append(text)
        return text


class _Handler(BaseHTTPRequestHandler):
    """One request to the carrier's REST interface."""

    of: Carrier

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()))
        if not self._known() or self._in_a_mood():
            return
        refused = self.of.refusal(form)
        if refused is not None:
            self._refuse(*refused)
            return
        text = self.of.take(form)
        if self.of.mood is Mood.FORGETFUL:
            self.close_connection = True
            return
        self._answer(201, text.as_json())

    def do_GET(self) -> None:
        if not self._known():
            return
        self.of.asked += 1
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        since = asked.get("DateSent>", "")
        found = [
            text
            for text in reversed(self.of.texts)
            if text.to == asked.get("To", text.to) and text.at.date().isoformat() >= since
        ]
        page, size = int(asked.get("Page", "0")), min(int(asked.get("PageSize", "50")), self.of.page_size)
        shown = found[page * size : (page + 1) * size]
        more = len(found) > (page + 1) * size
        asked |= {"Page": str(page + 1)}
        following = f"{urlsplit(self.path).path}?{urlencode(asked)}" if more else None
        listed = [text.as_json() for text in shown]
        self._answer(200, {"messages": listed, "next_page_uri": following, "page": page, "page_size": size})

    def _known(self) -> bool:
        wanted = base64.b64encode(f"{SID}:{self.of.token}".encode()).decode()
        if self.headers.get("Authorization") == f"Basic {wanted}" and f"/Accounts/{SID}/Messages.json" in self.path:
            return True
        self._refuse(401, 20003, "Authenticate")
        return False

    def _in_a_mood(self) -> bool:
        match self.of.mood:
            case Mood.BUSY:
                self._refuse(429, 20429, "Too Many Requests", {"Retry-After": "1"})
            case Mood.BROKEN:
                self._refuse(503, 20503, "Service Unavailable")
            case Mood.PROXY:
                self._send(502, "text/html", b"<h1>Bad Gateway</h1>", {})
            case Mood.SILENT:
                time.sleep(1.0)
                self.close_connection = True
            case _:
                return False
        return True

    def _refuse(self, status: int, code: int, message: str, headers: dict[str, str] | None = None) -> None:
        more = f"https://www.twilio.com/docs/errors/{code}"
        body = {"code": code, "message": message, "more_info": more, "status": status}
        self._send(status, "application/json", json.dumps(body).encode(), headers or {})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(content).encode(), {})

    def _send(self, status: int, kind: str, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Tests print nothing."""
