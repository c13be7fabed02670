"""A push service and its browsers as tests know them: a real HTTP server that checks who sends, and opens what was sealed.

As RFC 8030 and 8292 have it, the VAPID token must be for this service, not expired, and made by the key it names.
"""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(slots=True)
class Browser:
    """One browser's subscription. `answer` is what its push service says to a letter for it; `shown` what it has been shown."""

    endpoint: str
    answer: int = 201
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    shown: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    @property
    def subscription(self) -> dict[str, Any]:
        """As `PushSubscription.toJSON()` gives it."""
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "endpoint": self.endpoint,
            "expirationTime": None,
            "keys": {"p256dh": _text(point), "auth": _text(self.auth)},
        }


@dataclass(slots=True)
class PushService:
    """`with PushService() as service:` serves on the loopback; `slow_s` delays every answer."""

    slow_s: float = 0.0
    browsers: dict[str, Browser] = field(default_factory=dict[str, Browser])
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        service = self

        class Handler(_Handler):
            of = service

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port if self._server else 0}"

    def browser(self, answer: int = 201) -> Browser:
        path = f"/push/{len(self.browsers) + 1}"
        self.browsers[path] = Browser(f"http://{self.host}{path}", answer)
        return self.browsers[path]

    def refusal(self, headers: dict[str, str]) -> int:
        """0, or the status with which a request is refused whoever it is for."""
        scheme, _, said = headers.get("authorization", "").partition(" ")
        parts = dict(part.strip().split("=", 1) for part in said.split(",") if "=" in part)
        if scheme != "vapid" or {"t", "k"} - set(parts):
            return 401
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(parts["k"]))
        try:
            claims = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=f"http://{self.host}")
        except jwt.InvalidTokenError:
            return 403
        if "sub" not in claims or not time.time() < claims["exp"] <= time.time() + 24 * 3600:
            return 403
        return 0 if headers.get("ttl", "").isdigit() and headers.get("content-encoding") == "aes128gcm" else 400


class _Handler(BaseHTTPRequestHandler):
    """One letter."""

    of: PushService

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        time.sleep(self.of.slow_s)
        browser = self.of.browsers.get(self.path)
        status = self.of.refusal(headers) or (browser.answer if browser else 404)
        if browser is not None and status == 201:
            opened = http_ece.decrypt(body, private_key=browser.private, auth_secret=browser.auth, version="aes128gcm")
            browser.shown.append(json.loads(opened))
            browser.headers.append(headers)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if status == 201 and browser is not None:
            self.send_header("Location", f"http://{self.of.host}/message/{len(browser.shown)}")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Tests print nothing."""


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
