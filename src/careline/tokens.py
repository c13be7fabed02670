"""Short-lived signed notes that `web` hands to a browser and another process believes: "this may chat with that practice".

A token is `subject.expires.nonce.signature`, each part safe in a URL; the signature is HMAC-SHA-256 under a key derived for one
purpose (`settings.derive(key, "token:chat")`), so a token made for one purpose opens nothing else. It holds no patient data.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from careline.core.errors import Refused

if TYPE_CHECKING:
    from uuid import UUID

CHAT, CHAT_SECONDS = "token:chat", 120
PHONE, PHONE_SECONDS = "token:phone", 120
SOFTPHONE, SOFTPHONE_SECONDS = "token:softphone", 30
_SUBJECT = re.compile(r"^[A-Za-z0-9_:-]{1,120}$")


def softphone(person: UUID) -> str:
    """The name by which somebody's softphone is rung."""
    return f"web-{person.hex}"


def mint(key: bytes, subject: str, expires: datetime, nonce: str) -> str:
    """`subject` is an id (a practice's slug for chat); `nonce` makes two tokens of one second differ."""
    if not _SUBJECT.match(subject) or not _SUBJECT.match(nonce):
        raise ValueError("a token's subject and nonce are ids")
    body = f"{subject}.{int(expires.timestamp())}.{nonce}"
    return f"{body}.{_sign(key, body)}"


def opened(key: bytes, token: str, now: datetime) -> str:
    """The subject of a token that we made and that has not expired. Raises `Refused` otherwise, without saying which."""
    body, _, signature = token[:400].rpartition(".")
    parts = body.split(".")
    if len(parts) != 3 or not parts[1].isascii() or not parts[1].isdigit() or len(parts[1]) > 12:
        raise Refused("this token is not valid: load the page again")
    if not hmac.compare_digest(signature.encode(), _sign(key, body).encode()):
        raise Refused("this token is not valid: load the page again")
    if datetime.fromtimestamp(int(parts[1]), UTC) < now:
        raise Refused("this token is not valid: load the page again")
    return parts[0]


def _sign(key: bytes, body: str) -> str:
    return base64.urlsafe_b64encode(hmac.new(key, body.encode(), hashlib.sha256).digest()).decode().rstrip("=")
