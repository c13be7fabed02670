"""Our own static files, served before Django is asked, and named by their content so that browsers keep them for good."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise import WhiteNoise

if TYPE_CHECKING:
    from whitenoise.responders import Redirect, StaticFile

KEEP = "public, max-age=31536000, immutable"
RECHECK = "public, max-age=300"


Message = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class NamedByContent(StaticFilesStorage):
    """`{% static %}` addresses end in a hash of the file, so a new release is a new address."""

    def url(self, name: str | None, force: bool = False) -> str:  # noqa: ARG002 - Django's signature
        address = super().url(name)
        version = _version(name or "")
        return f"{address}?v={version}" if version else address


@cache
def _version(name: str) -> str:
    found = finders.find(name)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10] if found else ""


class StaticFiles:
    """An ASGI application in front of another: answers for the files, passes on the rest. Files are found once, at the start."""

    def __init__(self, inner: Callable[[Message, Receive, Send], Awaitable[None]], prefix: str = "/static/") -> None:
        self._inner = inner
        self._noise = WhiteNoise(None, max_age=300)
        for finder in finders.get_finders():
            for path, storage in finder.list([]):
                if (full := Path(storage.path(path))).is_file():
                    self._noise.add_file_to_dictionary(prefix + path, str(full))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        found = self._noise.files.get(scope.get("path", "")) if scope["type"] == "http" else None
        if found is None or scope["method"] not in ("GET", "HEAD"):
            await self._inner(scope, receive, send)
            return
        await _answer(found, scope, send)


async def _answer(found: StaticFile | Redirect, scope: Message, send: Send) -> None:
    asked = {
        "HTTP_" + name.decode("latin-1").upper().replace("-", "_"): value.decode("latin-1")
        for name, value in scope["headers"]
    }
    response = found.get_response(scope["method"], asked)
    body = b""
    if response.file is not None:
        with response.file as file:
            body = file.read()
    kept = KEEP if scope.get("query_string", b"").startswith(b"v=") else RECHECK
    headers = [
        (name.lower().encode(), value.encode()) for name, value in response.headers if name.lower() != "cache-control"
    ]
    headers += [(b"cache-control", kept.encode()), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": int(response.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
