"""The key that push services know us by, and the addresses we may send to."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatch
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from datetime import datetime

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the curve P-256
_VALID = timedelta(hours=12)  # RFC 8292 allows 24


@dataclass(frozen=True, slots=True)
class SendingKey:
    private: ec.EllipticCurvePrivateKey = field(repr=False)

    @staticmethod
    def derived(secret: bytes) -> SendingKey:
        """From 32 bytes; the same bytes give the same key, so that subscriptions outlive a restart."""
        return SendingKey(ec.derive_private_key(int.from_bytes(secret) % (_ORDER - 1) + 1, ec.SECP256R1()))

    @property
    def public(self) -> str:
        """As a browser wants it: the uncompressed point in URL-safe base64 without padding."""
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).decode().rstrip("=")

    def authorization(self, endpoint: str, contact: str, now: datetime) -> str:
        """The header by which a push service knows us (RFC 8292), for the service of this endpoint only."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((now + _VALID).timestamp()), "sub": contact}
        return f"vapid t={jwt.encode(claims, self.private, algorithm='ES256')}, k={self.public}"


def allowed(endpoint: str, hosts: tuple[str, ...]) -> bool:
    """Whether an endpoint lies at a push service we know. `hosts` may begin with `*.`; one that names a port (a test's) may speak
    plain http."""
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    if parts.username or parts.password or any(ord(letter) < 33 for letter in endpoint):
        return False
    if parts.scheme == "https" and port in (None, 443):
        return any(fnmatch(host, pattern) for pattern in hosts)
    return port is not None and f"{host}:{port}" in hosts
