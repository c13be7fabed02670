"""Where a page finds the voice processes, and the notes that let it in there."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from careline import tokens
from careline.settings import derive, read_key_file
from careline.wire.ice_servers import ice_server

if TYPE_CHECKING:
    from django.http import HttpRequest


def sockets(request: HttpRequest, path: str) -> list[str]:
    """WebSocket addresses of `path` at every voice process: as set, or the same host with the voice process's port, encrypted
    where this page is."""
    if settings.CARELINE.voice_urls:
        return [f"{url}/{path}" for url in settings.CARELINE.voice_urls]
    host = urlsplit(f"//{request.get_host()}").hostname or "localhost"
    named = f"[{host}]" if ":" in host else host
    return [f"{'wss' if request.is_secure() else 'ws'}://{named}:{settings.CARELINE.voice_port}/{path}"]


def socket(request: HttpRequest, path: str) -> str:
    """One of them, at random."""
    return secrets.choice(sockets(request, path))


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def token(purpose: str, subject: str, seconds: int) -> str:
    """A note for one connection. Other sites cannot read it: no cross-origin header is sent with it."""
    expires = datetime.now(UTC) + timedelta(seconds=seconds)
    key = derive(read_key_file(settings.CARELINE.key_file), purpose)
    return tokens.mint(key, subject, expires, secrets.token_urlsafe(9))


def ice_servers() -> list[dict[str, str]]:
    return [ice_server(url).for_browser() for url in settings.CARELINE.ice_servers]
