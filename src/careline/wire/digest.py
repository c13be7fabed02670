"""Digest access authentication as SIP uses it (RFC 7616, RFC 8760): answering a challenge, and checking an answer.

MD5 because every trunk still asks for it; SHA-256 when offered first. `qop=auth` where the challenge has it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from careline.core.errors import WireError

_ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256"}
_FIELD = re.compile(r'([A-Za-z][A-Za-z0-9\-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|\Z)\s*')


@dataclass(frozen=True, slots=True)
class Challenge:
    realm: str
    nonce: str
    algorithm: str = "MD5"
    opaque: str = ""
    qop: bool = True

    def text(self) -> str:
        """As a WWW-Authenticate value."""
        parts = [f'realm="{_quoted(self.realm)}"', f'nonce="{_quoted(self.nonce)}"', f"algorithm={self.algorithm}"]
        if self.opaque:
            parts.append(f'opaque="{_quoted(self.opaque)}"')
        if self.qop:
            parts.append('qop="auth"')
        return "Digest " + ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: str


def fields(text: str) -> dict[str, str]:
    """The named values of a Digest header. Raises WireError."""
    scheme, _, rest = text.strip().partition(" ")
    if scheme.lower() != "digest":
        raise WireError("not a Digest header")
    found: dict[str, str] = {}
    rest, place = rest.strip(), 0
    while place < len(rest):
        match = _FIELD.match(rest, place)
        if match is None:
            raise WireError("Digest header malformed")
        quoted: str | None = match[2]
        found[match[1].lower()] = match[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        place = match.end()
    return found


def parse_challenge(text: str) -> Challenge:
    """Raises WireError, also for an algorithm or protection we do not have."""
    values = fields(text)
    algorithm = values.get("algorithm", "MD5").upper()
    qops = [one.strip().lower() for one in values.get("qop", "").split(",") if one.strip()]
    if algorithm not in _ALGORITHMS or (qops and "auth" not in qops) or "nonce" not in values or "realm" not in values:
        raise WireError("Digest challenge not supported")
    return Challenge(values["realm"], values["nonce"], algorithm, values.get("opaque", ""), bool(qops))


def respond(challenge: Challenge, login: Login, method: str, uri: str, cnonce: str) -> str:
    """The value of an Authorization header. `cnonce` is fresh randomness; each nonce is used once (count 1)."""
    expected = _response(challenge, login, method, uri, cnonce if challenge.qop else "", "00000001")
    parts = [
        f'username="{_quoted(login.username)}"',
        f'realm="{_quoted(challenge.realm)}"',
        f'nonce="{_quoted(challenge.nonce)}"',
        f'uri="{uri}"',
        f'response="{expected}"',
        f"algorithm={challenge.algorithm}",
    ]
    if challenge.qop:
        parts += ["qop=auth", "nc=00000001", f'cnonce="{cnonce}"']
    if challenge.opaque:
        parts.append(f'opaque="{_quoted(challenge.opaque)}"')
    return "Digest " + ", ".join(parts)


def verify(text: str, challenge: Challenge, login: Login, method: str) -> bool:
    """Whether an Authorization value answers this very challenge. Comparison takes the same time wherever it differs."""
    try:
        values = fields(text)
    except WireError:
        return False
    if values.get("username") != login.username or values.get("nonce") != challenge.nonce or "uri" not in values:
        return False
    if values.get("realm") != challenge.realm or values.get("algorithm", "MD5").upper() != challenge.algorithm:
        return False
    with_qop = values.get("qop", "").lower() == "auth"
    cnonce, count = (values.get("cnonce", ""), values.get("nc", "")) if with_qop else ("", "")
    expected = _response(challenge, login, method, values["uri"], cnonce, count)
    return hmac.compare_digest(expected.encode(), values.get("response", "").lower().encode())


def _response(challenge: Challenge, login: Login, method: str, uri: str, cnonce: str, count: str) -> str:
    def digest(text: str) -> str:
        return hashlib.new(_ALGORITHMS[challenge.algorithm], text.encode(), usedforsecurity=False).hexdigest()

    who = digest(f"{login.username}:{challenge.realm}:{login.password}")
    what = digest(f"{method}:{uri}")
    protection = f"{count}:{cnonce}:auth:" if cnonce else ""
    return digest(f"{who}:{challenge.nonce}:{protection}{what}")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
