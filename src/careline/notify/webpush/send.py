"""Encrypts a letter for each browser of a person and posts it to that browser's push service."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import aiohttp
import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from careline.notify.webpush.keys import allowed
from careline.ports import Attempt, Outcome

if TYPE_CHECKING:
    from careline.notify.webpush.keys import SendingKey
    from careline.ports import Letter

_RECORD = 4096


class PushMessenger:
    def __init__(self, key: SendingKey, contact: str, hosts: tuple[str, ...]) -> None:
        self._key, self._contact, self._hosts = key, contact, hosts

    async def send(self, letter: Letter, timeout_s: float) -> Attempt:
        """To all browsers at once, at most `timeout_s` in all. `gone` of the attempt holds endpoints to remove."""
        browsers = cast("list[dict[str, object]]", json.loads(letter.to))
        if not browsers:
            return Attempt(Outcome.FAILED, reason="no browser is subscribed")
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout_s)) as http:
            tries = await asyncio.gather(*(self._one(http, letter, one) for one in browsers))
        gone = tuple(address for attempt in tries for address in attempt.gone)
        best = min(tries, key=lambda attempt: _ORDER.index(attempt.outcome))
        return Attempt(best.outcome, best.reference, best.reason, gone=gone)

    async def _one(self, http: aiohttp.ClientSession, letter: Letter, browser: dict[str, object]) -> Attempt:
        endpoint = str(browser.get("endpoint", ""))
        if not allowed(endpoint, self._hosts):
            return Attempt(Outcome.FAILED, reason="not an address of a push service", gone=(endpoint,))
        try:
            body = encrypted(browser, payload(letter))
        except (ValueError, TypeError, http_ece.ECEException):
            return Attempt(Outcome.FAILED, reason="the browser's keys are no keys", gone=(endpoint,))
        headers = {
            "Authorization": self._key.authorization(endpoint, self._contact, datetime.now(UTC)),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(letter.seconds),
            "Urgency": "high",
            "Topic": topic(letter),
        }
        try:  # no redirects: one would lead off the list of push services
            async with http.post(endpoint, data=body, headers=headers, allow_redirects=False) as answer:
                return _meant(answer.status, answer.headers.get("Location", ""), endpoint)
        except TimeoutError:
            return Attempt(Outcome.RETRY, reason="the push service did not answer in time")
        except aiohttp.ClientError as error:
            return Attempt(Outcome.RETRY, reason=f"no answer from the push service ({type(error).__name__})")


_ORDER = (Outcome.DELIVERED, Outcome.RETRY, Outcome.FAILED)


def payload(letter: Letter) -> bytes:
    """What the service worker shows: no patient data, and the link it opens when touched."""
    shown = {"title": letter.subject, "body": letter.body, "url": letter.link, "tag": topic(letter)}
    return json.dumps(shown, ensure_ascii=False).encode()


def topic(letter: Letter) -> str:
    """Letters about one thing (its link) replace each other while a telephone is switched off (RFC 8030: 32 characters)."""
    return base64.urlsafe_b64encode(hashlib.sha256((letter.link or letter.key).encode()).digest())[:32].decode()


def encrypted(browser: dict[str, object], content: bytes) -> bytes:
    """RFC 8291 for this browser's keys. Raises ValueError, TypeError or ECEException when they are none."""
    keys = browser.get("keys")
    if not isinstance(keys, dict):
        raise TypeError("no keys")
    named = cast("dict[str, object]", keys)
    return http_ece.encrypt(
        content,
        salt=os.urandom(16),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_bytes(named.get("p256dh")),
        auth_secret=_bytes(named.get("auth")),
        rs=_RECORD,
        version="aes128gcm",
    )


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("a key is a text")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _meant(status: int, reference: str, endpoint: str) -> Attempt:
    if status in (200, 201, 202, 204):
        return Attempt(Outcome.DELIVERED, reference=reference.rpartition("/")[2][:120])
    if status in (404, 410):
        return Attempt(Outcome.FAILED, reason=f"the subscription is over ({status})", gone=(endpoint,))
    if status == 429 or status >= 500:
        return Attempt(Outcome.RETRY, reason=f"the push service answered {status}")
    return Attempt(Outcome.FAILED, reason=f"the push service refused it ({status})")
