"""`X-Twilio-Signature`: HMAC-SHA1, under the account's auth token, of the address asked for and every posted field.

Source: "Secure webhooks" and "Getting and sending WebSocket messages" in Twilio's documentation. The address is the one Twilio
was given, not the one a proxy passes on, so it is built from the configured public address. A signature carries no time: it is
as good tomorrow as today, and whoever takes a request must himself know one that he has had before.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Fields = Sequence[tuple[str, str]]

HEADER = "X-Twilio-Signature"
#: Query field with the SHA-256 of a body that is not a form; the signature then covers the address alone.
BODY_HASH = "bodySHA256"
_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}
_TWIN = {"wss": "https", "ws": "http"}


def signature(auth_token: str, url: str, fields: Fields = ()) -> str:
    """What Twilio writes into the header. `fields` are the decoded pairs of a posted form; a pair sent twice counts once."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(auth_token.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha1)
    return base64.b64encode(digest.digest()).decode()


def body_hash(body: bytes) -> str:
    """As Twilio puts it into the query of a request whose body is not a form."""
    return hashlib.sha256(body).hexdigest()


def is_genuine(
    auth_tokens: Iterable[str], url: str, given: str, fields: Fields = (), body: bytes | None = None
) -> bool:
    """Whether `given` was made for this request with one of `auth_tokens` (two while a token is being exchanged).

    Give `fields` for a form (none for a GET and a WebSocket's handshake, whose query is part of `url`), `body` for anything
    else that is posted. An empty token makes nothing genuine.
    """
    if body is not None and not _body_matches(url, body):
        return False
    tokens = [token for token in auth_tokens if token]
    ours = [signature(token, spelling, fields) for token in tokens for spelling in _spellings(url)]
    # Every one is compared, in constant time, so that the time taken says nothing.
    return sum(hmac.compare_digest(one.encode(), given.encode("utf-8", "replace")) for one in ours) > 0


def _body_matches(url: str, body: bytes) -> bool:
    named = parse_qs(urlsplit(url).query).get(BODY_HASH, [""])[0]
    return hmac.compare_digest(named.lower().encode("utf-8", "replace"), body_hash(body).encode())


def _spellings(url: str) -> Iterator[str]:
    """The ways in which Twilio is known to write one address: with and without its port; for a WebSocket also with a final
    slash and as the http address that its handshake goes to."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    bare = {f"{host}:{parts.port or _PORTS.get(parts.scheme, 80)}", host, parts.netloc}
    schemes = {parts.scheme, _TWIN.get(parts.scheme, parts.scheme)}
    paths = {parts.path, parts.path.rstrip("/") + "/"} if parts.scheme in _TWIN else {parts.path}
    for scheme in schemes:
        for netloc in bare:
            for path in paths:
                yield urlunsplit((scheme, netloc, path, parts.query, ""))
